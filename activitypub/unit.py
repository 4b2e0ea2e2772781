"""A unit of work: one synchronous function over a `Unit`, run in one thread hop, all or nothing.

A unit cannot await, so it cannot reach the network while a transaction is open (rule 5 of the architecture).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import CursorResult, Executable
from sqlalchemy.orm import Session

from activitypub.instance import LocalInstance

P = ParamSpec("P")
T = TypeVar("T")

Subscriber = Callable[["Unit", Any], None]


class Unit(Session):
    """A session that also knows the time, whose instance this is, and whom to tell what happened.

    `now` is one moment for the whole unit. Callbacks given to `on_commit` run in the event loop once the
    transaction is on disk, and never run if it fails.
    """

    def __init__(
        self,
        *args: Any,
        now: datetime,
        instance: LocalInstance,
        subscribers: dict[type, tuple[Subscriber, ...]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.instance = instance
        self.commit_callbacks: list[Callable[[], None]] = []
        self._subscribers = subscribers

    def run(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()
    ) -> CursorResult[*tuple[Any, ...]]:
        """Execute a statement past the ORM: four times as fast, and no loaded row is refreshed by it.

        The hot paths build their statements once (`functools.cache`) with bound parameters, and run them here.
        """
        return self.connection().execute(statement, parameters or None)

    def publish(self, event: object) -> None:
        """Tell every subscriber of this kind of event, now, inside this unit.

        Those of the graph are in `activitypub/events.py`; other packages may have events of their own.
        """
        for subscriber in self._subscribers.get(type(event), ()):
            subscriber(self, event)

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Run `callback` in the event loop after the transaction has been committed."""
        self.commit_callbacks.append(callback)


class UnitsOfWork(Protocol):
    """How async code reaches the database: `await db.read(fn, …)`, `await db.write(fn, …)`."""

    async def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` on a session that cannot write, and return what it returns."""
        ...

    async def write(self, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a transaction and return what it returns once it is committed.

        Raises what `work` raises, with nothing of it kept; `StorageUnavailable` when the database cannot take it.
        """
        ...

    async def write_behind(self, work: Callable[Concatenate[Unit, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same for work that nobody waits for: requests go first."""
        ...


class StorageUnavailable(Exception):
    """The database cannot take the change now (disk full, locked, restarting). Nothing of it was kept."""
