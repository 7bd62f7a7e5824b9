-- TEXT and BLOB: what they hold, defaults, indexes, comparisons.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:limits]
CREATE TABLE files (a TINYTEXT, b TEXT, c MEDIUMTEXT, d LONGTEXT,
                    e TINYBLOB, f BLOB, g MEDIUMBLOB, h LONGBLOB);
SELECT column_type AS type, character_octet_length AS bytes,
       character_set_name AS charset
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'files'
ORDER BY ordinal_position;
-- --8<-- [end:limits]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:edge]
INSERT INTO files (a) VALUES (REPEAT('a', 255));
INSERT INTO files (a) VALUES (REPEAT('漢', 85));
INSERT INTO files (a) VALUES (REPEAT('漢', 86));
SELECT CHAR_LENGTH(a), LENGTH(a) FROM files;
-- --8<-- [end:edge]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:packet]
SELECT @@max_allowed_packet AS bytes;
-- --8<-- [end:packet]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:size]
CREATE TABLE sized (a TEXT(63), b TEXT(64), c TEXT(20000), d BLOB(70000));
INSERT INTO sized (a) VALUES (REPEAT('a', 255));
SELECT column_name AS `column`, column_type AS type
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'sized'
ORDER BY ordinal_position;
-- --8<-- [end:size]

-- effect: changes
-- on: mariadb
-- --8<-- [start:default-bare]
CREATE TABLE greetings (body TEXT DEFAULT 'hello');
-- --8<-- [end:default-bare]

-- effect: reads
-- on: mysql
-- exit: 1
-- --8<-- [start:default-red]
CREATE TABLE greetings (body TEXT DEFAULT 'hello');
-- --8<-- [end:default-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:default]
CREATE TABLE letters (body TEXT DEFAULT ('hello'), more BLOB DEFAULT ('x'));
INSERT INTO letters () VALUES ();
SELECT body, LENGTH(more) FROM letters;
-- --8<-- [end:default]

-- effect: changes
-- on: mariadb mysql
-- exit: mariadb 0, mysql 1
-- --8<-- [start:whole]
CREATE TABLE essays (body TEXT, KEY (body));
CREATE TABLE titles (title VARCHAR(768), KEY (title));
CREATE TABLE long_titles (title VARCHAR(769), KEY (title));
SELECT table_name AS `table`, index_name AS `key`, sub_part AS prefix
FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1;
-- --8<-- [end:whole]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:prefix]
CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, body TEXT NOT NULL,
                    KEY body (body(20)));
INSERT INTO notes (body)
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
SELECT CONCAT('note ', LPAD(i, 5, '0')) FROM n;
-- --8<-- [end:prefix]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:used]
EXPLAIN FORMAT=TRADITIONAL SELECT body FROM notes WHERE body = 'note 00123';
EXPLAIN FORMAT=TRADITIONAL SELECT body FROM notes WHERE body LIKE 'note 0012%';
-- --8<-- [end:used]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:unique]
CREATE TABLE pages (
  body TEXT NOT NULL,
  hash BINARY(32) AS (UNHEX(SHA2(body, 256))) STORED,
  UNIQUE (hash)
);
INSERT INTO pages (body) VALUES ('the same');
INSERT INTO pages (body) VALUES ('the same');
SELECT body, HEX(hash) FROM pages;
-- --8<-- [end:unique]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:bytes]
CREATE TABLE blobs (b BLOB, t TEXT, u TEXT COLLATE utf8mb4_bin);
INSERT INTO blobs VALUES ('Hello', 'Hello', 'Hello');
SELECT b = 'hello', t = 'hello', u = 'hello', LOWER(b), LOWER(t) FROM blobs;
-- --8<-- [end:bytes]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:part]
SELECT LENGTH(b), SUBSTRING(b, 2, 3), HEX(LEFT(b, 2)),
       LOWER(CONVERT(b USING utf8mb4)) FROM blobs;
-- --8<-- [end:part]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE files, sized, letters, titles, notes, pages, blobs;
-- --8<-- [end:undo]

-- effect: destroys
-- on: mariadb
-- --8<-- [start:undo-mariadb]
DROP TABLE greetings, essays, long_titles;
-- --8<-- [end:undo-mariadb]
