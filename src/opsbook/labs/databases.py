"""Labs mariadb, mysql and databases: machines with a database server of their own, alone or side by side.

The server answers on a socket and on 127.0.0.1:3306 of its machine, is tuned for speed, not durability, and is started,
stopped and restarted as on any Debian: `service mariadb restart`. Its data directory is made once and copied.
MySQL is this host's where it has one. Else it is Debian unstable's, because bookworm has none: that machine's whole
/usr is unstable's.
"""

import inspect
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path, PurePath

from opsbook.labs import debian
from opsbook.labs.machines import (
    ENVIRONMENT,
    UMASK,
    VOLATILE,
    File,
    Ground,
    Machine,
    SqlShell,
    hang_up,
    system_files,
)
from opsbook.labs.machines import ground as bare_ground
from opsbook.labs.process import LabError, LabUnavailable, need

MYSQL_ID = 106
DATABASE = "shop"
DATABASE_URL = f"mysql+pymysql://127.0.0.1/{DATABASE}?read_default_file=~/.my.cnf"
ZONES = ("UTC", "Europe/Berlin", "America/New_York")
SQLALCHEMY = ("2.1", "2.0")
# Variables that no statement of a reader's changes.
RESTLESS = re.compile(r"gtid|timestamp|rand_seed|statistics_level|buffer_pool_dump|error_count")


@dataclass(frozen=True)
class Server:
    """What differs between the two: names of programs, the settings that one of them alone knows, the first SQL."""

    name: str
    program: str
    client: str
    admin: str
    settings: str
    accounts: str


# Alice administers, as somebody does who tries a server out; with a password from a network, without one on the socket.
MARIADB = Server(
    "mariadb",
    "/usr/sbin/mariadbd",
    "mariadb",
    "mariadb-admin",
    "innodb-log-file-size=8M\n",
    "CREATE USER alice@localhost IDENTIFIED VIA unix_socket;\n",
)
MYSQL = Server(
    "mysql",
    "/usr/sbin/mysqld",
    "mysql",
    "mysqladmin",
    "innodb-redo-log-capacity=16M\nmysqlx=OFF\nsecure-file-priv=NULL\nplugin-load-add=auth_socket.so\n",
    "CREATE USER alice@localhost IDENTIFIED WITH auth_socket;\nALTER USER root@localhost IDENTIFIED WITH auth_socket;\n",
)


@dataclass(frozen=True)
class OwnServer(Server):
    """A MySQL of this host: its version, and the folder that it is in where that is not /usr."""

    version: str = ""
    folder: str = ""

    @property
    def path(self) -> str:
        """Where its programs are, as PATH has it."""
        found = str(Path(self.program).parent)
        return ":".join(dict.fromkeys([found, *(f"{self.folder or '/usr'}/{d}" for d in ("bin", "sbin"))]))


def mysql_version(program: str) -> str:
    """Return the version that `program`, a MySQL server or client, tells; empty where it is none, or MariaDB's."""
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=30)
        found = re.search(r" Ver ([0-9]+\.[0-9]+\.[0-9]+)", done.stdout)
        return found[1] if found and "MariaDB" not in done.stdout else ""
    return ""


def server_of(found: str) -> OwnServer | None:
    """Return the MySQL whose server is the program `found`, if that is one and has its client beside it."""
    program, version = Path(found).resolve(), mysql_version(found)
    home = str(program.parents[1])
    given = {**asdict(MYSQL), "program": str(program)}
    own = OwnServer(**given, version=version, folder="" if home in ("/", "/usr") else home)
    clients = [shutil.which(name, path=own.path) for name in ("mysql", "mysqladmin", "mysql_tzinfo_to_sql")]
    return own if version and all(clients) and mysql_version(str(clients[0])) else None


@cache
def own_mysql(path: str) -> OwnServer | None:
    """Return the MySQL of this host whose `mysqld` is in the first such folder of `path`, or in /usr/sbin."""
    folders = [folder for folder in (*path.split(":"), "/usr/sbin") if folder]
    found = filter(None, (shutil.which("mysqld", path=folder) for folder in folders))
    return next(filter(None, map(server_of, found)), None)


def the_mysql() -> Server:
    """Return the MySQL of lab mysql: this host's own, else Debian unstable's."""
    return own_mysql(os.environ.get("PATH", "")) or MYSQL


@contextmanager
def ground() -> Iterator[Ground]:
    """Yield the ground of labs with a database server; its machines see this host's own MySQL, wherever it is."""
    mysql = the_mysql()
    with bare_ground(shown=[mysql.folder] if isinstance(mysql, OwnServer) and mysql.folder else []) as here:
        yield here


GRANTS = """CREATE USER 'alice'@'127.0.0.1' ACCOUNT LOCK;
GRANT ALL ON *.* TO alice@localhost WITH GRANT OPTION;
GRANT ALL ON *.* TO 'alice'@'127.0.0.1' WITH GRANT OPTION;
CREATE DATABASE shop CHARACTER SET utf8mb4;
"""
CONFIG = """[mysqld]
user=mysql
datadir=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
pid-file=/run/mysqld/mysqld.pid
log-error=/var/log/mysql/error.log
bind-address=127.0.0.1
character-set-server=utf8mb4
default-time-zone=+00:00
skip-name-resolve
skip-log-bin
performance-schema=OFF
innodb-buffer-pool-size=32M
innodb-flush-log-at-trx-commit=0
SETTINGS
[client]
socket=/run/mysqld/mysqld.sock
default-character-set=utf8mb4
"""
SERVICE = """#!/bin/sh
# service NAME start|stop|restart|status
set -e
pid=/run/mysqld/NAME.pid
log=/var/log/mysql/error.log
alive() { start-stop-daemon --status --pidfile $pid; }
case $1 in
start)
    alive && exit
    start-stop-daemon --start --background --make-pidfile --pidfile $pid --startas PROGRAM
    until ADMIN --silent ping >/dev/null 2>&1; do
        alive || { echo "NAME did not start:"; tail -n 20 $log; exit 1; }
        sleep 0.02
    done
    ;;
stop) start-stop-daemon --stop --oknodo --retry TERM/60/KILL/10 --pidfile $pid --remove-pidfile >/dev/null ;;
restart) "$0" stop && "$0" start ;;
status)
    if alive; then echo "NAME is running"; else echo "NAME is not running"; exit 3; fi
    ;;
*) echo "usage: service NAME start|stop|restart|status" >&2; exit 2 ;;
esac
"""
# What a machine needs of a Debian to be one of a lab's.
PLAIN = (
    "bash", "dash", "coreutils", "util-linux", "bsdutils", "procps", "findutils", "tar", "sed", "grep", "gawk", "hostname",
    "init-system-helpers", "dpkg", "libc-bin", "ncurses-base", "tzdata",
)  # fmt: skip
DROPPED = ("doc", "man", "locale", "info", "gcc", "gdb", "lintian", "perl", "perl5", "bash-completion")
BANNER = """You are alice on a machine with a {0} of its own, in database shop, and may do everything.
{1} asks for no password; programs find one for 127.0.0.1 in ~/.my.cnf. `service {1} restart`, as root, restarts it."""
STATE = """SELECT concat('database ', schema_name), default_collation_name FROM information_schema.schemata
 WHERE schema_name NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys');
SELECT concat('CHECKSUM TABLE `', table_schema, '`.`', table_name, '`; SHOW CREATE TABLE `', table_schema, '`.`', table_name, '`;')
 FROM information_schema.tables WHERE table_type = 'BASE TABLE'
 AND table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys');
SHOW GLOBAL VARIABLES;
SELECT concat('account ', user, '@', host), authentication_string FROM mysql.user;
"""


@dataclass(frozen=True)
class DatabaseMachine(Machine):
    """A machine with a database server; databases, accounts, tables and global variables are part of its state."""

    server: Server = MARIADB

    @property
    def prompt(self) -> tuple[str, ...]:
        """The server's client, in database shop."""
        return self.server.client, DATABASE

    def argv(self, command: Sequence[str], user: str = "alice", *, terminal: bool = False) -> list[str]:
        """Return the full argv as any machine does; a program of alice's finds in DATABASE_URL where to log in."""
        told = [f"DATABASE_URL={DATABASE_URL}"] if user == "alice" else []
        if isinstance(self.server, OwnServer):
            told.append(f"PATH={self.server.path}:{ENVIRONMENT['PATH']}")
        return super().argv(["env", *told, *command], user, terminal=terminal)

    def ask(self, statements: str, seconds: float = 60) -> list[list[str]]:
        """Return the rows that the server answers root, all results one after the other; none where it does not answer."""
        argv = [self.server.client, "--batch", "--skip-column-names", "--force", "--connect-timeout=2"]
        with suppress(subprocess.TimeoutExpired):
            done = self.run(*argv, user="root", input=statements, seconds=seconds, check=False)
            return [line.split("\t") for line in done.stdout.splitlines()]
        return []

    def connections(self) -> int:
        """Return how many connections others than this very look hold."""
        (row,) = self.ask(
            "SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id() AND user <> 'event_scheduler';"
        )
        return int(row[0])

    def state(self) -> dict[str, str]:
        """Return the state of a machine, and each database, account, table and global variable."""
        ping = [self.server.admin, "--silent", "--connect-timeout=2", "ping"]
        answers = self.run(*ping, user="root", seconds=20, check=False).returncode == 0
        rows = self.ask(STATE, seconds=20) if answers else []
        looks = [row[0] for row in rows if row[0].startswith("CHECKSUM")]
        kept = {
            row[0] if " " in row[0] else f"variable {row[0]}": "\t".join(row[1:])
            for row in rows
            if len(row) > 1 and not RESTLESS.search(row[0])
        }
        for name, *facts in self.ask("\n".join(looks)) if looks else ():
            # The number that the next row gets moves on in silence when a statement fails.
            seen = re.sub(r" AUTO_INCREMENT=[0-9]+", "", " ".join(facts))
            table = f"table {name.rpartition('.')[2]}"
            kept[table] = f"{kept.get(table, '')} {seen}"
        return super().state() | kept

    @contextmanager
    def sql(self, user: str = "alice") -> Iterator[SqlShell]:
        """Yield one client of this machine's server, in database shop, that keeps its session from paste to paste."""
        argv = [
            self.server.client, "--table", "--force", "--disable-line-numbers", "--unbuffered", "--show-warnings",
            *(["--commands"] if knows_commands(self.server) else []), DATABASE,
        ]  # fmt: skip
        process = subprocess.Popen(
            self.argv(argv, user),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )
        assert process.stdin
        try:
            yield SqlShell(process, process.stdin)
        finally:
            hang_up(process, process.stdin)


def knows_commands(server: Server) -> bool:
    """Tell whether the client wants to be asked for its commands, "go" in columns among them, as MySQL's does since 9.4."""
    if isinstance(server, OwnServer):
        return tuple(map(int, server.version.split("."))) >= (9, 4)
    return server is MYSQL


@dataclass(frozen=True)
class DatabaseLab:
    """The facts of a lab with database servers: its machines, named as the servers are, and the versions in use."""

    machines: Mapping[str, DatabaseMachine]
    versions: Mapping[str, str]
    banner: str


def cache_folder(server: Server) -> Path:
    """Return where what is made once for `server` is kept."""
    # Whatever of this file shapes what is made, and the locks of the Python packages.
    shapes: list[Callable[..., object]] = [
        make_mariadb,
        make_mysql,
        make_data,
        server_files,
        boot,
        debian.extract,
    ]
    told = [inspect.getsource(shape) for shape in shapes] + [
        CONFIG,
        SERVICE,
        GRANTS,
        str(server),
        str(ZONES),
        str(PLAIN),
        str(DROPPED),
    ]
    told += [lock.read_text() for lock in locks().values()]
    folder = debian.kept(server.name, "\n".join(told))
    # Beside that of Debian's MySQL, which would else be taken for one of an older recipe.
    return folder.parent / "own" / folder.name if isinstance(server, OwnServer) else folder


def locks() -> dict[str, Path]:
    """Return the locked Python packages of lab mariadb by the version of SQLAlchemy in them."""
    return {version: Path(__file__).with_name(f"sqlalchemy-{version}.txt") for version in SQLALCHEMY}


def server_files(server: Server, password: str = "") -> dict[str, File]:
    """Return what a machine with `server` has beyond any machine's files; alice's password for 127.0.0.1 is `password`."""
    basic = system_files(server.name, ("root", "alice"), {})
    service = (
        SERVICE.replace("NAME", server.name).replace("PROGRAM", server.program).replace("ADMIN", server.admin)
    )
    line = f"mysql:x:{MYSQL_ID}:{MYSQL_ID}:MySQL:/nonexistent:/bin/false\n"
    options = f"[client]\nuser=alice\npassword={password}\n"
    return {
        "/etc/passwd": replace(basic["/etc/passwd"], text=f"{basic['/etc/passwd'].text}{line}"),
        "/etc/group": replace(basic["/etc/group"], text=f"{basic['/etc/group'].text}mysql:x:{MYSQL_ID}:\n"),
        "/etc/mysql/my.cnf": File(CONFIG.replace("SETTINGS", server.settings)),
        f"/etc/init.d/{server.name}": File(service, mode=0o755),
        **({"/home/alice/.my.cnf": File(options, owner="alice", mode=0o600)} if password else {}),
    }


def boot(
    here: Ground, server: Server, folder: Path, *, sqlalchemy: str = "", password: str = ""
) -> DatabaseMachine:
    """Return a machine that `server` can run on, without it; `folder` is what is kept for it."""
    # Unstable's programs take the place of this host's, and must not look where this host's libraries are.
    tree = folder / "tree"
    sandboxed = (
        [
            "--ro-bind",
            str(tree / "usr"),
            "/usr",
            "--tmpfs",
            "/usr/local",
            "--ro-bind",
            str(tree / "ld.so.cache"),
            "/etc/ld.so.cache",
        ]
        if server is MYSQL
        else []
    )
    if sqlalchemy:
        sandboxed += ["--ro-bind", str(folder / f"sqlalchemy-{sqlalchemy}"), "/usr/local"]
    machine = here.machine(
        server.name, ("root", "alice"), files=server_files(server, password), sandboxed=sandboxed
    )
    folders = ("/run/mysqld", "/var/lib/mysql", "/var/log/mysql")
    machine.run("install", "-d", "-o", "mysql", "-g", "mysql", "-m", "755", *folders, user="root")
    volatile = (*VOLATILE, "./var/lib/mysql")
    return DatabaseMachine(machine.name, machine.enter, machine.root, volatile=volatile, server=server)


def serve(machine: DatabaseMachine, how: str) -> None:
    """Start, stop or restart the server of `machine`; raises LabError with the end of its log where it does not."""
    machine.run("service", machine.server.name, how, user="root", seconds=120)


def make_data(server: Server, folder: Path, make: Sequence[str]) -> None:
    """Have the command `make` fill a data directory, put accounts, zones and database shop there, and keep it as data.tar."""
    with ground() as here:
        machine = boot(here, server, folder)
        machine.run(*make, user="root", seconds=300)
        serve(machine, "start")
        machine.run(server.client, user="root", input=server.accounts + GRANTS)
        for zone in ZONES:
            read = f"{server.name.replace('mariadb', 'mariadb-tzinfo-to-sql').replace('mysql', 'mysql_tzinfo_to_sql')}"
            told = machine.run(read, f"/usr/share/zoneinfo/{zone}", zone, user="root").stdout
            machine.run(server.client, "mysql", user="root", input=told, seconds=300)
        # Written out whole, so that the next start has nothing to recover.
        machine.run(server.client, "-e", "SET GLOBAL innodb_fast_shutdown = 0", user="root")
        serve(machine, "stop")
        with (folder / "data.tar").open("wb") as data:
            tar = ["tar", "-c", "--numeric-owner", "-C", "/var/lib/mysql", "."]
            subprocess.run(machine.through(tar), stdout=data, check=True)


def make_mariadb(folder: Path, tell: debian.Tell) -> dict[str, object]:
    """Install the Python packages of each lock, and make the data directory."""
    need("mariadbd", "mariadb-server-core")
    need("mariadb-admin", "mariadb-client")
    ask = "import platform, site; print(platform.python_version(), site.getsitepackages()[0])"
    told = subprocess.run(["/usr/bin/python3", "-c", ask], capture_output=True, text=True, check=True)
    python, where = told.stdout.split()
    uv = str(Path(sys.executable).with_name("uv"))
    for version, lock in locks().items():
        tell(f"mariadb: SQLAlchemy {version} and drivers")
        target = folder / f"sqlalchemy-{version}" / PurePath(where).relative_to("/usr/local")
        argv = [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python=/usr/bin/python3",
            "--require-hashes",
            "--only-binary=:all:",
        ]
        argv += [
            "--compile-bytecode",
            f"--target={target}",
            f"--requirement={lock}",
        ]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, umask=UMASK)
        if done.returncode:
            raise LabUnavailable(f"no Python packages for it: {' / '.join(done.stderr.splitlines()[-3:])}")
    tell("mariadb: data directory")
    make_data(MARIADB, folder, ["mariadb-install-db", "--user=mysql", "--skip-test-db"])
    return {"sqlalchemy": {version: lock.read_text() for version, lock in locks().items()}, "python": python}


def make_mysql(folder: Path, tell: debian.Tell) -> dict[str, object]:
    """Unpack MySQL of Debian unstable and what a machine needs beside it, and make the data directory."""
    tell("mysql 1/2: packages of Debian unstable, about 1 minute")
    tree = folder / "tree"
    debian.extract(tree, "sid", ["mysql-server-core", "mysql-client-core", *PLAIN])
    # Where the sandbox mounts the machine's own.
    (tree / "usr/local").mkdir()
    (tree / "ld.so.cache").touch()
    for name in DROPPED:
        shutil.rmtree(tree / "usr/share" / name, ignore_errors=True)
    tell("mysql 2/2: data directory")
    make_data(MYSQL, folder, ["mysqld", "--initialize-insecure"])
    return {}


def make_own_mysql(server: OwnServer, folder: Path, tell: debian.Tell) -> dict[str, object]:
    """Make the data directory of this host's own MySQL."""
    tell(f"mysql: data directory of {server.program}, {server.version}")
    make_data(server, folder, [server.program, "--initialize-insecure"])
    return {}


def build_mariadb(tell: debian.Tell) -> Path:
    """Make what lab mariadb keeps, unless it is there; return its folder. Raises LabUnavailable where it cannot be had."""
    return debian.keep(cache_folder(MARIADB), lambda folder: make_mariadb(folder, tell), tell)


def build_mysql(tell: debian.Tell) -> Path:
    """Make what lab mysql keeps, unless it is there; return its folder. Raises LabUnavailable where it cannot be had."""
    mysql = the_mysql()
    make = partial(make_own_mysql, mysql) if isinstance(mysql, OwnServer) else make_mysql
    return debian.keep(cache_folder(mysql), lambda folder: make(folder, tell), tell)


def build_databases(tell: debian.Tell) -> Path:
    """Make what both labs keep."""
    build_mariadb(tell)
    return build_mysql(tell)


def up(here: Ground, server: Server, sqlalchemy: str = "") -> tuple[DatabaseMachine, str]:
    """Return a machine with `server` running on a fresh copy of the data directory, and the version that it tells.

    Alice's password for 127.0.0.1 is made now.
    """
    folder = cache_folder(server)
    debian.facts_of(folder)
    password = f"fake-{secrets.token_hex(8)}"
    machine = boot(here, server, folder, sqlalchemy=sqlalchemy, password=password)
    script = (
        f"tar -xp --numeric-owner -C /var/lib/mysql; service {server.name} start;"
        f" echo \"ALTER USER 'alice'@'127.0.0.1' IDENTIFIED BY '{password}' ACCOUNT UNLOCK; SELECT version();\""
        f" | {server.client} --batch --skip-column-names"
    )
    with (folder / "data.tar").open("rb") as data:
        argv = machine.argv(["sh", "-ec", script], "root")
        done = subprocess.run(argv, stdin=data, capture_output=True, text=True, check=False, umask=UMASK)
    if done.returncode:
        raise LabError(f"{server.name} did not start:\n{done.stdout}{done.stderr}")
    title = "MariaDB" if server is MARIADB else "MySQL"
    return machine, f"{title} {done.stdout.split()[-1].partition('-')[0]}"


def sqlalchemy_version() -> str:
    """Return which SQLAlchemy lab mariadb is to have: OPSBOOK_SQLALCHEMY, else the newest."""
    wanted = os.environ.get("OPSBOOK_SQLALCHEMY") or SQLALCHEMY[0]
    if wanted not in SQLALCHEMY:
        raise LabError(f"OPSBOOK_SQLALCHEMY={wanted} is none of {', '.join(SQLALCHEMY)}")
    return wanted


@contextmanager
def mariadb_lab() -> Iterator[DatabaseLab]:
    """Yield a machine with a MariaDB of its own, and SQLAlchemy with its drivers.

    Raises LabUnavailable when MariaDB or namespaces are missing, or `build_mariadb` has not been run.
    """
    need("mariadbd", "mariadb-server-core")
    facts, wanted = debian.facts_of(cache_folder(MARIADB)), sqlalchemy_version()
    locked = dict(re.findall(r"^(\S+)==(\S+)", facts["sqlalchemy"][wanted], re.MULTILINE))
    with ground() as here:
        machine, version = up(here, MARIADB, wanted)
        versions = {
            "mariadb": version,
            "python": f"CPython {facts['python']}",
            "sqlalchemy": f"SQLAlchemy {locked['sqlalchemy']}",
            "pymysql": f"PyMySQL {locked['pymysql']}",
        }
        yield DatabaseLab({"mariadb": machine}, versions, BANNER.format("MariaDB", "mariadb"))


@contextmanager
def mysql_lab() -> Iterator[DatabaseLab]:
    """Yield a machine with a MySQL of its own: this host's, else Debian unstable's.

    Raises LabUnavailable when namespaces are missing, or `build_mysql` has not been run.
    """
    with ground() as here:
        machine, version = up(here, the_mysql())
        yield DatabaseLab({"mysql": machine}, {"mysql": version}, BANNER.format("MySQL", "mysql"))


@contextmanager
def databases_lab() -> Iterator[DatabaseLab]:
    """Yield two machines, one with MariaDB, one with MySQL, to hear what each answers.

    Raises LabUnavailable as the labs of each do.
    """
    need("mariadbd", "mariadb-server-core")
    with ground() as here, ThreadPoolExecutor() as pool:
        ups = dict(
            zip(
                ("mariadb", "mysql"),
                pool.map(lambda server: up(here, server), (MARIADB, the_mysql())),
                strict=True,
            )
        )
        machines = {name: machine for name, (machine, _) in ups.items()}
        versions = {name: version for name, (_, version) in ups.items()}
        banner = BANNER.format("MariaDB", "mariadb") + "\nMySQL is on its twin: --on mysql."
        yield DatabaseLab(machines, versions, banner)
