"""Labs mariadb, mysql and databases: real servers that answer, keep sessions, restart, die and count their clients."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsbook.labs import BUILDS, LABS, debian
from opsbook.labs.databases import (
    MYSQL,
    DatabaseLab,
    DatabaseMachine,
    OwnServer,
    cache_folder,
    own_mysql,
    the_mysql,
)
from opsbook.labs.process import LabError, need, wait_until
from opsbook.pytest_plugin import skipping_without_lab

TITLES = {"mariadb": "MariaDB", "mysql": "MySQL"}


@pytest.fixture(scope="module", params=["mariadb", "mysql"])
def machine(request: pytest.FixtureRequest) -> Iterator[DatabaseMachine]:
    """A machine with a server, shared by the tests that leave it as it was."""
    with skipping_without_lab(), LABS[request.param]() as here:
        yield here.machines[request.param]  # type: ignore[misc]


@pytest.fixture
def mariadb() -> Iterator[DatabaseLab]:
    """A fresh lab mariadb."""
    with skipping_without_lab(), LABS["mariadb"]() as here:
        yield here  # type: ignore[misc]


def test_a_session_lasts_from_block_to_block(machine: DatabaseMachine) -> None:
    """Alice is let in without a password, into database shop; settings and temporary tables last."""
    with machine.sql() as client:
        client.paste("SET sql_mode = ''; CREATE TEMPORARY TABLE t (n TINYINT); INSERT INTO t VALUES (200);")
        seen = client.paste("SELECT n, database() AS d, current_user() AS u FROM t;")
    assert seen.exit == 0
    assert seen.output.splitlines()[-2] == "|  127 | shop | alice@localhost |"


def test_a_client_goes_on_after_an_error(machine: DatabaseMachine) -> None:
    """Its words and number stand where they came, the statement is not repeated, and the block exits 1."""
    with machine.sql() as client:
        seen = client.paste("SELECT nosuch;\nSELECT 1 AS one;")
        assert client.paste("SELECT 'ERROR 1 is no error' AS x;").exit == 0
    lines = seen.output.splitlines()
    assert seen.exit == 1
    assert lines[0].startswith("ERROR 1054 (42S22): Unknown column 'nosuch' in ")
    assert lines[1:] == ["+-----+", "| one |", "+-----+", "|   1 |", "+-----+"]


def test_its_state_is_what_the_server_keeps(machine: DatabaseMachine) -> None:
    """Tables, rows, accounts and global variables are part of it; reading, refused rows, sessions and clients are not."""
    alone = machine.state()
    with machine.sql() as client:
        client.paste("SELECT 1;")
        assert machine.state() == alone
        client.paste("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n TINYINT);")
        before = machine.state()
        client.paste("SELECT * FROM t; INSERT INTO t (n) VALUES (200); SET sql_mode = 'ANSI';")
        assert machine.state() == before
        for statement, undo, key in (
            ("INSERT INTO t (n) VALUES (1);", "TRUNCATE t;", "table t"),
            ("ALTER TABLE t ADD c INT;", "ALTER TABLE t DROP c;", "table t"),
            ("CREATE USER eve;", "DROP USER eve;", "account eve@%"),
            ("CREATE DATABASE d;", "DROP DATABASE d;", "database d"),
            ("SET GLOBAL wait_timeout = 2;", "SET GLOBAL wait_timeout = DEFAULT;", "variable wait_timeout"),
        ):
            assert client.paste(statement).output == ""
            after = machine.state()
            assert {k for k in {*before, *after} if before.get(k) != after.get(k)} == {key}
            assert client.paste(undo).output == ""
            assert machine.state() == before
        client.paste("DROP TABLE t;")


def test_it_counts_the_connections(machine: DatabaseMachine) -> None:
    """Each client is one, and none once it has gone."""
    assert machine.connections() == 0
    with machine.sql() as client:
        client.paste("SELECT 1;")
        assert machine.connections() == 1
    wait_until(lambda: machine.connections() == 0, "the end of a connection")


def test_the_two_answer_side_by_side() -> None:
    """Lab databases has both; each says who it is, and the badge says the same."""
    with skipping_without_lab(), LABS["databases"]() as lab:
        for name, machine in lab.machines.items():
            with machine.sql() as client:
                version = client.paste("SELECT version() AS v;").output.splitlines()[3].strip("| ")
            assert lab.versions[name] == f"{TITLES[name]} {version.partition('-')[0]}"


def test_it_restarts_in_place(mariadb: DatabaseLab) -> None:
    """`service mariadb restart` gives another server on the same data; stopped or killed it says so, and starts again."""
    machine = mariadb.machines["mariadb"]
    machine.run("mariadb", "shop", "-e", "CREATE TABLE t (n INT); INSERT INTO t VALUES (7)")
    with machine.shell("root") as shell:
        first = shell.paste("pidof mariadbd").output
        assert shell.paste("service mariadb restart; service mariadb status").output == "mariadb is running\n"
        assert shell.paste("pidof mariadbd").output not in ("", first)
        for end in (
            "service mariadb stop",
            "pkill -KILL mariadbd; while service mariadb status; do :; done >/dev/null",
        ):
            gone = shell.paste(f"{end}; service mariadb status")
            assert (gone.output, gone.exit) == ("mariadb is not running\n", 3)
            assert not any(key.startswith("table ") for key in machine.state())
            assert shell.paste("service mariadb start").exit == 0
            assert machine.ask("SELECT n FROM shop.t;") == [["7"]]


def test_a_frozen_server_has_no_state_to_tell(mariadb: DatabaseLab) -> None:
    """Under SIGSTOP nobody waits for it for long; afterwards it is as it was."""
    machine = mariadb.machines["mariadb"]
    before = machine.state()
    machine.run("pkill", "-STOP", "mariadbd", user="root")
    assert "database shop" not in machine.state()
    machine.run("pkill", "-CONT", "mariadbd", user="root")
    assert machine.state() == before


def test_a_program_logs_in_with_this_run_s_password(mariadb: DatabaseLab) -> None:
    """SQLAlchemy and MySQLdb find it in ~/.my.cnf, which nobody else may read; another password is refused."""
    machine = mariadb.machines["mariadb"]
    code = """import MySQLdb, pymysql, sqlalchemy
engine = sqlalchemy.create_engine("mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf")
with engine.connect() as connection:
    print(connection.scalar(sqlalchemy.text("SELECT current_user()")), f"SQLAlchemy {sqlalchemy.__version__}")
print(MySQLdb.connect(host="127.0.0.1", read_default_file="/home/alice/.my.cnf").thread_id() > 0)
try:
    pymysql.connect(host="127.0.0.1", user="alice", password="fake-1")
except pymysql.err.OperationalError as error:
    print(error)
"""
    seen = machine.run("python3", "-c", code).stdout.splitlines()
    assert seen == [
        f"alice@127.0.0.1 {mariadb.versions['sqlalchemy']}",
        "True",
        "(1045, \"Access denied for user 'alice'@'127.0.0.1' (using password: YES)\")",
    ]
    password = machine.run("sed", "-n", "s/^password=//p", "/home/alice/.my.cnf").stdout
    assert password.startswith("fake-")
    assert machine.run("stat", "-c", "%U %a", "/home/alice/.my.cnf").stdout == "alice 600\n"


def test_either_sqlalchemy_may_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """OPSBOOK_SQLALCHEMY=2.0 gives that one; another than the two is refused with their names."""
    monkeypatch.setenv("OPSBOOK_SQLALCHEMY", "2.0")
    with skipping_without_lab(), LABS["mariadb"]() as lab:
        told = lab.machines["mariadb"].run(
            "python3", "-c", "import sqlalchemy; print(sqlalchemy.__version__)"
        )
        assert f"SQLAlchemy {told.stdout.strip()}" == lab.versions["sqlalchemy"]
        assert told.stdout.startswith("2.0.")
    monkeypatch.setenv("OPSBOOK_SQLALCHEMY", "1.4")
    with pytest.raises(LabError, match=r"OPSBOOK_SQLALCHEMY=1\.4 is none of 2\.1, 2\.0"), LABS["mariadb"]():
        pass


WRAPPER = """#!/bin/sh
exec {base}/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --argv0 {base}/{name} --library-path {base}/lib/x86_64-linux-gnu {base}/real/{name} "$@"
"""


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A folder with a MySQL that runs on this host: Debian unstable's, with the loader and libraries that it wants."""
    with skipping_without_lab():
        debian.facts_of(cache_folder(MYSQL))
    usr, base = cache_folder(MYSQL) / "tree/usr", tmp_path / "upstream"
    for folder in ("lib/x86_64-linux-gnu", "lib/mysql", "share/mysql"):
        shutil.copytree(usr / folder, base / folder, ignore=shutil.ignore_patterns("perl*", "*.a"))
    for name in ("sbin/mysqld", "bin/mysql", "bin/mysqladmin", "bin/mysql_tzinfo_to_sql"):
        for path in (base / name, base / "real" / name):
            path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(usr / name, base / "real" / name)
        (base / name).write_text(WRAPPER.format(base=base, name=name))
        (base / name).chmod(0o755)
    # The server runs as another user.
    base.chmod(0o755)
    return base


def test_a_mysql_of_this_host_is_used(host: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real `mysqld` on PATH is what lab mysql runs, its data made by itself; Debian's is not wanted then."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{host / 'sbin'}:/usr/sbin:/usr/bin:/sbin:/bin")
    told: list[str] = []
    with skipping_without_lab():
        kept = BUILDS["mysql"](told.append)
    assert told[0].startswith(f"mysql: data directory of {host}/sbin/mysqld, ")
    assert sorted(path.name for path in kept.iterdir()) == ["data.tar", "facts.json"]
    with LABS["mysql"]() as lab:
        machine = lab.machines["mysql"]
        assert isinstance(machine, DatabaseMachine)
        (running,) = machine.run("pgrep", "-a", "-u", "mysql", user="root").stdout.splitlines()
        assert f"{host}/real/sbin/mysqld" in running
        assert lab.versions["mysql"] == f"MySQL {the_mysql().version}"  # type: ignore[attr-defined]
        with machine.sql() as client:
            seen = client.paste("SELECT version() AS v\\G").output
        assert f"v: {the_mysql().version}" in seen  # type: ignore[attr-defined]
        assert machine.run("service", "mysql", "restart", user="root", seconds=120).returncode == 0
        assert machine.connections() == 0


def test_a_mariadb_is_no_mysql(host: Path) -> None:
    """A `mysqld` that is MariaDB's does not count, nor does one without its client."""
    with skipping_without_lab():
        mariadbd = need("mariadbd", "mariadb-server-core")

    def found() -> OwnServer | None:
        own_mysql.cache_clear()
        return own_mysql(str(host / "sbin"))

    in_usr = own_mysql("")
    own = found()
    assert own
    assert (own.program, own.folder) == (f"{host}/sbin/mysqld", str(host))
    wrapper = (host / "sbin/mysqld").read_text()
    (host / "sbin/mysqld").write_text(f'#!/bin/sh\nexec {mariadbd} "$@"\n')
    assert found() == in_usr
    (host / "sbin/mysqld").write_text(wrapper)
    assert found() == own
    (host / "bin/mysql").unlink()
    assert found() == in_usr
