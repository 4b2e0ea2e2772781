"""How a signal gets from a unit of work to those who wait for it: at the commit, here and in every other process.

In this process the unit's callback hands it over. On PostgreSQL the same transaction notifies the others
(https://www.postgresql.org/docs/current/sql-notify.html): what is rolled back is never heard of, and what is heard of
can be read. On SQLite there is one process.
"""

import logging
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Union

import msgspec
from sqlalchemy import text

from activitypub.events import Signal
from activitypub.unit import Unit
from fediverse_kommune.streaming.signals import SIGNALS

log = logging.getLogger(__name__)

CHANNEL = "kommune"
PAYLOAD_BYTES = 7_900  # NOTIFY takes less than 8,000
_NOTIFY = text("SELECT pg_notify(:channel, :payload)")


class Carrier:
    """Carries signals. `receive` and everything that is called by it run in the event loop."""

    def __init__(self) -> None:
        self._process = secrets.token_hex(8)
        self._receivers: defaultdict[type[Signal], list[Callable[[Any], None]]] = defaultdict(list)
        self._mourners: list[Callable[[], None]] = []
        self._decoder: msgspec.json.Decoder[Signal] = msgspec.json.Decoder(Union[SIGNALS])  # noqa: UP007 (a tuple)

    def listen(self, kinds: Iterable[type[Signal]], receiver: Callable[[Any], None]) -> None:
        """Hand every signal of these kinds to `receiver`."""
        for kind in kinds:
            self._receivers[kind].append(receiver)

    def when_missed(self, receiver: Callable[[], None]) -> None:
        """Call `receiver` when signals of other processes may have been lost: what it remembers may be wrong."""
        self._mourners.append(receiver)

    def carry(self, unit: Unit, signal: Signal) -> None:
        """Send a signal with the commit of `unit` (a subscriber of every kind of signal)."""
        unit.on_commit(partial(self.receive, signal))
        if unit.get_bind().dialect.name == "postgresql":
            unit.run(_NOTIFY, {"channel": CHANNEL, "payload": self._payload(signal)})

    def receive(self, signal: Signal) -> None:
        """Hand a committed signal to those who listen. What one of them raises does not keep it from the others."""
        for receiver in self._receivers[type(signal)]:
            try:
                receiver(signal)
            except Exception:
                log.exception("a signal was lost: %r", signal)

    def receive_payload(self, payload: str) -> None:
        """Take what a process told all; our own words have been handed over already."""
        process, _, encoded = payload.partition(" ")
        if process == self._process:
            return
        try:
            signal = self._decoder.decode(encoded)
        except msgspec.DecodeError as error:
            # A process of another release says something we do not know: what we remember may be wrong.
            log.warning("another process said what this one does not understand: %s", error)
            self.mourn()
            return
        self.receive(signal)

    def _payload(self, signal: Signal) -> str:
        """Return what is said to the others; nothing at all, which counts as missed, if it is too long to be said."""
        encoded = msgspec.json.encode(signal)
        return f"{self._process} {encoded.decode()}" if len(encoded) < PAYLOAD_BYTES else self._process

    def mourn(self) -> None:
        """Say that signals may have been lost."""
        for receiver in self._mourners:
            receiver()
