-- DECIMAL keeps what you wrote, DOUBLE and FLOAT the nearest binary number.

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:equal]
SELECT 0.1 + 0.2 = 0.3       AS `as DECIMAL`,
       0.1e0 + 0.2e0 = 0.3e0 AS `as DOUBLE`,
       0.1e0 + 0.2e0         AS `the DOUBLE`;
-- --8<-- [end:equal]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:sum-make]
CREATE TABLE bills (exact DECIMAL(10,2), near DOUBLE);
INSERT INTO bills VALUES (0.10, 0.10), (0.10, 0.10), (0.10, 0.10), (0.10, 0.10),
  (0.10, 0.10), (0.10, 0.10), (0.10, 0.10), (0.10, 0.10), (0.10, 0.10), (0.10, 0.10);
-- --8<-- [end:sum-make]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:sum]
SELECT SUM(exact), SUM(near), SUM(exact) = 1, SUM(near) = 1 FROM bills;
-- --8<-- [end:sum]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:digits-make]
CREATE TABLE numbers (f FLOAT, d DOUBLE, n DECIMAL(25,8));
INSERT INTO numbers VALUES (1.23456789, 1.23456789, 1.23456789),
  (16777217, 16777217, 16777217),
  (9007199254740993, 9007199254740993, 9007199254740993);
-- --8<-- [end:digits-make]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:digits]
SELECT f, CAST(f AS DECIMAL(25,8)) AS `in the FLOAT`,
       CAST(d AS DECIMAL(25,8)) AS `in the DOUBLE`, n FROM numbers;
-- --8<-- [end:digits]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:find-red]
SELECT COUNT(*) AS found FROM numbers WHERE f = 1.23456789;
-- --8<-- [end:find-red]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:find-cure]
SELECT COUNT(*) AS found FROM numbers WHERE ABS(f - 1.23456789) < 1e-6;
-- --8<-- [end:find-cure]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:round]
CREATE TABLE prices (price DECIMAL(5,2));
INSERT INTO prices VALUES (1.005), (-1.005), (2.675e0), (999.994);
INSERT INTO prices VALUES (999.995);
SELECT * FROM prices;
-- --8<-- [end:round]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:half]
SELECT ROUND(2.5), ROUND(2.5e0), ROUND(3.5e0), ROUND(-2.5), TRUNCATE(2.679, 2);
-- --8<-- [end:half]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:divide]
SELECT 10/3, 10.00/3, 10 DIV 3, ROUND(10.00/3, 2);
-- --8<-- [end:divide]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:limits]
CREATE TABLE wide (
  plain    DECIMAL,
  most     DECIMAL(65,30),
  fraction DECIMAL(10,10)
);
INSERT INTO wide VALUES (1234567890, REPEAT('9', 35), 0.9999999999);
SELECT * FROM wide;
SELECT column_name AS `column`, column_type AS type
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'wide'
ORDER BY ordinal_position;
-- --8<-- [end:limits]

-- effect: changes
-- on: mariadb
-- --8<-- [start:scale]
CREATE TABLE fine (v DECIMAL(65,38));
-- --8<-- [end:scale]

-- effect: reads
-- on: mysql
-- exit: 1
-- --8<-- [start:scale-mysql]
CREATE TABLE fine (v DECIMAL(65,38));
-- --8<-- [end:scale-mysql]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:size-make]
CREATE TABLE size_float     (a BIGINT NOT NULL, v FLOAT NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_double    (a BIGINT NOT NULL, v DOUBLE NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_dec_9_2   (a BIGINT NOT NULL, v DECIMAL(9,2) NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_dec_12_2  (a BIGINT NOT NULL, v DECIMAL(12,2) NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_dec_18_9  (a BIGINT NOT NULL, v DECIMAL(18,9) NOT NULL) ENGINE=MyISAM;
CREATE TABLE size_dec_65_30 (a BIGINT NOT NULL, v DECIMAL(65,30) NOT NULL)
  ENGINE=MyISAM;
INSERT INTO size_float VALUES (1, 1);
INSERT INTO size_double VALUES (1, 1);
INSERT INTO size_dec_9_2 VALUES (1, 1);
INSERT INTO size_dec_12_2 VALUES (1, 1);
INSERT INTO size_dec_18_9 VALUES (1, 1);
INSERT INTO size_dec_65_30 VALUES (1, 1);
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
-- exit: 1
-- --8<-- [start:md]
CREATE TABLE old_style (five FLOAT(5,3), six FLOAT(6,3));
INSERT INTO old_style (five) VALUES (123.45678);
INSERT INTO old_style (six) VALUES (123.45678);
SELECT * FROM old_style;
-- --8<-- [end:md]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE bills, numbers, prices, wide, old_style, size_float, size_double;
DROP TABLE size_dec_9_2, size_dec_12_2, size_dec_18_9, size_dec_65_30;
DROP TABLE IF EXISTS fine;
-- --8<-- [end:undo]
