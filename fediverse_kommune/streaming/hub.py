"""The hub of one process: who listens to what, and how what happened gets to them.

Signals are worked on one after the other, some at a time in one unit that reads: `assemble` asks the database, for all
that listen at once, who of them may see what happened, and makes the messages. So a stream shows what its timeline
would show, at the moment it is sent, and costs nothing while nobody listens.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from msgspec import Struct, field
from sqlalchemy.orm import Session

from activitypub.caps import CAPS, Caps
from activitypub.events import Signal
from activitypub.models import Actor
from activitypub.unit import StorageUnavailable, UnitsOfWork
from fediverse_kommune.streaming.connection import Access, Caller, Connection, Ending, Frame
from fediverse_kommune.streaming.streams import Channel, Stream

log = logging.getLogger(__name__)

CHECK_SECONDS = 4.0  # rule 9: what a token opens ends within 5 s, also where nobody rang
BATCH = 64  # signals worked on in one unit
BREATH = 200  # messages handed out before the loop may do something else


class Audience(Struct, frozen=True):
    """Who listens: by channel the ids of the actors, and each actor once."""

    channels: Mapping[Channel, frozenset[int]]
    actors: Mapping[int, Actor]

    def of(self, *channels: Channel) -> frozenset[int]:
        """Return who listens to any of these."""
        return frozenset().union(*(self.channels.get(channel, frozenset()) for channel in channels))


class Push(Struct, frozen=True):
    """A message for those of these actors who listen to a channel. `payload` is text, or None for none."""

    channel: Channel
    actor_ids: Collection[int]
    event: str
    payload: str | None


Key = TypeVar("Key", int, str)
Assemble = Callable[[Session, Audience, Sequence[Signal]], list[Push]]
FindAccess = Callable[[Session, Collection[int]], Mapping[int, Access]]


class TooManyStreams(Exception):
    """The token, or the network it comes from, has as many open streams as it may."""


class _Places(Struct):
    """The connections on one channel: by actor, with the labels of the streams through which they hear it."""

    by_actor: dict[int, dict[Connection, list[list[str]]]] = field(default_factory=dict)


class Hub:
    """Keeps the open streams of this process. Everything but `assemble` and `find_access` runs in the event loop."""

    def __init__(
        self,
        db: UnitsOfWork,
        assemble: Assemble,
        find_access: FindAccess,
        *,
        caps: Caps = CAPS,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        self._db = db
        self._assemble = assemble
        self._find_access = find_access
        self._caps = caps
        self._check_seconds = check_seconds
        self._connections: dict[Connection, dict[Stream, list[Channel]]] = {}
        self._tokens: Counter[int] = Counter()
        self._networks: Counter[str] = Counter()
        self._places: dict[Channel, _Places] = {}
        self._signals: asyncio.Queue[Signal] = asyncio.Queue(caps.stream_signals)
        self._look_again = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_stopping = False

    # ------------------------------------------------------------------------------------------ who listens

    @contextmanager
    def connected(self, caller: Caller, frame: Frame) -> Iterator[Connection]:
        """Keep a stream open while the block lasts. Raises `TooManyStreams`."""
        self.check_room(caller)
        connection = Connection(caller, frame, self._caps.stream_messages)
        self._connections[connection] = {}
        self._tokens[caller.token_id] += 1
        self._networks[caller.network] += 1
        if self._is_stopping:
            connection.end(Ending.STOPPING)
        try:
            yield connection
        finally:
            for stream in list(self._connections[connection]):
                self.unsubscribe(connection, stream)
            del self._connections[connection]
            _count_down(self._tokens, caller.token_id)
            _count_down(self._networks, caller.network)

    def check_room(self, caller: Caller) -> None:
        """Return if the caller may open one more stream. Raises `TooManyStreams`."""
        if (
            self._tokens[caller.token_id] >= self._caps.streams_per_token
            or self._networks[caller.network] >= self._caps.streams_per_network
        ):
            raise TooManyStreams

    def subscribe(self, connection: Connection, stream: Stream) -> None:
        """Let a connection hear a stream; twice is once. Raises `StreamRefused` and `TooManyStreams`."""
        streams = self._connections[connection]
        if stream in streams:
            return
        channels = stream.channels(connection.caller.access.scopes)
        if len(streams) >= self._caps.subscriptions_per_stream:
            raise TooManyStreams
        streams[stream] = channels
        for channel in channels:
            by_actor = self._places.setdefault(channel, _Places()).by_actor
            by_actor.setdefault(connection.caller.actor.id, {}).setdefault(connection, []).append(stream.label)

    def unsubscribe(self, connection: Connection, stream: Stream) -> None:
        """Let a connection no longer hear a stream."""
        actor_id = connection.caller.actor.id
        for channel in self._connections[connection].pop(stream, []):
            by_actor = self._places[channel].by_actor
            labels = by_actor[actor_id][connection]
            labels.remove(stream.label)
            if not labels:
                del by_actor[actor_id][connection]
            if not by_actor[actor_id]:
                del by_actor[actor_id]
            if not by_actor:
                del self._places[channel]

    def __len__(self) -> int:
        return len(self._connections)

    # -------------------------------------------------------------------------------------- what they hear

    def receive(self, signal: Signal) -> None:
        """Take a committed signal. Where more arrives than can be told, everybody has to look for themselves."""
        if not self._places:
            return
        try:
            self._signals.put_nowait(signal)
        except asyncio.QueueFull:
            log.warning("more happens than can be streamed: all streams begin anew")
            self.end_all(Ending.MISSED)

    def look_again(self) -> None:
        """Check now whether the tokens of the open streams still hold."""
        self._look_again.set()

    def end_all(self, why: Ending) -> None:
        """End every stream; with `STOPPING` also those that are opened from now on."""
        self._is_stopping = self._is_stopping or why is Ending.STOPPING
        for connection in self._connections:
            connection.end(why)

    def start(self) -> None:
        """Begin to work."""
        self._tasks = [asyncio.create_task(self._tell()), asyncio.create_task(self._watch())]

    async def stop(self) -> None:
        """End every stream and stop working."""
        self.end_all(Ending.STOPPING)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _tell(self) -> None:
        while True:
            signals = [await self._signals.get()]
            while len(signals) < BATCH and not self._signals.empty():
                signals.append(self._signals.get_nowait())
            try:
                await self._hand_out(await self._db.read(self._assemble, self._audience(), signals))
            except Exception:
                log.exception("what happened could not be streamed: all streams begin anew")
                self.end_all(Ending.MISSED)

    async def _hand_out(self, pushes: Sequence[Push]) -> None:
        count = 0
        for push in pushes:
            places = self._places.get(push.channel)
            for actor_id in push.actor_ids if places else ():
                for connection, labels in (places.by_actor if places else {}).get(actor_id, {}).items():
                    for label in labels:
                        connection.offer(label, push.event, push.payload)
                    count += 1
            if count >= BREATH:
                count = 0
                await asyncio.sleep(0)

    def _audience(self) -> Audience:
        channels = {channel: frozenset(places.by_actor) for channel, places in self._places.items()}
        actors = {connection.caller.actor.id: connection.caller.actor for connection in self._connections}
        return Audience(channels, actors)

    # ------------------------------------------------------------------------------- whether they still may

    async def _watch(self) -> None:
        """Look again and again, and at once when somebody rings, whose the open streams are."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._check_seconds):
                    await self._look_again.wait()
            self._look_again.clear()
            if self._connections:
                await self._check()

    async def _check(self) -> None:
        connections = list(self._connections)
        try:
            access = await self._db.read(self._find_access, {connection.caller.token_id for connection in connections})
        except StorageUnavailable as error:
            log.warning("whether tokens still hold could not be read; the next look decides: %s", error)
            return
        for connection in connections:
            if access.get(connection.caller.token_id) != connection.caller.access:
                connection.end(Ending.NO_ACCESS)


def _count_down(counter: Counter[Key], key: Key) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]
