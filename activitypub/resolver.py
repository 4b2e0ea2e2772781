"""From a URI to a stored row, fetched once if unknown or stale. The only async code that both reads and fetches."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

from msgspec import Struct

from activitypub.budgets import DeadKeys
from activitypub.context import FederationContext
from activitypub.fetch import FetchBudget, FetchError, Gone, Unavailable, Untrusted, fetch_json, fetch_object
from activitypub.fresh_hosts import FreshHosts
from activitypub.graph.actors import (
    actors_by_uri,
    find_actor,
    find_by_handle,
    is_host_known,
    key_by_uri,
    store_remote_actor,
)
from activitypub.graph.found import keep_found
from activitypub.graph.polls import remote_poll, retell
from activitypub.graph.quotes import QuoteClaim
from activitypub.graph.remote import addressed_uris, remote_draft
from activitypub.graph.statuses import create_status, find_status, is_buried
from activitypub.jsonld import MESSAGE_SIGNATURES
from activitypub.kept import Remembered
from activitypub.models import Actor, Status
from activitypub.parse import Unreadable, parse_actor, parse_status
from activitypub.quote_claims import look_up_quote
from activitypub.signatures.keys import MalformedKey, PublicKey, WeakKey, load_public_key
from activitypub.unit import Unit
from activitypub.uris import host_of, same_origin
from activitypub.vocabulary import RemoteActor, RemoteStatus
from webfinger.client import Discovery, DiscoveryFailed, NoSuchResource, discover, prove_handle
from webfinger.handle import Handle, InvalidHandle, parse_handle

log = logging.getLogger(__name__)
T = TypeVar("T")

STALE_AFTER = timedelta(days=1)  # an actor document older than this is read again when it is needed
KEYS_REMEMBERED = 10_000
ACTORS_REMEMBERED = 2_000
ACTOR_LASTS = 5.0  # seconds a stored actor is not read again: who sends much costs one read, a suspension holds soon
FAILURES_REMEMBERED = 10_000
FAILURE_LASTS = timedelta(minutes=5)  # how long a key that could not be had is not asked for again
REFRESH_EVERY = timedelta(minutes=1)  # one actor's key is fetched anew at most this often, whoever asks
ANCESTORS = 20  # how far up a thread one arriving reply leads; FEP-f228 backfills the rest


class SigningKey(Struct, frozen=True):
    """A public key and the actor that owns it by its own word."""

    uri: str
    public_key: PublicKey
    actor_id: int
    actor_uri: str
    host: str


class Resolver:
    """Resolves actors, keys, statuses and handles for one instance. Concurrent requests for one URI share a fetch."""

    def __init__(self, ctx: FederationContext) -> None:
        self.ctx = ctx
        self._keys: Remembered[SigningKey] = Remembered(KEYS_REMEMBERED)
        self._actors: Remembered[tuple[float, Actor]] = Remembered(ACTORS_REMEMBERED)
        self._failures: Remembered[tuple[float, FetchError]] = Remembered(FAILURES_REMEMBERED)
        self._refreshed: Remembered[float] = Remembered(FAILURES_REMEMBERED)
        self._under_way: dict[Hashable, asyncio.Task[Any]] = {}
        self._fresh_hosts = FreshHosts()
        self.dead_keys = DeadKeys()

    # ------------------------------------------------------------------------------------------ actors

    async def actor(
        self,
        uri: str,
        budget: FetchBudget | None = None,
        *,
        fresh: bool = False,
        found: Discovery | None = None,
    ) -> Actor:
        """Return the actor with this id, read from its origin if unknown, stale, or `fresh` is asked for.

        `found` is what WebFinger has just said of it, which then need not be asked again.
        Raises `FetchError`; `Gone` also for an id under our own origin that nobody has.
        """
        now = asyncio.get_running_loop().time()
        recent = self._actors.get(uri)
        if recent and not fresh and now - recent[0] < ACTOR_LASTS:
            return recent[1]
        stored = await self.ctx.db.read(find_actor, uri)
        if self.ctx.instance.owns(uri):
            if stored is None:
                raise Gone(f"nobody here has the id {uri}")
            return stored
        if stored is not None and not fresh and not self._is_stale(stored):
            self._actors[uri] = (now, stored)
            return stored
        try:
            work = partial(self._fetch_actor, uri, budget or FetchBudget(), found)
            return await self._once(("actor", uri), work)
        except FetchError:
            if stored is not None and not fresh:
                return stored  # yesterday's profile is better than none
            raise

    async def known_actors(self, uris: frozenset[str]) -> dict[str, Actor]:
        """Return those of these actors that are stored, by URI. Fetches nothing."""
        return await self.ctx.db.read(actors_by_uri, uris)

    async def handle(self, handle: Handle, budget: FetchBudget | None = None) -> Actor:
        """Return the actor behind a handle, by WebFinger if it is not known. Raises `FetchError`."""
        budget = budget or FetchBudget()
        domain = None if handle.domain in self.ctx.instance.hosts else handle.domain
        stored = await self.ctx.db.read(find_by_handle, handle.username, domain)
        if stored is not None:
            return stored
        if domain is None:
            raise Gone(f"nobody here is called {handle.username}")
        try:
            discovery = await discover(
                handle, partial(self._fetch_jrd, budget), test_network=self.ctx.instance.test_network
            )
        except NoSuchResource as error:
            raise Gone(f"{handle.domain} knows nobody called {handle.username}") from error
        except DiscoveryFailed as error:
            raise Untrusted(str(error)) from error
        return await self.actor(discovery.actor_uri, budget, found=discovery)

    # -------------------------------------------------------------------------------------------- keys

    async def key(self, key_uri: str, *, refresh: bool = False) -> SigningKey:
        """Return a signing key that its actor's own document lists (rows A05 to A08).

        `refresh` asks the origin again, at most once a minute per key. What could not be had is not asked for
        again for five minutes (row B09). Raises `FetchError`.
        """
        if not refresh:
            known = self._keys.get(key_uri) or await self._stored_key(key_uri)
            if known:
                return known
        self._raise_recent_failure(key_uri, refresh=refresh)
        return await self._once(("key", key_uri), partial(self._fetch_key, key_uri))

    async def known_signer(self, key_uri: str) -> tuple[SigningKey, Actor] | None:
        """Return a key that is stored, and whose it is. Fetches nothing."""
        try:
            key = self._keys.get(key_uri) or await self._stored_key(key_uri)
        except Untrusted:
            return None
        if key is None:
            return None
        now, recent = asyncio.get_running_loop().time(), self._actors.get(key.actor_uri)
        if recent and now - recent[0] < ACTOR_LASTS:
            return key, recent[1]
        actor = await self.ctx.db.read(find_actor, key.actor_uri)
        if actor is None:
            return None
        self._actors[key.actor_uri] = (now, actor)
        return key, actor

    def forget(self, actor_id: int) -> None:
        """Drop an actor and its keys from memory: it was suspended, deleted, or has changed."""
        for uri in [uri for uri, (_, actor) in self._actors.items() if actor.id == actor_id]:
            del self._actors[uri]
        for uri in [uri for uri, key in self._keys.items() if key.actor_id == actor_id]:
            del self._keys[uri]

    # ---------------------------------------------------------------------------------------- statuses

    async def status(
        self,
        uri: str,
        budget: FetchBudget | None = None,
        *,
        quoted: bool = False,
        told: tuple[RemoteStatus, Actor] | None = None,
    ) -> Status:
        """Return the status with this id, read from its origin with its ancestors if unknown. Raises `FetchError`.

        What it quotes comes along, unless it is itself only `quoted`: one leads to the other, and no further.
        `told` is what its author proves to say, which then need not be read.
        """
        stored = await self.ctx.db.read(find_status, uri)
        if stored is not None:
            return stored
        if self.ctx.instance.owns(uri) or await self.ctx.db.read(is_buried, uri):
            raise Gone(f"{uri} does not exist")
        # Two that quote each other would wait for each other, if reading one as quoted did not end there.
        work = partial(self._fetch_status, uri, budget or FetchBudget(), quoted=quoted, told=told)
        return await self._once(("status", uri, quoted), work)

    async def quote_claim(
        self, remote: RemoteStatus, budget: FetchBudget, *, known_only: bool = False
    ) -> QuoteClaim | None:
        """Return what a status quotes, with the stamp it shows if that is valid; None if it quotes nothing.

        With `known_only` an unknown quoted status is not read. Raises nothing: see `look_up_quote`.
        """
        read = partial(self.status, quoted=True)
        return await look_up_quote(self.ctx, read, remote, budget, known_only=known_only)

    async def ancestors(self, in_reply_to: str | None, budget: FetchBudget) -> list[str]:
        """Store the unknown statuses above a reply, oldest first, and return their ids.

        What cannot be had ends the climb quietly. Nobody is told of what is found: it is older than the reply.
        """
        missing: list[tuple[RemoteStatus, Actor]] = []
        uri = in_reply_to
        seen: set[str] = set()
        while uri and uri not in seen and len(missing) < ANCESTORS and await self._is_fetchable(uri):
            seen.add(uri)
            try:
                found = await self.read_status(uri, budget)
            except FetchError as error:
                log.info("thread ends at %s: %s", uri, error)
                break
            missing.append(found)
            uri = found[0].in_reply_to
        return [remote.uri for remote, author in reversed(missing) if await self.keep(remote, author, budget)]

    async def described(self, uri: str, budget: FetchBudget) -> RemoteStatus:
        """Return what the origin of a status says of it now. Raises `FetchError`."""
        document = await fetch_object(self.ctx, uri, budget)
        try:
            return parse_status(document, allow_http=self.ctx.instance.test_network)
        except Unreadable as error:
            raise Untrusted(f"{uri}: {error}") from error

    async def author_of(self, remote: RemoteStatus, budget: FetchBudget) -> Actor:
        """Return who wrote what its origin describes; nobody who is suspended here. Raises `FetchError`."""
        if not same_origin(remote.uri, remote.attributed_to):
            raise Untrusted(f"{remote.uri} is attributed to an actor on another server")
        author = await self.actor(remote.attributed_to, budget)
        if author.suspended_at is not None:
            raise Untrusted(f"{author.uri} is suspended here")
        return author

    async def read_status(self, uri: str, budget: FetchBudget) -> tuple[RemoteStatus, Actor]:
        """Return a status as its origin has it, and its author. Raises `FetchError`."""
        remote = await self.described(uri, budget)
        return remote, await self.author_of(remote, budget)

    async def keep(self, remote: RemoteStatus, author: Actor, budget: FetchBudget) -> bool:
        """Store what was read in the background, and tell nobody. False if it is there already, or not wanted."""
        quote = await self.quote_claim(remote, budget, known_only=True)
        known = await self.known_actors(addressed_uris(remote))
        return await self.ctx.db.write_behind(keep_found, remote, author, known, quote)

    async def tallies(self, uri: str) -> None:
        """Read the tallies of a stored poll again from its origin. Raises `FetchError`."""
        remote, author = await self._once(("poll", uri), partial(self.read_status, uri, FetchBudget()))
        await self.ctx.db.write(retell, remote.uri, author.id, remote_poll(remote.poll))

    # ---------------------------------------------------------------------------------------- the steps

    async def _fetch_actor(self, uri: str, budget: FetchBudget, found: Discovery | None) -> Actor:
        await self._refuse_flood(uri)
        return await self._store_actor(await fetch_object(self.ctx, uri, budget), budget, found)

    async def _refuse_flood(self, uri: str) -> None:
        """Raise `Unavailable` for a new host if there have just been too many below its domain (row E12)."""
        host, now = host_of(uri), asyncio.get_running_loop().time()
        if not await self.ctx.db.read(is_host_known, host) and not self._fresh_hosts.admit(host, now):
            raise Unavailable(f"{host} is one of too many new servers below one domain")

    async def _store_actor(
        self, document: Mapping[str, Any], budget: FetchBudget, found: Discovery | None = None
    ) -> Actor:
        """Store an actor as `fetch_object` has just read it from its origin."""
        try:
            remote = parse_actor(document, allow_http=self.ctx.instance.test_network)
        except Unreadable as error:
            raise Untrusted(f"{document.get('id')}: {error}") from error
        if MESSAGE_SIGNATURES in remote.implements:
            self.ctx.forms.claimed(host_of(remote.uri))
        domain = await self._proved_domain(remote, budget, found)
        actor = await self.ctx.db.write(store_remote_actor, remote, domain)
        self.forget(actor.id)
        return actor

    async def _proved_domain(self, remote: RemoteActor, budget: FetchBudget, found: Discovery | None) -> str:
        """Return the domain of the actor's handle: the one WebFinger confirms, else the host of its id (row A19)."""
        host = host_of(remote.uri)
        test_network = self.ctx.instance.test_network
        try:
            claimed = parse_handle(remote.webfinger or f"{remote.username}@{host}", test_network=test_network)
            if found and (found.actor_uri, found.handle.folded) == (remote.uri, claimed.folded):
                return found.handle.domain
            proved = await prove_handle(
                claimed, remote.uri, partial(self._fetch_jrd, budget), test_network=test_network
            )
        except (InvalidHandle, DiscoveryFailed, NoSuchResource, FetchError) as error:
            log.info("handle of %s stays unproved: %s", remote.uri, error)
            return host
        return proved.domain if proved else host

    async def _fetch_key(self, key_uri: str) -> SigningKey:
        """Read a key, or note that it could not be had: before anybody else can ask, and if nobody waits any more."""
        try:
            return await self._read_key(key_uri)
        except FetchError as error:
            self._failures[key_uri] = (asyncio.get_running_loop().time(), error)
            raise

    async def _read_key(self, key_uri: str) -> SigningKey:
        """Find the key's owner from the key's address, and take only what the owner's own document lists."""
        budget = FetchBudget()
        await self._refuse_flood(key_uri)
        document = await fetch_object(self.ctx, key_uri.partition("#")[0], budget)
        owner = document.get("owner") or document.get("controller")
        actor_uri = owner if isinstance(owner, str) else str(document["id"])
        if not same_origin(actor_uri, key_uri):
            raise Untrusted(f"{key_uri} names an owner on another server")
        if document["id"] == actor_uri:
            # What came is the actor itself, as with Mastodon's "#main-key": once is enough.
            await self._once(("actor", actor_uri), partial(self._store_actor, document, budget))
        else:
            await self.actor(actor_uri, budget, fresh=True)
        key = await self._stored_key(key_uri)
        if key is None or key.actor_uri != actor_uri:
            raise Untrusted(f"{actor_uri} does not list the key {key_uri}")
        return key

    async def _stored_key(self, key_uri: str) -> SigningKey | None:
        row = await self.ctx.db.read(key_by_uri, key_uri)
        if row is None:
            return None
        public_pem, actor_id, actor_uri, host = row
        try:
            public_key = load_public_key(public_pem)
        except (WeakKey, MalformedKey) as error:
            raise Untrusted(f"{key_uri}: {error}") from error
        key = SigningKey(key_uri, public_key, actor_id, actor_uri, host)
        self._keys[key_uri] = key
        return key

    async def _fetch_status(
        self, uri: str, budget: FetchBudget, *, quoted: bool, told: tuple[RemoteStatus, Actor] | None
    ) -> Status:
        remote, author = told or await self.read_status(uri, budget)
        await self.ancestors(remote.in_reply_to, budget)
        return await self._store_status(remote, author, await self.quote_claim(remote, budget, known_only=quoted))

    async def _store_status(self, remote: RemoteStatus, author: Actor, quote: QuoteClaim | None) -> Status:
        known = await self.known_actors(addressed_uris(remote))
        return await self.ctx.db.write(_store_remote_status, remote, author, known, quote)

    async def _is_fetchable(self, uri: str) -> bool:
        if self.ctx.instance.owns(uri):
            return False
        known = await self.ctx.db.read(find_status, uri)
        return known is None and not await self.ctx.db.read(is_buried, uri)

    async def _fetch_jrd(self, budget: FetchBudget, url: str) -> Mapping[str, Any]:
        try:
            return await fetch_json(self.ctx, url, budget, accept="application/jrd+json, application/json")
        except Gone as error:
            raise NoSuchResource(str(error)) from error

    def _is_stale(self, actor: Actor) -> bool:
        return actor.fetched_at is not None and self.ctx.clock() - actor.fetched_at > STALE_AFTER

    def _raise_recent_failure(self, key_uri: str, *, refresh: bool) -> None:
        now = asyncio.get_running_loop().time()
        failure = self._failures.get(key_uri)
        if failure and now - failure[0] < FAILURE_LASTS.total_seconds():
            raise failure[1]
        if refresh:
            last = self._refreshed.get(key_uri)
            if last is not None and now - last < REFRESH_EVERY.total_seconds():
                raise Untrusted(f"{key_uri} was read again a moment ago")
            self._refreshed[key_uri] = now

    async def _once(self, key: Hashable, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` unless the same is already under way; then wait for that."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(work())
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        result: T = await asyncio.shield(task)
        return result


def _store_remote_status(
    unit: Unit, remote: RemoteStatus, author: Actor, known: dict[str, Actor], quote: QuoteClaim | None
) -> Status:
    return create_status(unit, remote_draft(remote, author, known, unit.now, quote))
