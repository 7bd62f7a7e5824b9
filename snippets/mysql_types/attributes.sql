-- NULL, DEFAULT, CHECK and what else a column can say of itself.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:table]
CREATE TABLE people (
  id      INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
  name    VARCHAR(20) NOT NULL,
  country CHAR(2) NOT NULL DEFAULT 'DE',
  token   CHAR(36) NOT NULL DEFAULT (UUID()),
  trial   DATE DEFAULT (CURRENT_DATE + INTERVAL 14 DAY),
  percent INT CHECK (percent BETWEEN 0 AND 100),
  nick    VARCHAR(20) CHARACTER SET latin1
);
INSERT INTO people (name) VALUES ('Ann'), ('');
SELECT id, name, country, LENGTH(token), DATEDIFF(trial, CURRENT_DATE) AS days, nick
FROM people;
-- --8<-- [end:table]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:refused]
INSERT INTO people (nick) VALUES ('bo');
UPDATE people SET name = NULL;
UPDATE people SET percent = 101;
UPDATE people SET nick = '漢';
-- --8<-- [end:refused]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:null]
CREATE TABLE answers (answer INT UNIQUE);
INSERT INTO answers VALUES (1), (NULL), (NULL);
SELECT COUNT(*), COUNT(answer), AVG(answer), SUM(answer <> 1) AS others FROM answers;
SELECT COUNT(*) AS in_list FROM answers WHERE answer NOT IN (2, NULL);
SELECT NULL = NULL, NULL <=> NULL, CONCAT('a', NULL), COALESCE(NULL, 'none');
-- --8<-- [end:null]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:lax]
CREATE TABLE staff (name VARCHAR(20) NOT NULL, age INT NOT NULL);
SET sql_mode = '';
INSERT INTO staff (name) VALUES ('Ann');
INSERT INTO staff VALUES ('Bo', 40), (NULL, NULL);
SET sql_mode = DEFAULT;
SELECT * FROM staff;
-- --8<-- [end:lax]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:boolean]
CREATE TABLE flags (loose BOOLEAN, firm BOOLEAN CHECK (firm IN (0, 1)));
INSERT INTO flags (loose) VALUES (2);
INSERT INTO flags (firm) VALUES (2);
SELECT loose, loose = TRUE, loose IS TRUE FROM flags;
-- --8<-- [end:boolean]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:unsigned]
CREATE TABLE prices (old DECIMAL(8,2) UNSIGNED, new DECIMAL(8,2) CHECK (new >= 0));
INSERT INTO prices (old) VALUES (-1);
INSERT INTO prices (new) VALUES (-1);
-- --8<-- [end:unsigned]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:generated]
CREATE TABLE boxes (w INT, h INT, area INT AS (w * h) STORED, KEY (area));
INSERT INTO boxes (w, h) VALUES (3, 4);
INSERT INTO boxes (w, h, area) VALUES (3, 4, 13);
SELECT * FROM boxes;
-- --8<-- [end:generated]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE people, answers, staff, flags, prices, boxes;
-- --8<-- [end:undo]
