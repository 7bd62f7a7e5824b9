-- Integers: their ends, what they do beyond them, and what the number in INT(11) does.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:make]
CREATE TABLE ends (t TINYINT, tu TINYINT UNSIGNED, s SMALLINT, su SMALLINT UNSIGNED,
                   m MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT, iu INT UNSIGNED,
                   b BIGINT, bu BIGINT UNSIGNED);
-- IGNORE stores the nearest value that fits.
INSERT IGNORE INTO ends VALUES
  (1e30, 1e30, 1e30, 1e30, 1e30, 1e30, 1e30, 1e30, 1e30, 1e30),
  (-1e30, -1e30, -1e30, -1e30, -1e30, -1e30, -1e30, -1e30, -1e30, -1e30);
-- MyISAM keeps such rows at a fixed length: one byte, then the columns.
CREATE TABLE size_tinyint   (a BIGINT NOT NULL, v TINYINT NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_smallint  (a BIGINT NOT NULL, v SMALLINT NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_mediumint (a BIGINT NOT NULL, v MEDIUMINT NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_int       (a BIGINT NOT NULL, v INT NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_bigint    (a BIGINT NOT NULL, v BIGINT NOT NULL) ENGINE=MyISAM;
INSERT INTO size_tinyint VALUES (1, 1);
INSERT INTO size_smallint VALUES (1, 1);
INSERT INTO size_mediumint VALUES (1, 1);
INSERT INTO size_int VALUES (1, 1);
INSERT INTO size_bigint VALUES (1, 1);
-- --8<-- [end:make]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:ranges]
SELECT 'TINYINT' AS type, MIN(t) AS lowest, MAX(t) AS highest,
       MAX(tu) AS `highest UNSIGNED` FROM ends
UNION ALL SELECT 'SMALLINT', MIN(s), MAX(s), MAX(su) FROM ends
UNION ALL SELECT 'MEDIUMINT', MIN(m), MAX(m), MAX(mu) FROM ends
UNION ALL SELECT 'INT', MIN(i), MAX(i), MAX(iu) FROM ends
UNION ALL SELECT 'BIGINT', MIN(b), MAX(b), MAX(bu) FROM ends;
-- --8<-- [end:ranges]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:bytes]
SELECT SUBSTRING(table_name, 6) AS type, avg_row_length - 9 AS bytes
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name LIKE 'size%'
ORDER BY bytes;
-- --8<-- [end:bytes]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:over-make]
CREATE TABLE halls (seats TINYINT UNSIGNED);
INSERT INTO halls VALUES (0), (255);
-- --8<-- [end:over-make]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:over-red]
INSERT INTO halls VALUES (256);
INSERT INTO halls VALUES (-1);
-- --8<-- [end:over-red]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:over-cure]
ALTER TABLE halls MODIFY seats SMALLINT UNSIGNED;
INSERT INTO halls VALUES (256);
SELECT * FROM halls;
-- --8<-- [end:over-cure]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:clip]
SET sql_mode = '';
INSERT INTO halls VALUES (70000), (-1), ('12 seats'), ('full');
SET sql_mode = DEFAULT;
SELECT * FROM halls;
-- --8<-- [end:clip]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:width]
CREATE TABLE widths (five INT(5), padded INT(5) ZEROFILL);
INSERT INTO widths VALUES (123456789, 42);
SELECT * FROM widths;
-- --8<-- [end:width]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:width-kept]
SELECT column_name AS `column`, column_type AS type
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'widths';
-- --8<-- [end:width-kept]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:end-make]
CREATE TABLE tickets (
  id TINYINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title VARCHAR(50)
);
INSERT INTO tickets VALUES (127, 'the last that fits');
-- --8<-- [end:end-make]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:end-red]
INSERT INTO tickets (title) VALUES ('one more');
-- --8<-- [end:end-red]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:end-look]
SELECT c.column_type AS type, t.auto_increment AS next,
       (SELECT MAX(id) FROM tickets) AS highest
FROM information_schema.tables t
JOIN information_schema.columns c USING (table_schema, table_name)
WHERE table_schema = DATABASE() AND table_name = 'tickets'
  AND c.extra = 'auto_increment';
-- --8<-- [end:end-look]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:end-cure]
ALTER TABLE tickets MODIFY id BIGINT NOT NULL AUTO_INCREMENT;
INSERT INTO tickets (title) VALUES ('one more');
SELECT * FROM tickets;
-- --8<-- [end:end-cure]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:minus-make]
CREATE TABLE stock (have INT UNSIGNED, sold INT UNSIGNED);
INSERT INTO stock VALUES (3, 5);
-- --8<-- [end:minus-make]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:minus-red]
SELECT have - sold AS remaining FROM stock;
-- --8<-- [end:minus-red]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:minus-cure]
SELECT CAST(have AS SIGNED) - CAST(sold AS SIGNED) AS remaining FROM stock;
-- --8<-- [end:minus-cure]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE ends, size_tinyint, size_smallint, size_mediumint, size_int, size_bigint;
DROP TABLE halls, widths, tickets, stock;
-- --8<-- [end:undo]
