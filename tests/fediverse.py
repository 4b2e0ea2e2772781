"""Other servers, as real as a test needs them: an origin on loopback with actors, keys, documents and inboxes.

A `Remote` answers WebFinger and ActivityPub over a real socket, signs what it sends, and keeps what it is sent.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

import aiohttp
from aiohttp import web

from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import PrivateKey, generate_rsa_key, public_pem

ACTIVITY_TYPE = "application/activity+json"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@cache  # making one takes 50 ms, so tests share a few
def shared_key(number: Hashable = 0) -> PrivateKey:
    """Return the key of this name or number in this test process."""
    return generate_rsa_key()


@dataclass(slots=True)
class Received:
    """One POST to an inbox of a remote."""

    path: str
    headers: Mapping[str, str]
    activity: dict[str, Any]


@dataclass(slots=True)
class Person:
    """An actor of a remote server."""

    server: "Remote"
    username: str
    key: PrivateKey
    kind: str = "Person"

    @property
    def uri(self) -> str:
        return f"{self.server.origin}/users/{self.username}"

    @property
    def key_id(self) -> str:
        return f"{self.uri}#main-key"

    @property
    def followers(self) -> str:
        return f"{self.uri}/followers"

    def document(self) -> dict[str, Any]:
        return {
            "@context": CONTEXT,
            "id": self.uri,
            "type": self.kind,
            "preferredUsername": self.username,
            "name": self.username.title(),
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "followers": self.followers,
            "following": f"{self.uri}/following",
            "featured": f"{self.uri}/featured",
            "endpoints": {"sharedInbox": f"{self.server.origin}/inbox"},
            "publicKey": {"id": self.key_id, "owner": self.uri, "publicKeyPem": public_pem(self.key)},
        }

    def activity(self, kind: str, target: Any, /, **extra: Any) -> dict[str, Any]:
        """Return an activity of this person with a fresh id."""
        return {
            "@context": CONTEXT,
            "id": self.server.fresh_id(kind.lower()),
            "type": kind,
            "actor": self.uri,
            "object": target,
            **extra,
        }

    def note(self, content: str = "<p>Guten Tag</p>", **extra: Any) -> dict[str, Any]:
        """Return a public note of this person with a fresh id; it can be fetched from its server."""
        uri = extra.pop("id", None) or self.server.fresh_id("note")
        note = {
            "@context": CONTEXT,
            "id": uri,
            "type": "Note",
            "attributedTo": self.uri,
            "content": content,
            "published": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "to": [PUBLIC],
            "cc": [self.followers],
            **extra,
        }
        self.server.documents[uri.removeprefix(self.server.origin)] = note
        return note

    def create(self, note: dict[str, Any] | None = None, **extra: Any) -> dict[str, Any]:
        """Return the Create of a note, addressed like it."""
        note = note or self.note()
        return self.activity("Create", note, to=note["to"], cc=note["cc"], **extra)

    def signed(
        self, url: str, body: bytes, *, host: str | None = None, key_id: str | None = None, now: datetime | None = None
    ) -> dict[str, str]:
        """Return the headers of a signed POST of `body` to `url`."""
        return sign(
            "POST",
            url,
            {"Content-Type": ACTIVITY_TYPE},
            body,
            key_id=key_id or self.key_id,
            private_key=self.key,
            now=now or datetime.now(UTC),
        )

    def asking(self, url: str, *, key_id: str | None = None) -> dict[str, str]:
        """Return the headers of a signed GET of `url`."""
        return sign("GET", url, {}, None, key_id=key_id or self.key_id, private_key=self.key, now=datetime.now(UTC))


@dataclass(slots=True)
class Remote:
    """A server of the fediverse on a loopback port.

    `documents` maps paths to what is served there: an object that becomes JSON, bytes that are sent as they are, or
    a function that makes the answer. What `believes` says no to is answered 401, and counted. `fingers`
    maps WebFinger resources to answers that differ from the honest one. `requested` lists what was asked for by GET,
    `received` what came by POST.
    """

    host: str
    port: int = 0
    documents: dict[str, Any] = field(default_factory=dict)
    fingers: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    content_type: str = ACTIVITY_TYPE
    inbox_status: int = 202
    inbox_delay: float = 0.0
    inbox_headers: dict[str, str] = field(default_factory=dict)
    down: bool = False
    believes: Callable[[web.Request], bool] = lambda request: True
    disbelieved: int = 0
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def domain(self) -> str:
        return f"{self.host}:{self.port}"

    def fresh_id(self, kind: str) -> str:
        self._count += 1
        return f"{self.origin}/{kind}s/{self._count}"

    def person(self, username: str, *, kind: str = "Person", key: PrivateKey | None = None) -> Person:
        """Return the actor of that name, made at the first call."""
        if username not in self.people:
            # A few keys for each server, and no two servers with the same one: nobody may sign for another.
            own_key = key or shared_key((self.host, len(self.people) % 4))
            self.people[username] = Person(self, username, own_key, kind)
            self.documents[f"/users/{username}"] = self.people[username].document()
        return self.people[username]

    async def until_received(self, kind: str, count: int = 1, *, seconds: float = 10) -> list[Received]:
        """Return the activities of a type once `count` of them have come; raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(found := [item for item in self.received if item.activity.get("type") == kind]) < count:
                self._arrival.clear()
                await self._arrival.wait()
        return found

    async def serve(self) -> web.AppRunner:
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_get("/.well-known/webfinger", self._webfinger)
        app.router.add_post("/{path:.*}", self._inbox)
        app.router.add_get("/{path:.*}", self._document)
        # Who still waits for a slow answer when the test is over does not get one.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _webfinger(self, request: web.Request) -> web.Response:
        self.requested.append(str(request.rel_url))
        resource = request.query.get("resource", "")
        if resource in self.fingers:
            return _answer(self.fingers[resource], "application/jrd+json")
        name = resource.removeprefix("acct:").rpartition("@")[0]
        person = self.people.get(name)
        if person is None:
            return web.Response(status=404)
        links = [{"rel": "self", "type": ACTIVITY_TYPE, "href": person.uri}]
        return web.json_response({"subject": resource, "links": links}, content_type="application/jrd+json")

    async def _document(self, request: web.Request) -> web.Response:
        self.requested.append(request.path)
        if self.down:
            return web.Response(status=503)
        if not self._is_believed(request):
            return web.Response(status=401)
        document = self.documents.get(request.path)
        if document is None:
            return web.Response(status=404)
        return _answer(document, self.content_type)

    async def _inbox(self, request: web.Request) -> web.Response:
        if self.inbox_delay:
            await asyncio.sleep(self.inbox_delay)
        body = await request.read()
        if not self._is_believed(request):
            return web.Response(status=401)
        if self.inbox_status < 300:
            self.received.append(Received(request.path, dict(request.headers), json.loads(body)))
            self._arrival.set()
        return web.Response(status=self.inbox_status, headers=self.inbox_headers)

    def _is_believed(self, request: web.Request) -> bool:
        is_believed = self.believes(request)
        self.disbelieved += not is_believed
        return is_believed


def _answer(document: Any, content_type: str) -> web.Response:
    if callable(document):
        made: web.Response = document()
        return made
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return web.Response(body=body, headers={"Content-Type": content_type})


def redirect(location: str, status: int = 302) -> Callable[[], web.Response]:
    """Return what to put into `documents` so that a path leads elsewhere."""
    return lambda: web.Response(status=status, headers={"Location": location})


@asynccontextmanager
async def remote(host: str = "nachbar.test") -> AsyncIterator[Remote]:
    """A running remote server."""
    server = Remote(host)
    runner = await server.serve()
    try:
        yield server
    finally:
        await runner.cleanup()


async def post(
    session: aiohttp.ClientSession, address: str, host: str, path: str, body: bytes, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """POST bytes to a server at `address` ("http://127.0.0.1:port") under the name `host`."""
    async with session.post(address + path, data=body, headers={**headers, "Host": host}) as answer:
        return answer.status, await answer.read()
