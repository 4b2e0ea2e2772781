"""Reading what was there before us: somebody's latest posts, and the conversation around a post.

All of it is a stranger's word about where things are: each status is read from its own origin and has to belong where
it was named. What is found is stored at its place in time, and nobody is told (`graph/found.py`).
Sources: FEP-f228 and FEP-7458, https://docs.joinmastodon.org/spec/activitypub/
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from msgspec import Struct

from activitypub.access import OPEN
from activitypub.addressing import visibility
from activitypub.caps import CAPS, Caps
from activitypub.fetch import FetchBudget, FetchError, Unavailable
from activitypub.graph.actors import find_actor
from activitypub.graph.found import keep_found_announce, pin_found
from activitypub.graph.statuses import find_status
from activitypub.listings import read_listing
from activitypub.models import Actor
from activitypub.parse_outbox import read_outbox
from activitypub.properties import uri_of
from activitypub.resolver import Resolver
from activitypub.unit import Unit
from activitypub.uris import InvalidUri, host_of, same_origin
from activitypub.vocabulary import FoundAnnounce, RemoteStatus

log = logging.getLogger(__name__)

AT_ONCE = 4  # documents read at the same time for one matter: half of what one host is asked at once

Progress = Callable[[int], Awaitable[None]]
T = TypeVar("T")


class OpenedThread(Struct, frozen=True):
    """A status that somebody opened: `above` is what its topmost known ancestor answers, `known` what is stored."""

    uri: str
    above: str | None
    known: frozenset[str]


class Finder:
    """Reads and keeps single statuses, with a count of what it found and of which servers lead nowhere."""

    def __init__(self, resolver: Resolver, budget: FetchBudget, caps: Caps = CAPS) -> None:
        self.resolver = resolver
        self.budget = budget
        self.caps = caps
        self.found = 0
        self._useless: Counter[str] = Counter()

    async def describe(self, uri: str) -> RemoteStatus | None:
        """Return what the origin of a status says of it; None if that cannot be had, or is not worth asking for."""
        host = _host(uri)
        if host is None or self.resolver.ctx.instance.owns(uri) or self._useless[host] >= self.caps.useless_per_host:
            return None
        try:
            return await self.resolver.described(uri, self.budget)
        except Unavailable as error:
            log.info("%s is left alone: %s", host, error)
            self._useless[host] += self.caps.useless_per_host
        except FetchError as error:
            log.info("%s is not read: %s", uri, error)
            self.judge(uri, 1)
        return None

    def judge(self, uri: str, useless: int) -> None:
        """Note that something was named that leads nowhere (1), or does after all (-1).

        After some of them its server is not asked any more: it may have no part in what others say of it.
        """
        if host := _host(uri):
            self._useless[host] += useless

    async def keep(self, remote: RemoteStatus) -> bool:
        """Store a status that its origin described; say whether it is new here."""
        try:
            author = await self.resolver.author_of(remote, self.budget)
        except FetchError as error:
            log.info("%s is not kept: %s", remote.uri, error)
            return False
        is_new = await self.resolver.keep(remote, author, self.budget)
        self.found += is_new
        return is_new

    async def knows(self, uri: str) -> bool:
        """True for a status that is stored."""
        return await self.resolver.ctx.db.read(find_status, uri) is not None


# ---------------------------------------------------------------------------------------------- somebody's posts


async def read_profile(resolver: Resolver, actor: Actor, caps: Caps = CAPS) -> int:
    """Store the latest and the pinned posts of an actor, and what it passed on; return how many are new.

    Raises `Unavailable` if nothing could be read now.
    """
    finder = Finder(resolver, FetchBudget(caps.fetches_per_activity), caps)
    outbox = await _list_of(finder, actor.outbox_uri, actor, caps.outbox_items)
    entries = read_outbox(outbox or (), actor.uri, actor.followers_uri)
    await _keep_all(finder, actor, [entry for entry in entries if isinstance(entry, str)])
    await _read_pins(finder, actor)
    for entry in entries:
        if isinstance(entry, FoundAnnounce):
            await _keep_announce(finder, actor, entry)
    return finder.found


async def read_pins(resolver: Resolver, actor: Actor, caps: Caps = CAPS) -> int:
    """Let an actor's profile show what it has pinned by now, and no more; return how many posts are new here.

    Raises `Unavailable` if that could not be read now.
    """
    finder = Finder(resolver, FetchBudget(caps.fetches_per_activity), caps)
    await _read_pins(finder, actor)
    return finder.found


async def _read_pins(finder: Finder, actor: Actor) -> None:
    pinned = await _list_of(finder, actor.featured_uri, actor, finder.caps.pinned_statuses)
    if pinned is None:
        return
    pins = [uri for entry in pinned if (uri := uri_of(entry)) and same_origin(uri, actor.uri)]
    await _keep_all(finder, actor, pins)
    await finder.resolver.ctx.db.write_behind(pin_found, actor.id, pins)


async def _keep_all(finder: Finder, actor: Actor, uris: Iterable[str]) -> None:
    for batch in _batches(dict.fromkeys(uris)):
        await asyncio.gather(*(_keep_own(finder, actor, uri) for uri in batch))


async def _list_of(finder: Finder, uri: str | None, actor: Actor, most: int) -> Sequence[object] | None:
    """Return what a collection of an actor lists; None if it has none or does not show it."""
    if uri is None or not same_origin(uri, actor.uri):
        return None
    try:
        return await read_listing(finder.resolver.ctx, uri, finder.budget, most=most, caps=finder.caps)
    except Unavailable:
        raise
    except FetchError as error:
        log.info("%s of %s is not read: %s", uri, actor.uri, error)
        return None


async def _keep_own(finder: Finder, actor: Actor, uri: str) -> None:
    """Store a status that an actor lists as its own, with what it answers."""
    if await finder.knows(uri):
        return
    remote = await finder.describe(uri)
    if remote is None or remote.attributed_to != actor.uri:
        finder.judge(uri, 1)
        return
    await finder.resolver.ancestors(remote.in_reply_to, finder.budget)
    await finder.keep(remote)


async def _keep_announce(finder: Finder, actor: Actor, entry: FoundAnnounce) -> None:
    if not await finder.knows(entry.object):
        remote = await finder.describe(entry.object)
        if remote is None or not await finder.keep(remote):
            return
    await finder.resolver.ctx.db.write_behind(_announce, actor.uri, entry)


def _announce(unit: Unit, actor_uri: str, entry: FoundAnnounce) -> None:
    actor = find_actor(unit, actor_uri)
    if actor is not None:
        keep_found_announce(unit, actor, entry)


# ------------------------------------------------------------------------------------------------------ a thread


async def read_thread(resolver: Resolver, thread: OpenedThread, tell: Progress, caps: Caps = CAPS) -> int:
    """Store what stands above and below a status; return how many are new. `tell` hears of it as it goes on.

    Raises `FetchError` if the status itself cannot be had any more.
    """
    finder = Finder(resolver, FetchBudget(caps.thread_fetches), caps)
    opened = await resolver.described(thread.uri, finder.budget)
    above = await resolver.ancestors(thread.above, finder.budget)
    finder.found += len(above)
    reading = _Thread(finder, {*thread.known, *above, opened.uri}, tell, caps)
    await reading.follow_replies(opened)
    if opened.conversation is not None:
        await reading.read_conversation(opened.conversation)
    return finder.found


class _Thread:
    """The statuses of one thread, from one that was opened on downwards."""

    def __init__(self, finder: Finder, members: set[str], tell: Progress, caps: Caps) -> None:
        self._finder = finder
        self._members = members
        self._tell = tell
        self._caps = caps
        self._asked: set[str] = set()
        self._homeless: list[RemoteStatus] = []
        self._revisits = caps.thread_revisits

    async def follow_replies(self, opened: RemoteStatus) -> None:
        """Read what answers the opened status, then what answers that: what is nearest comes first."""
        waiting = deque([opened])
        self._asked.add(opened.uri)
        while waiting and self._has_room():
            listing = waiting.popleft().replies
            if listing is not None:
                waiting += await self._take(await self._listed(listing))

    async def read_conversation(self, uri: str) -> None:
        """Read the collection of all that belongs to the thread, if there is one (FEP-f228), and keep what does."""
        await self._take(named for named in await self._listed(uri) if named not in self._members)

    async def _take(self, named: Iterable[str]) -> list[RemoteStatus]:
        """Read what was named, keep what answers something in the thread, and return what may have answers itself."""
        fresh = [uri for uri in dict.fromkeys(named) if uri not in self._asked]
        self._asked.update(fresh)
        taken: list[RemoteStatus] = []
        for batch in _batches(fresh):
            read = [remote for remote in await asyncio.gather(*map(self._describe, batch)) if remote is not None]
            taken += [remote for remote in read if remote.uri in self._members]
            homeless = [remote for remote in read if remote.uri not in self._members]
            for remote in homeless:
                self._finder.judge(remote.uri, 1)
            self._homeless += homeless
            taken += await self._place()
        await self._tell(self._finder.found)
        return taken

    async def _place(self) -> list[RemoteStatus]:
        """Keep those of the statuses at hand that answer something in the thread, each after what it answers."""
        joined: list[RemoteStatus] = []
        while joining := [remote for remote in self._homeless if remote.in_reply_to in self._members]:
            self._members.update(remote.uri for remote in joining)
            self._homeless = [remote for remote in self._homeless if remote.uri not in self._members]
            for remote in joining:
                self._finder.judge(remote.uri, -1)
                await self._keep(remote)
            joined += joining
        return joined

    async def _keep(self, remote: RemoteStatus) -> None:
        if self._finder.found < self._caps.thread_statuses:
            await self._finder.keep(remote)

    async def _describe(self, uri: str) -> RemoteStatus | None:
        """Return what the origin says of a status that was named. Of known ones a few are read again."""
        if not self._has_room():
            return None
        if uri in self._members:
            self._revisits -= 1
            return await self._finder.describe(uri) if self._revisits >= 0 else None
        if await self._finder.knows(uri):
            return None
        remote = await self._finder.describe(uri)
        return remote if remote is not None and visibility(remote.to, remote.cc, None) in OPEN else None

    async def _listed(self, uri: str) -> list[str]:
        host = _host(uri)
        if host is None or self._finder.resolver.ctx.instance.owns(uri):
            return []
        try:
            entries = await read_listing(self._finder.resolver.ctx, uri, self._finder.budget, caps=self._caps)
        except FetchError as error:
            log.info("%s is not read: %s", uri, error)
            return []
        return [found for entry in entries if (found := uri_of(entry))]

    def _has_room(self) -> bool:
        return self._finder.found < self._caps.thread_statuses and self._finder.budget.left > 0


def _batches(things: Iterable[T]) -> Iterator[list[T]]:
    """Split many things into portions that are read at once."""
    waiting = list(things)
    for start in range(0, len(waiting), AT_ONCE):
        yield waiting[start : start + AT_ONCE]


def _host(uri: str) -> str | None:
    try:
        return host_of(uri)
    except InvalidUri:
        return None
