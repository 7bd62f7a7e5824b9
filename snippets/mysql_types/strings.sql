-- CHAR and VARCHAR: characters and bytes, trailing spaces, case, and the limits of a row.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:length]
CREATE TABLE words (c CHAR(5), v VARCHAR(5));
INSERT INTO words VALUES ('Zoë', 'Zoë'), ('漢字', '漢字'), ('ab  ', 'ab  ');
SELECT v, CHAR_LENGTH(c), LENGTH(c), CHAR_LENGTH(v), LENGTH(v) FROM words;
-- --8<-- [end:length]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:padded]
SET sql_mode = 'PAD_CHAR_TO_FULL_LENGTH';
SELECT v, CHAR_LENGTH(c), LENGTH(c), CHAR_LENGTH(v), LENGTH(v) FROM words;
SET sql_mode = DEFAULT;
-- --8<-- [end:padded]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:compare]
SELECT c = 'ab', v = 'ab', v LIKE 'ab', v = 'ab' COLLATE utf8mb4_bin AS in_bin
FROM words WHERE v LIKE 'ab%';
-- --8<-- [end:compare]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:case]
SELECT 'a' = 'A', 'o' = 'ö' AS `o = o umlaut`, 'ss' = 'ß' AS `ss = sharp s`,
       '😀' = '🍣' AS `face = fish`, @@collation_connection AS collation;
-- --8<-- [end:case]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:case-bin]
SET collation_connection = utf8mb4_bin;
SELECT 'a' = 'A', 'o' = 'ö' AS `o = o umlaut`, 'ss' = 'ß' AS `ss = sharp s`,
       '😀' = '🍣' AS `face = fish`, @@collation_connection AS collation;
SET collation_connection = @@collation_database;
-- --8<-- [end:case-bin]

-- effect: changes
-- on: mariadb mysql
-- exit: mariadb 1, mysql 0
-- --8<-- [start:unique]
CREATE TABLE users (name VARCHAR(20) UNIQUE);
INSERT INTO users VALUES ('zoe');
INSERT INTO users VALUES ('zoe ');
SELECT name, LENGTH(name) FROM users;
-- --8<-- [end:unique]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:unique-bin]
CREATE TABLE logins (name VARCHAR(20) COLLATE utf8mb4_bin UNIQUE);
INSERT INTO logins VALUES ('zoe'), ('ZOE'), ('zoë');
SELECT name FROM logins ORDER BY name;
-- --8<-- [end:unique-bin]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:longest]
CREATE TABLE longest (v VARCHAR(16383));
CREATE TABLE longer (v VARCHAR(16384));
CREATE TABLE longest_latin1 (v VARCHAR(65532)) CHARACTER SET latin1;
CREATE TABLE longer_latin1 (v VARCHAR(65533)) CHARACTER SET latin1;
CREATE TABLE two (v VARCHAR(10000), w VARCHAR(10000));
-- --8<-- [end:longest]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:turned]
SET sql_mode = '';
CREATE TABLE turned (v VARCHAR(16384));
SET sql_mode = DEFAULT;
SELECT column_type AS type FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'turned';
-- --8<-- [end:turned]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:prefix]
-- 1 + 63 * 4 and 2 + 65280 bytes: 65535.
CREATE TABLE one_byte (v VARCHAR(63) NOT NULL,
                       fill VARCHAR(65280) CHARACTER SET latin1 NOT NULL);
-- 2 + 64 * 4 and 2 + 65275 bytes: 65535.
CREATE TABLE two_bytes (v VARCHAR(64) NOT NULL,
                        fill VARCHAR(65275) CHARACTER SET latin1 NOT NULL);
-- One more.
CREATE TABLE too_large (v VARCHAR(64) NOT NULL,
                        fill VARCHAR(65276) CHARACTER SET latin1 NOT NULL);
-- --8<-- [end:prefix]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:size-make]
CREATE TABLE size_char_latin1 (a BIGINT NOT NULL, v CHAR(4) NOT NULL)
  ENGINE=MyISAM CHARACTER SET latin1;
CREATE TABLE size_char_utf8mb4 (a BIGINT NOT NULL, v CHAR(4) NOT NULL)
  ENGINE=MyISAM CHARACTER SET utf8mb4;
CREATE TABLE size_char_200 (a BIGINT NOT NULL, v CHAR(200) NOT NULL)
  ENGINE=MyISAM CHARACTER SET latin1;
CREATE TABLE size_varchar_200 (a BIGINT NOT NULL, v VARCHAR(200) NOT NULL)
  ENGINE=MyISAM CHARACTER SET latin1;
INSERT INTO size_char_latin1 VALUES (1, 'ab');
INSERT INTO size_char_utf8mb4 VALUES (1, 'ab');
INSERT INTO size_char_200 VALUES (1, 'ab');
INSERT INTO size_varchar_200 VALUES (1, 'ab');
-- --8<-- [end:size-make]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:size]
SELECT SUBSTRING(table_name, 6) AS type, row_format AS format, avg_row_length AS bytes
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name LIKE 'size%'
ORDER BY bytes;
-- --8<-- [end:size]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE words, users, logins, longest, longest_latin1, turned, one_byte, two_bytes;
DROP TABLE size_char_latin1, size_char_utf8mb4, size_char_200, size_varchar_200;
-- --8<-- [end:undo]
