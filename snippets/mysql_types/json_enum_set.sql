-- JSON, ENUM, SET and BIT: what they store and what they let in.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:json]
CREATE TABLE docs (id INT PRIMARY KEY, doc JSON);
INSERT INTO docs VALUES
  (1, '{"size": 1, "tags": ["a", "b"], "size": 2, "price": 1.10}'),
  (2, '{"size": 3}'), (3, 'null'), (4, NULL);
SELECT id, doc, JSON_VALUE(doc, '$.size') AS size, doc IS NULL FROM docs;
-- --8<-- [end:json]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:json-refused]
INSERT INTO docs VALUES (5, '{"size": }');
INSERT INTO docs VALUES (5, '');
-- --8<-- [end:json-refused]

-- effect: reads
-- on: mariadb mysql
-- exit: mariadb 1, mysql 0
-- --8<-- [start:json-read]
SELECT JSON_EXTRACT(doc, '$.tags[0]'), JSON_VALUE(doc, '$.tags[0]'),
       JSON_CONTAINS(doc, '"b"', '$.tags') AS has_b FROM docs WHERE id = 1;
SELECT doc->>'$.tags[0]' AS tag FROM docs WHERE id = 1;
-- --8<-- [end:json-read]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:json-index]
ALTER TABLE docs
  ADD size INT AS (JSON_VALUE(doc, '$.size')) STORED,
  ADD KEY (size);
SELECT id, size FROM docs WHERE size >= 2;
-- --8<-- [end:json-index]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:enum]
CREATE TABLE shirts (size ENUM('small', 'medium', 'large') NOT NULL);
INSERT INTO shirts VALUES ('large'), ('SMALL'), (2);
SELECT size, size + 0 AS place FROM shirts ORDER BY size;
SELECT MAX(size), MIN(size) FROM shirts;
-- --8<-- [end:enum]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:enum-refused]
INSERT INTO shirts VALUES ('huge');
INSERT INTO shirts VALUES ('');
INSERT INTO shirts VALUES (4);
-- --8<-- [end:enum-refused]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:enum-digits]
CREATE TABLE ratings (stars ENUM('0', '1', '2', '3'));
INSERT INTO ratings VALUES ('2'), (2), ('4');
SELECT stars FROM ratings;
-- --8<-- [end:enum-digits]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:enum-alter]
ALTER TABLE shirts MODIFY size ENUM('small', 'medium', 'large', 'huge') NOT NULL;
INSERT INTO shirts VALUES ('huge');
ALTER TABLE shirts MODIFY size ENUM('medium', 'large', 'huge') NOT NULL;
SELECT size, size + 0 AS place FROM shirts ORDER BY size;
-- --8<-- [end:enum-alter]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:set]
CREATE TABLE pizzas (extras SET('olives', 'cheese', 'ham') NOT NULL);
INSERT INTO pizzas VALUES ('ham,olives'), ('cheese,cheese'), (''), (6);
SELECT extras, extras + 0 AS bits FROM pizzas ORDER BY bits;
SELECT extras FROM pizzas WHERE FIND_IN_SET('cheese', extras) ORDER BY 1;
-- --8<-- [end:set]

-- effect: changes
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:bit]
CREATE TABLE masks (flag BIT, mask BIT(8));
INSERT INTO masks VALUES (1, b'00000101'), (0, 255);
INSERT INTO masks VALUES ('1', 0);
SELECT flag + 0 AS flag, mask + 0 AS number, BIN(mask) AS bits FROM masks ORDER BY 2;
-- --8<-- [end:bit]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE docs, shirts, ratings, pizzas, masks;
-- --8<-- [end:undo]
