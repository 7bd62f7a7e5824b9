#!/usr/bin/env bash
# Who is connected, and how many of them have a transaction open.

# effect: reads
# --8<-- [start:server]
mariadb --table <<'END'
SELECT p.user, p.command, count(*) AS connections, count(t.trx_id) AS transactions
FROM information_schema.processlist p
LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id = p.id
WHERE p.host LIKE '127.0.0.1:%'
GROUP BY p.user, p.command;
END
# --8<-- [end:server]
