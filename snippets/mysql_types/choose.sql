-- Which type for which column: one table to copy, and what it refuses.

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:table]
CREATE TABLE orders (
  id         BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  public_id  BINARY(16) NOT NULL UNIQUE,
  customer   VARCHAR(100) NOT NULL,
  email      VARCHAR(254) NOT NULL,
  country    CHAR(2) CHARACTER SET ascii NOT NULL,
  status     ENUM('new', 'paid', 'sent') NOT NULL DEFAULT 'new',
  is_gift    BOOLEAN NOT NULL DEFAULT FALSE,
  items      INT UNSIGNED NOT NULL,
  total      DECIMAL(12,2) NOT NULL,
  weight_kg  DOUBLE,
  deliver_on DATE,
  created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  changed_at TIMESTAMP(6) NOT NULL
             DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  details    JSON,
  note       TEXT,
  invoice    MEDIUMBLOB
) CHARACTER SET utf8mb4;
-- --8<-- [end:table]

-- effect: reads
-- on: mariadb mysql
-- --8<-- [start:columns]
SELECT column_name AS `column`, column_type AS `type`,
       is_nullable AS `null`, column_default AS `default`
FROM information_schema.columns
WHERE table_schema = DATABASE() AND table_name = 'orders'
ORDER BY ordinal_position;
-- --8<-- [end:columns]

-- effect: changes
-- on: mariadb mysql
-- --8<-- [start:insert]
INSERT INTO orders (public_id, customer, email, country, items, total, details)
VALUES (UNHEX('0192f7a1c0de7000800000000000cafe'), 'Zoë Müller', 'zoe@example.com',
        'DE', 3, 19.99, '{"wrap": "red"}');
SELECT id, customer, country, status, is_gift, items, total,
       JSON_VALUE(details, '$.wrap') AS wrap
FROM orders;
-- --8<-- [end:insert]

-- effect: reads
-- on: mariadb mysql
-- exit: 1
-- --8<-- [start:refused]
UPDATE orders SET items = -1;
UPDATE orders SET total = 10000000000;
UPDATE orders SET country = 'DEU';
UPDATE orders SET country = 'ÄT';
UPDATE orders SET status = 'gone';
UPDATE orders SET deliver_on = '2026-02-30';
UPDATE orders SET details = '{"wrap"';
UPDATE orders SET email = NULL;
-- --8<-- [end:refused]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:quiet]
UPDATE orders SET total = 19.999, is_gift = 2, weight_kg = 0.1e0 + 0.2e0, status = 2;
SELECT total, is_gift, weight_kg, status FROM orders;
-- --8<-- [end:quiet]

-- effect: destroys
-- on: mariadb mysql
-- --8<-- [start:undo]
DROP TABLE orders;
-- --8<-- [end:undo]
