-- MySQL's and MariaDB's errors about types: each provoked, then cured.

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:long-red]
CREATE TABLE members (name VARCHAR(10) NOT NULL, age INT, born DATE, nick VARCHAR(20)
                      CHARACTER SET latin1, paid DECIMAL(6,2), code VARCHAR(10));
INSERT INTO members (name) VALUES ('Maximiliane');
SHOW WARNINGS;
-- --8<-- [end:long-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:long-cure]
ALTER TABLE members MODIFY name VARCHAR(50) NOT NULL;
INSERT INTO members (name) VALUES ('Maximiliane');
SELECT name FROM members;
-- --8<-- [end:long-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:range-red]
INSERT INTO members (name, paid) VALUES ('Ann', 10000);
-- --8<-- [end:range-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:range-cure]
ALTER TABLE members MODIFY paid DECIMAL(8,2);
INSERT INTO members (name, paid) VALUES ('Ann', 10000);
SELECT name, paid FROM members WHERE paid IS NOT NULL;
-- --8<-- [end:range-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:integer-red]
INSERT INTO members (name, age) VALUES ('Bo', '');
-- --8<-- [end:integer-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:integer-cure]
INSERT INTO members (name, age) VALUES ('Bo', NULLIF('', ''));
SELECT name, age FROM members WHERE name = 'Bo';
-- --8<-- [end:integer-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:string-red]
INSERT INTO members (name, nick) VALUES ('Cy', '漢');
-- --8<-- [end:string-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:string-cure]
ALTER TABLE members MODIFY nick VARCHAR(20) CHARACTER SET utf8mb4;
INSERT INTO members (name, nick) VALUES ('Cy', '漢');
SELECT name, nick FROM members WHERE name = 'Cy';
-- --8<-- [end:string-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:date-red]
INSERT INTO members (name, born) VALUES ('Di', '31.12.1999');
-- --8<-- [end:date-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:date-cure]
INSERT INTO members (name, born)
VALUES ('Di', STR_TO_DATE('31.12.1999', '%d.%m.%Y'));
SELECT name, born FROM members WHERE name = 'Di';
-- --8<-- [end:date-cure]

-- effect: destroys
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:truncated-red]
UPDATE members SET code = 'x1';
UPDATE members SET paid = 1 WHERE code = 7;
-- --8<-- [end:truncated-red]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:truncated-cure]
UPDATE members SET paid = 1 WHERE code = '7';
SELECT COUNT(*) AS rows_left FROM members WHERE paid = 1;
-- --8<-- [end:truncated-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:null-red]
INSERT INTO members (name) VALUES (NULL);
-- --8<-- [end:null-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:null-cure]
INSERT INTO members (name) VALUES (COALESCE(NULL, 'unknown'));
SELECT name FROM members WHERE name = 'unknown';
-- --8<-- [end:null-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:missing-red]
INSERT INTO members (age) VALUES (30);
-- --8<-- [end:missing-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:missing-cure]
ALTER TABLE members ALTER name SET DEFAULT 'unknown';
INSERT INTO members (age) VALUES (30);
SELECT name, age FROM members WHERE age = 30;
-- --8<-- [end:missing-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:zone-red]
SET time_zone = 'Asia/Tokyo';
-- --8<-- [end:zone-red]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:zone-cure]
SET time_zone = '+09:00';
SELECT @@time_zone;
SET time_zone = DEFAULT;
-- --8<-- [end:zone-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:big-red]
CREATE TABLE letters (body CHAR(300));
-- --8<-- [end:big-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:big-cure]
CREATE TABLE letters (body VARCHAR(300));
-- --8<-- [end:big-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:row-red]
CREATE TABLE reports (head VARCHAR(10000), body VARCHAR(10000));
-- --8<-- [end:row-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:row-cure]
CREATE TABLE reports (head VARCHAR(10000), body TEXT);
-- --8<-- [end:row-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:inline-red]
CREATE TABLE forms (
  a CHAR(255), b CHAR(255), c CHAR(255), d CHAR(255), e CHAR(255), f CHAR(255),
  g CHAR(255), h CHAR(255), i CHAR(255), j CHAR(255), k CHAR(255), l CHAR(255),
  m CHAR(255), n CHAR(255), o CHAR(255), p CHAR(255), q CHAR(255), r CHAR(255),
  s CHAR(255), t CHAR(255), u CHAR(255), v CHAR(255), w CHAR(255), x CHAR(255),
  y CHAR(255), z CHAR(255), aa CHAR(255), bb CHAR(255), cc CHAR(255), dd CHAR(255),
  ee CHAR(255), ff CHAR(255)
) CHARACTER SET latin1;
-- --8<-- [end:inline-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:inline-cure]
CREATE TABLE forms (
  a VARCHAR(256), b VARCHAR(256), c VARCHAR(256), d VARCHAR(256), e VARCHAR(256),
  f VARCHAR(256), g VARCHAR(256), h VARCHAR(256), i VARCHAR(256), j VARCHAR(256),
  k VARCHAR(256), l VARCHAR(256), m VARCHAR(256), n VARCHAR(256), o VARCHAR(256),
  p VARCHAR(256), q VARCHAR(256), r VARCHAR(256), s VARCHAR(256), t VARCHAR(256),
  u VARCHAR(256), v VARCHAR(256), w VARCHAR(256), x VARCHAR(256), y VARCHAR(256),
  z VARCHAR(256), aa VARCHAR(256), bb VARCHAR(256), cc VARCHAR(256), dd VARCHAR(256),
  ee VARCHAR(256), ff VARCHAR(256)
) CHARACTER SET latin1;
-- --8<-- [end:inline-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:key-red]
CREATE TABLE links (url VARCHAR(800) PRIMARY KEY);
-- --8<-- [end:key-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:key-cure]
CREATE TABLE links (url VARCHAR(800) CHARACTER SET ascii PRIMARY KEY);
-- --8<-- [end:key-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:length-red]
CREATE TABLE posts (body TEXT PRIMARY KEY);
-- --8<-- [end:length-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:length-cure]
CREATE TABLE posts (id BIGINT AUTO_INCREMENT PRIMARY KEY, body TEXT, KEY (body(20)));
-- --8<-- [end:length-cure]

-- effect: reads
-- on: mysql
-- exit: 1
-- --8<-- [start:default-red]
CREATE TABLE drafts (body TEXT DEFAULT 'nothing yet');
-- --8<-- [end:default-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:default-cure]
CREATE TABLE drafts (body TEXT DEFAULT ('nothing yet'));
-- --8<-- [end:default-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:invalid-red]
CREATE TABLE offers (starts DATE DEFAULT '2026-02-30');
-- --8<-- [end:invalid-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:invalid-cure]
CREATE TABLE offers (starts DATE DEFAULT (CURRENT_DATE));
-- --8<-- [end:invalid-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:precision-red]
CREATE TABLE sums (v DECIMAL(66,2));
-- --8<-- [end:precision-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:precision-cure]
CREATE TABLE sums (v DECIMAL(65,2));
-- --8<-- [end:precision-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:scale-red]
CREATE TABLE shares (v DECIMAL(65,39));
-- --8<-- [end:scale-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:scale-cure]
CREATE TABLE shares (v DECIMAL(65,30));
-- --8<-- [end:scale-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:more-red]
CREATE TABLE rates (v DECIMAL(5,6));
-- --8<-- [end:more-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:more-cure]
CREATE TABLE rates (v DECIMAL(7,6));
-- --8<-- [end:more-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:auto-red]
CREATE TABLE tickets (id INT AUTO_INCREMENT, title VARCHAR(50));
-- --8<-- [end:auto-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:auto-cure]
CREATE TABLE tickets (id INT AUTO_INCREMENT PRIMARY KEY, title VARCHAR(50));
-- --8<-- [end:auto-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:specifier-red]
CREATE TABLE orders (id DECIMAL(10) AUTO_INCREMENT PRIMARY KEY);
-- --8<-- [end:specifier-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:specifier-cure]
CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY);
-- --8<-- [end:specifier-cure]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:foreign-red]
CREATE TABLE items (order_id INT, FOREIGN KEY (order_id) REFERENCES orders (id));
-- --8<-- [end:foreign-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:foreign-cure]
CREATE TABLE items (order_id BIGINT, FOREIGN KEY (order_id) REFERENCES orders (id));
-- --8<-- [end:foreign-cure]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE members, letters, reports, forms, links, posts, drafts, offers;
DROP TABLE sums, shares, rates, tickets, items, orders;
-- --8<-- [end:undo]
