"""Units of work in threads. What differs between SQLite and PostgreSQL ends in this file.

Measured on SQLite: one hop for a whole unit costs a quarter of SQLAlchemy's async layer with its hop per cursor
call, and committing the waiting units together doubles the writes per second. Hence one writer thread that takes
whatever waits, commits once, and only then answers them all.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from activitypub.instance import LocalInstance
from activitypub.unit import StorageUnavailable, Subscriber, Unit

P = ParamSpec("P")
T = TypeVar("T")

READERS = 4  # threads that read; more only queue for the interpreter lock
GROUP_LIMIT = 64  # units committed together at most …
GROUP_SECONDS = 0.01  # … and begun within this time: beyond that the answer of the first would wait too long
URGENT_SECONDS = 0.003  # the same where a request waits
BUSY_TIMEOUT_MS = 5_000  # how long SQLite waits for another process before we answer 503
STATEMENT_TIMEOUT_MS = 5_000  # the same bound for a statement on PostgreSQL
# PostgreSQL's words for "try again": serialization failure and deadlock.
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01"})
WRITE_TRIES = 3


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def __call__(self) -> datetime:
        """Return the present moment."""
        ...


class UnitSetting(Struct, frozen=True):
    """What every unit is born with: the clock, whose instance this is, and who wants to hear of events."""

    clock: Clock
    instance: LocalInstance
    subscribers: Mapping[type, tuple[Subscriber, ...]]

    def unit(self, bind: Engine | Connection) -> Unit:
        """Return a fresh unit of work on `bind`, inside the transaction of a connection that has one."""
        return Unit(
            bind=bind,
            expire_on_commit=False,
            join_transaction_mode="rollback_only",
            now=self.clock(),
            instance=self.instance,
            subscribers=dict(self.subscribers),
        )


class Writer(Protocol):
    """The part that differs most between the databases: how a unit is run and committed."""

    async def write(self, work: Callable[[Unit], T], *, urgent: bool) -> T:
        """Run one unit, commit it, run its callbacks in this event loop, return what it returned."""
        ...

    def close(self) -> None:
        """Finish what waits and end the threads."""
        ...


class Database:
    """The one database of an instance. `url` is "sqlite:///path" or "postgresql://user@host/name"."""

    def __init__(self, url: str, setting: UnitSetting) -> None:
        self.url = driver_url(url)
        self.engine = open_engine(self.url)
        self._reading = open_engine(self.url, read_only=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._writer: Writer = (
            GroupCommitWriter(self.engine, setting)
            if self.url.get_backend_name() == "sqlite"
            else PoolWriter(self.engine, setting)
        )

    @property
    def is_exclusive(self) -> bool:
        """True where no other server process works on this database: what was in hand at a crash is nobody's now."""
        return self.url.get_backend_name() == "sqlite"

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(session, …)` on a reader thread and return its result. Nothing it does is kept."""

        def bound(session: Session) -> T:
            return work(session, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, bound)

    async def write(self, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work(unit, …)` in a transaction; answer once it is on disk.

        Raises what `work` raised, with nothing kept, or `StorageUnavailable`.
        """
        return await self._write(work, args, kwargs, urgent=True)

    async def write_behind(self, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same for work that nobody waits for: requests go first."""
        return await self._write(work, args, kwargs, urgent=False)

    def close(self) -> None:
        """Commit what waits, end the threads, close the connections."""
        self._writer.close()
        self._readers.shutdown()
        self._reading.dispose()
        self.engine.dispose()

    async def _write(self, work: Callable[..., T], args: Any, kwargs: Any, *, urgent: bool) -> T:
        def bound(unit: Unit) -> T:
            return work(unit, *args, **kwargs)

        return await self._writer.write(bound, urgent=urgent)

    def _read(self, work: Callable[[Session], T]) -> T:
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            try:
                return work(session)
            except OperationalError as error:
                raise StorageUnavailable(str(error.orig)) from error


# ------------------------------------------------------------------------------------------------ SQLite


class _Job:
    """A unit that waits for its commit, and the future somebody awaits."""

    __slots__ = ("failure", "future", "loop", "result", "unit", "urgent", "work")

    def __init__(self, work: Callable[[Unit], Any], loop: asyncio.AbstractEventLoop, *, urgent: bool) -> None:
        self.work = work
        self.urgent = urgent
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.unit: Unit | None = None
        self.result: Any = None
        self.failure: Exception | None = None

    def answer(self) -> None:
        """In the event loop: tell whoever waits, after the callbacks of a unit that was committed."""
        if self.failure is None and self.unit is not None:
            for callback in self.unit.commit_callbacks:
                callback()
        if self.future.cancelled():
            return
        if self.failure is not None:
            self.future.set_exception(self.failure)
        else:
            self.future.set_result(self.result)


class GroupCommitWriter:
    """One thread, one connection: takes the units that wait, runs them in one transaction, commits them together.

    When one fails, the group is taken back and each of its units is run again in a transaction of its own; so the
    common case pays for no savepoints, and a unit must not mind being run twice.
    """

    def __init__(self, engine: Engine, setting: UnitSetting) -> None:
        self._engine = engine
        self._setting = setting
        self._change = threading.Condition()
        self._urgent: deque[_Job] = deque()
        self._behind: deque[_Job] = deque()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Unit], T], *, urgent: bool) -> T:
        """See `Writer.write`. Shielded: once a unit is queued, a caller that goes away does not undo it."""
        job = _Job(work, asyncio.get_running_loop(), urgent=urgent)
        with self._change:
            (self._urgent if urgent else self._behind).append(job)
            self._change.notify()
        result: T = await asyncio.shield(job.future)
        return result

    def close(self) -> None:
        """See `Writer.close`."""
        with self._change:
            self._closed = True
            self._change.notify()
        self._thread.join()

    def _serve(self) -> None:
        while group := self._next_group():
            try:
                done = self._commit(group)
            except Exception:  # noqa: BLE001 (each unit is run again alone, and then its error goes to its caller)
                done = group
                for job in group:
                    self._commit_alone(job)
            with self._change:
                for job in reversed(group[len(done) :]):
                    (self._urgent if job.urgent else self._behind).appendleft(job)
            for job in done:
                job.loop.call_soon_threadsafe(job.answer)

    def _next_group(self) -> list[_Job]:
        """Wait for units and take those that are there, urgent ones first. An empty group means: closed."""
        with self._change:
            while not self._urgent and not self._behind and not self._closed:
                self._change.wait()
            group: list[_Job] = []
            for queue in (self._urgent, self._behind):
                while queue and len(group) < GROUP_LIMIT:
                    group.append(queue.popleft())
            return group

    def _commit(self, group: list[_Job]) -> list[_Job]:
        """Run the group in one transaction; return those that were run before the time for a group was over."""
        until = time.monotonic() + (URGENT_SECONDS if group[0].urgent else GROUP_SECONDS)
        done: list[_Job] = []
        with self._engine.connect() as connection, connection.begin():
            for job in group:
                self._run(job, connection)
                done.append(job)
                if time.monotonic() > until:
                    break
        return done

    def _commit_alone(self, job: _Job) -> None:
        try:
            with self._engine.connect() as connection, connection.begin():
                self._run(job, connection)
        except OperationalError as error:
            job.failure = StorageUnavailable(str(error.orig))
        except Exception as error:  # noqa: BLE001 (handed to whoever awaits this unit)
            job.failure = error

    def _run(self, job: _Job, connection: Connection) -> None:
        job.unit = self._setting.unit(connection)
        with job.unit:
            job.result = job.work(job.unit)
            job.unit.flush()


# -------------------------------------------------------------------------------------------- PostgreSQL


class PoolWriter:
    """A thread per unit, a transaction per unit: the server groups commits by itself."""

    def __init__(self, engine: Engine, setting: UnitSetting) -> None:
        self._engine = engine
        self._setting = setting
        self._threads = ThreadPoolExecutor(READERS, thread_name_prefix="writer")

    async def write(self, work: Callable[[Unit], T], *, urgent: bool) -> T:
        """See `Writer.write`."""
        loop = asyncio.get_running_loop()
        unit, result = await asyncio.shield(loop.run_in_executor(self._threads, self._run, work))
        for callback in unit.commit_callbacks:
            callback()
        return result

    def close(self) -> None:
        """See `Writer.close`."""
        self._threads.shutdown()

    def _run(self, work: Callable[[Unit], T]) -> tuple[Unit, T]:
        """Run and commit, again from the start when the server says two transactions met."""
        for last_try in [False] * (WRITE_TRIES - 1) + [True]:
            try:
                with self._setting.unit(self._engine) as unit:
                    result = work(unit)
                    unit.commit()
                    return unit, result
            except OperationalError as error:
                if last_try or getattr(error.orig, "sqlstate", None) not in RETRYABLE_SQLSTATES:
                    raise StorageUnavailable(str(error.orig)) from error
        raise AssertionError("unreachable: the last try returns or raises")


# ------------------------------------------------------------------------------------------------ engines


def driver_url(url: str) -> URL:
    """Return the SQLAlchemy URL with our drivers: sqlite3 and psycopg 3. Raises ValueError for other databases."""
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite")
        case "postgresql":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ValueError(f"{other} is not a database this server knows; use sqlite:/// or postgresql://")


def open_engine(url: URL, *, read_only: bool = False) -> Engine:
    """Return an engine whose connections are set up for this server; `read_only` ones refuse to write."""
    options: dict[str, Any] = {
        "json_serializer": lambda value: msgspec.json.encode(value).decode(),
        "json_deserializer": msgspec.json.decode,
    }
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=READERS, max_overflow=0, **options)
        event.listen(engine, "connect", partial(_set_up_sqlite, read_only=read_only))
        # Readers see one snapshot; a writer takes the lock at once, so that it never has to upgrade and fail.
        begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
        return engine
    settings = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"
    if read_only:
        settings += " -c default_transaction_read_only=on"
    return create_engine(url, pool_size=READERS, pool_pre_ping=True, connect_args={"options": settings}, **options)


def _set_up_sqlite(connection: Any, _record: Any, *, read_only: bool) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so savepoints and DDL are transactional
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: an acknowledged activity survives a power loss, not only a crash. Group commit pays for it.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA cache_size = -4000")  # KiB per connection
    cursor.execute(f"PRAGMA query_only = {int(read_only)}")
    cursor.close()
