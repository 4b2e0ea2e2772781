"""POST to an inbox: read, authenticate, authorise, store, 202. https://www.w3.org/TR/activitypub/#inbox

An ASGI application of its own beside the app with the pages: here everything arrives that anybody in the fediverse
says, thousands of times an hour, and half of what an acceptance would cost is a framework that it has no use for
(docs/decisions/0016-the-inbox-is-its-own-asgi-application.md).
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.budgets import ActorBudget
from activitypub.caps import CAPS
from activitypub.http import is_activity_type
from activitypub.instance import INSTANCE_ACTOR_PATH, RELAY_PATH
from activitypub.models import Actor
from activitypub.resolver import Resolver
from activitypub.responses import signed_message
from activitypub.strict_json import write
from activitypub.unit import StorageUnavailable
from inbox.authenticate import NO_KEY, Authenticator, NothingToDo, Refusal
from inbox.dispatch import HANDLERS
from inbox.queue import InboxQueue
from inbox.refused import RefusedArrivals, claimed_host
from inbox.synchronization import FollowersWatch

log = logging.getLogger(__name__)

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

SHARED = frozenset({"/inbox", f"{INSTANCE_ACTOR_PATH}/inbox", f"{RELAY_PATH}/inbox"})
BODY_SECONDS = 60  # how long a body may take to arrive

# The types of activities that are told by name. Whatever else somebody writes there is their own text.
ACTIVITY_WORDS = frozenset(kind for kind, _ in HANDLERS)

_PERSONAL = re.compile(r"/users/([^/]+)/inbox")


class Verdict(Struct, frozen=True):
    """The answer: a status and, unless it is 202, a sentence for the sender and two words for the administrators."""

    status: int
    message: str = ""
    reason: str = ""
    what: str = ""


ACCEPTED = Verdict(202)


class _Gone(Exception):
    """The sender hung up before all had arrived: there is nobody to answer."""


class Inbox:
    """All inboxes of an instance: the shared one, the instance actor's, and those of its actors."""

    def __init__(
        self,
        resolver: Resolver,
        authenticator: Authenticator,
        queue: InboxQueue,
        wake: Callable[[], None],
        is_shut_out: Callable[[str | None], Awaitable[bool]],
    ) -> None:
        """`wake` tells the worker that there is something to do; `is_shut_out` whether an address may not come in."""
        self._ctx = resolver.ctx
        self._authenticator = authenticator
        self._queue = queue
        self._wake = wake
        self._is_shut_out = is_shut_out
        self._followers = FollowersWatch(resolver.ctx)
        self.budget = ActorBudget()
        self._resolver = resolver
        self.refused = RefusedArrivals(resolver.ctx.db)

    def takes(self, scope: Scope) -> bool:
        """Return True for a POST to an inbox. Whatever else is asked of such an address is for the pages."""
        if scope["type"] != "http" or scope["method"] != "POST":
            return False
        return scope["path"] in SHARED or _PERSONAL.fullmatch(scope["path"]) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            verdict = await self._receive(scope, receive)
        except _Gone:
            return
        except StorageUnavailable:
            log.exception("an activity could not be stored")
            verdict = Verdict(503, "This server cannot store anything just now. Please send this again later.")
        except Exception:
            log.exception("an activity could not be received")
            verdict = Verdict(500, "This server made a mistake. Please send this again later.")
        if verdict.message:
            log.info("refused %s: %s", verdict.status, verdict.message)
        if verdict.reason:
            host = claimed_host(scope["headers"], test_network=self._ctx.instance.test_network)
            self.refused.note(host, verdict.reason, verdict.what if verdict.what in ACTIVITY_WORDS else "")
        await _answer(send, verdict)

    async def _receive(self, scope: Scope, receive: Receive) -> Verdict:
        client = scope["client"]
        if await self._is_shut_out(client[0] if client else None):
            return Verdict(403, "This network may not come in.", "network")
        if not is_activity_type(_header(scope["headers"], b"content-type")):
            return Verdict(415, 'Send "application/activity+json".', "media_type")
        recipient_id = None
        if named := _PERSONAL.fullmatch(scope["path"]):
            recipient_id = await self._ctx.db.read(_local_actor_id, named[1])
            if recipient_id is None:
                return Verdict(404, f"Nobody here is called {named[1]}.", "nobody")
        try:
            body = await _read_body(scope, receive)
        except TimeoutError:
            return Verdict(408, f"The body did not arrive within {BODY_SECONDS} seconds.", "slow")
        if body is None:
            return Verdict(413, f"The body is longer than {CAPS.body_bytes} bytes.", "size")
        return await self._take(scope, body, recipient_id)

    async def _take(self, scope: Scope, body: bytes, recipient_id: int | None) -> Verdict:
        """Judge an activity, and have it on disk before it is accepted."""
        client = scope["client"]
        address = client[0] if client else None
        may_fetch = self._resolver.dead_keys.may_ask(address)
        outcome = await self._authenticator.authenticate(signed_message(scope, body), may_fetch=may_fetch)
        if isinstance(outcome, Refusal):
            if outcome.reason in NO_KEY:
                self._resolver.dead_keys.note(address)
            return Verdict(outcome.status, outcome.message, outcome.reason, outcome.what)
        if not isinstance(outcome, NothingToDo):
            if not self.budget.spend(outcome.signer.actor_uri):
                return Verdict(429, "This actor says too much at once. Please send this again later.", "too_much")
            await self._queue.enqueue(outcome, recipient_id, self._ctx.clock())
            self._wake()
            if not (outcome.hearsay or outcome.forwarded):
                await self._followers.notice(outcome.signer, scope["headers"])
        return ACCEPTED


async def _read_body(scope: Scope, receive: Receive) -> bytes | None:
    """Return the body; None if it is longer than `Caps.body_bytes`, whatever its header says (row E02).

    Raises `TimeoutError` for one that comes too slowly.
    """
    announced = _header(scope["headers"], b"content-length")
    if announced is not None and (not announced.isdecimal() or int(announced[:20]) > CAPS.body_bytes):
        return None
    pieces: list[bytes] = []
    length = 0
    async with asyncio.timeout(BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _Gone
            piece = message.get("body", b"")
            length += len(piece)
            if length > CAPS.body_bytes:
                return None
            pieces.append(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in headers if key == name), None)


async def _answer(send: Send, verdict: Verdict) -> None:
    body = write({"error": verdict.message}) if verdict.message else b""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if verdict.status in {429, 503}:
        headers.append((b"retry-after", str(CAPS.retry_after_seconds).encode()))
    if verdict.status in {408, 413}:
        headers.append((b"connection", b"close"))  # what is left of the body is not waited for
    await send({"type": "http.response.start", "status": verdict.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _local_actor_id(session: Session, username: str) -> int | None:
    return session.scalar(select(Actor.id).where(Actor.handle == username.lower(), Actor.domain.is_(None)))
