-- DATE, TIME, DATETIME, TIMESTAMP: ranges, zones, fractions, defaults.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:zones]
CREATE TABLE events (wall DATETIME, moment TIMESTAMP NULL);
SET time_zone = '+00:00';
INSERT INTO events VALUES ('2026-06-01 12:00:00', '2026-06-01 12:00:00');
SET time_zone = 'Europe/Berlin';
SELECT wall, moment, @@time_zone FROM events;
SET time_zone = 'America/New_York';
SELECT wall, moment, @@time_zone FROM events;
SET time_zone = DEFAULT;
-- --8<-- [end:zones]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:edges]
CREATE TABLE edges (d DATE, dt DATETIME, ts TIMESTAMP NULL, t TIME, y YEAR);
INSERT INTO edges VALUES
  ('1000-01-01', '1000-01-01 00:00:00', '1970-01-01 00:00:01', '-838:59:59', 1901),
  ('9999-12-31', '9999-12-31 23:59:59', '2038-01-19 03:14:07', '838:59:59', 2155);
INSERT INTO edges (d) VALUES ('10000-01-01');
INSERT INTO edges (ts) VALUES ('1970-01-01 00:00:00');
INSERT INTO edges (ts) VALUES ('2038-01-19 03:14:08');
INSERT INTO edges (t) VALUES ('839:00:00');
INSERT INTO edges (y) VALUES (2156);
SELECT * FROM edges;
-- --8<-- [end:edges]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:longer]
CREATE TABLE contracts (id INT PRIMARY KEY, ends TIMESTAMP NULL);
INSERT INTO contracts VALUES (1, '2037-12-31 23:00:00');
SET time_zone = '+00:00';
ALTER TABLE contracts MODIFY ends DATETIME;
SET time_zone = DEFAULT;
INSERT INTO contracts VALUES (2, '2045-06-30 22:00:00');
SELECT * FROM contracts;
-- --8<-- [end:longer]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:size-make]
CREATE TABLE size_date        (a BIGINT NOT NULL, v DATE NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_time        (a BIGINT NOT NULL, v TIME NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_year        (a BIGINT NOT NULL, v YEAR NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_datetime    (a BIGINT NOT NULL, v DATETIME NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_datetime_6  (a BIGINT NOT NULL, v DATETIME(6) NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_timestamp   (a BIGINT NOT NULL, v TIMESTAMP NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_timestamp_3 (a BIGINT NOT NULL, v TIMESTAMP(3) NOT NULL)
  ENGINE=MyISAM;
INSERT INTO size_date VALUES (1, '2026-06-01');
INSERT INTO size_time VALUES (1, '12:00:00');
INSERT INTO size_year VALUES (1, 2026);
INSERT INTO size_datetime VALUES (1, '2026-06-01 12:00:00');
INSERT INTO size_datetime_6 VALUES (1, '2026-06-01 12:00:00');
INSERT INTO size_timestamp VALUES (1, '2026-06-01 12:00:00');
INSERT INTO size_timestamp_3 VALUES (1, '2026-06-01 12:00:00');
-- --8<-- [end:size-make]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:size]
SELECT SUBSTRING(table_name, 6) AS type, avg_row_length - 9 AS bytes
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name LIKE 'size%'
ORDER BY bytes, type;
-- --8<-- [end:size]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:fraction]
CREATE TABLE ticks (none DATETIME, three DATETIME(3), six DATETIME(6));
INSERT INTO ticks VALUES
  ('2026-12-31 23:59:59.9996', '2026-12-31 23:59:59.9996', '2026-12-31 23:59:59.9996');
SELECT * FROM ticks;
-- --8<-- [end:fraction]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:auto]
CREATE TABLE posts (
  title   VARCHAR(50),
  plain   TIMESTAMP,
  made    TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  changed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
);
INSERT INTO posts (title) VALUES ('first');
UPDATE posts SET made = '2001-01-01', changed = '2001-01-01';
UPDATE posts SET title = 'first';
SELECT title, plain, YEAR(made) > 2001, YEAR(changed) > 2001 FROM posts;
UPDATE posts SET title = 'second';
SELECT title, plain, YEAR(made) > 2001, YEAR(changed) > 2001 FROM posts;
-- --8<-- [end:auto]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:old]
SET explicit_defaults_for_timestamp = OFF;
CREATE TABLE old_posts (title VARCHAR(50), plain TIMESTAMP);
SET explicit_defaults_for_timestamp = DEFAULT;
SELECT is_nullable AS `null`, LOWER(LEFT(column_default, 17)) AS `default`,
       LOWER(LEFT(REPLACE(extra, 'DEFAULT_GENERATED ', ''), 27)) AS extra
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'old_posts' AND column_name = 'plain';
-- --8<-- [end:old]

-- effect: changes
-- on: mariadb mysql
-- exit: mariadb 0, mysql 1
-- --8<-- [start:zero]
CREATE TABLE people (born DATE);
INSERT INTO people VALUES ('0000-00-00');
INSERT INTO people VALUES ('1970-00-00');
SELECT * FROM people;
-- --8<-- [end:zero]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:zero-lax]
DELETE FROM people;
SET sql_mode = '';
INSERT INTO people VALUES ('2026-02-30'), ('yesterday'), ('1970-00-00');
SELECT * FROM people;
SET sql_mode = DEFAULT;
-- --8<-- [end:zero-lax]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:zero-cure]
SET sql_mode = '';
UPDATE people SET born = NULL WHERE born = 0;
SET sql_mode = DEFAULT;
SELECT COUNT(*) AS rows_left, COUNT(born) AS dates FROM people;
-- --8<-- [end:zero-cure]

-- effect: changes
-- on: mariadb mysql
-- exit: mariadb 1, mysql 0
-- --8<-- [start:format]
CREATE TABLE days (day DATE, written VARCHAR(20));
INSERT INTO days VALUES ('2026-07-04', '2026-07-04');
INSERT INTO days VALUES ('2026-7-4', '2026-7-4');
INSERT INTO days VALUES (20260704, '20260704');
INSERT INTO days VALUES ('26-7-4', '26-7-4');
INSERT INTO days VALUES ('04.07.2019', '04.07.2019');
SELECT * FROM days;
-- --8<-- [end:format]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:dst]
CREATE TABLE jobs (at TIMESTAMP NULL);
SET time_zone = 'Europe/Berlin';
INSERT INTO jobs VALUES ('2026-03-29 02:30:00');
INSERT INTO jobs VALUES ('2026-10-25 02:30:00');
SET time_zone = '+00:00';
INSERT INTO jobs VALUES ('2026-10-25 01:30:00');
SET time_zone = 'Europe/Berlin';
SELECT at, UNIX_TIMESTAMP(at) FROM jobs ORDER BY 2;
SET time_zone = DEFAULT;
-- --8<-- [end:dst]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE events, edges, contracts, ticks, posts, old_posts, people, days, jobs;
DROP TABLE size_date, size_time, size_year, size_datetime, size_datetime_6;
DROP TABLE size_timestamp, size_timestamp_3;
-- --8<-- [end:undo]
