"""The servers behind tests/payloads: every actor and every object of the folder, answering where it says it is.

One server on loopback stands for all of them. Each payload gets a fediverse of its own, told apart by a number in
every host name: `troet.ostheim.example` is `troet.ostheim.n7.test` in the seventh, and our town hall, to which the
payloads speak as `https://kommune.example/users/rathaus`, is `/users/rathaus7` of the town under test. So all
payloads can go into one running town, and none meets what another left.
"""

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from activitypub.properties import uri_of
from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import PrivateKey, public_pem
from tests.fediverse import ACTIVITY_TYPE, CONTEXT, shared_key
from tests.payload_files import SHOWN, Payload, payloads, signed_gets
from tests.town import Town

OURS = "https://kommune.example"
TOWN_HALL = f"{OURS}/users/rathaus"
Document = dict[str, Any]

_HOST = re.compile(r"(https://|@)?([a-z0-9][a-z0-9.-]*)\.example\b")
_STATUS_ID = re.compile(r"1170000000000000(\d\d)")
_MOVED_HOST = re.compile(r"\.n(\d+)\.test(:\d+)?")


@dataclass(frozen=True, slots=True)
class Sent:
    """One POST to an inbox of these servers."""

    inbox: str
    activity: Document


@dataclass(slots=True)
class World:
    """The fediverse of one payload, around one town. Everything in it bears the world's number."""

    number: int
    town: Town
    servers: "PayloadServers"
    payload: Payload
    # What is served otherwise than the folder says, by its moved URL; None is gone.
    changed: dict[str, Document | None] = field(default_factory=dict)
    received: list[Sent] = field(default_factory=list)

    @property
    def activity(self) -> Document:
        """The payload, moved into this world."""
        document: Document = self.moved(self.payload.document)
        return document

    @property
    def expected(self) -> Mapping[str, Any]:
        """What expectations.toml says of it, moved into this world."""
        expected: Mapping[str, Any] = self.moved(self.payload.expected)
        return expected

    @property
    def sender(self) -> str:
        """Who says it; of a document that is fetched, whose it is."""
        return self.moved_text(_speaker(self.payload.document))

    @property
    def native(self) -> str:
        """The actor that stands in `actor.json` beside the payload: the one everybody in its folder is about."""
        return self.moved_text(self.servers.natives[self.payload.name.partition("/")[0]])

    @property
    def username(self) -> str:
        return f"rathaus{self.number}"

    def moved(self, value: Any) -> Any:
        """Return a document of the folder as it stands in this world."""
        return json.loads(self.moved_text(json.dumps(value, ensure_ascii=False)))

    def moved_text(self, text: str) -> str:
        text = text.replace(TOWN_HALL, f"{self.town.origin}/users/{self.username}")
        text = _STATUS_ID.sub(lambda found: str(self.status_id(int(found[1]))), text)
        return _HOST.sub(self._moved_host, text)

    def status_id(self, last_digits: int) -> int:
        """Return the id of a status of the town hall, which the payloads know by its last two digits."""
        return 117_000_000_000_000_000 + self.number * 100 + last_digits

    def _moved_host(self, found: re.Match[str]) -> str:
        before, name = found[1] or "", found[2]
        host = self.town.host if name == "kommune" else f"{name}.n{self.number}.test"
        if not before:
            return host  # a name in a text, or somebody who is called like a host
        port = self.town.port if name == "kommune" else self.servers.port
        return f"{before.replace('https', 'http')}{host}:{port}"

    def found(self, url: str) -> Document | None:
        """Return what is served at a moved URL: the folder's document unless it was changed."""
        if url in self.changed:
            return self.changed[url]
        documents, unmoved = self.servers.documents, _unmoved(url)
        document = documents.get(unmoved) or documents.get(f"{unmoved}/")
        return None if document is None else self.moved(document)

    async def deliver(self, activity: Document) -> int:
        """POST an activity to the shared inbox, signed by its actor, and return the status."""
        body = json.dumps(activity).encode()
        speaker = _unmoved(_speaker(activity))
        headers = sign(
            "POST",
            f"{self.town.origin}/inbox",
            {"Content-Type": ACTIVITY_TYPE},
            body,
            key_id=self.moved_text(self.servers.documents[speaker]["publicKey"]["id"]),
            private_key=key_of(speaker),
            now=datetime.now(UTC),
        )
        return await self.town.post("/inbox", body, headers)

    async def accept(self, activity: Document) -> None:
        """Deliver an activity that prepares the ground and wait until it took effect."""
        assert await self.deliver({"@context": CONTEXT, **activity}) == 202
        await self.town.settle()

    def by(self, actor: str, kind: str, target: Any, /, **extra: Any) -> Document:
        """Return an activity of an actor of this world, with an id that no payload uses."""
        activity_id = f"{actor.partition('?')[0]}#prepared-{next(self.servers.numbers)}"
        return {"id": activity_id, "type": kind, "actor": actor, "object": target, **extra}


class PayloadServers:
    """All servers of the folder, on one port of loopback."""

    def __init__(self) -> None:
        self.port = 0
        self.numbers = count(1)
        self.natives: dict[str, str] = {}
        self.documents: dict[str, Document] = {}
        self._fingers: dict[str, str] = {}
        self._worlds: dict[str, World] = {}
        # Whoever mentions an object, its Create knows it as it was at first.
        for each in sorted(payloads(), key=_by_age):
            self._read(each)
        for form in signed_gets().values():
            if form["signer"] not in self.documents:
                self._index_actor(_stranger(form["signer"], form["key_id"]))

    def world(self, town: Town, payload: Payload) -> World:
        """Return a fresh world for a payload."""
        number = next(self.numbers)
        self._worlds[str(number)] = World(number, town, self, payload)
        return self._worlds[str(number)]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["PayloadServers"]:
        """Answer on loopback."""
        app = web.Application()
        app.router.add_get("/.well-known/webfinger", self._webfinger)
        app.router.add_get("/{path:.*}", self._document)
        app.router.add_post("/{path:.*}", self._inbox)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    def _read(self, each: Payload) -> None:
        """Index what a payload tells of: its objects by their ids, its actor, even one without a file."""
        folder, _, file = each.name.partition("/")
        if each.effect in SHOWN:
            for document in _shown_in(each.document):
                self.documents.setdefault(document["id"], document)
            return
        if each.effect == "actor":
            self._index_actor(each.document)
            if file == "actor.json":
                self.natives[folder] = each.document["id"]
            return
        if each.effect != "status-document" and _speaker(each.document) not in self.documents:
            self._index_actor(_stranger(_speaker(each.document)))
        if each.effect == "move":
            target = each.document["target"]
            self._index_actor({**_stranger(target), "alsoKnownAs": [each.document["object"]]})
        for document in _documents_in(each.document):
            self.documents.setdefault(document["id"], document)

    def _index_actor(self, document: Document) -> None:
        uri = document["id"]
        key = {**document["publicKey"], "publicKeyPem": public_pem(key_of(uri))}
        self.documents[uri] = {**document, "publicKey": key}
        # A key with an address of its own is served there, in its owner's document.
        self.documents.setdefault(key["id"].partition("#")[0], self.documents[uri])
        host = uri.split("/")[2]
        for handle in (f"{document['preferredUsername']}@{host}", document.get("webfinger", "")):
            self._fingers[handle] = uri

    async def _webfinger(self, request: web.Request) -> web.Response:
        resource = request.query.get("resource", "")
        world = self._world_of(f"http://{request.host}")
        uri = self._fingers.get(_unmoved(resource).removeprefix("acct:"))
        if world is None or uri is None:
            return web.Response(status=404)
        link = {"rel": "self", "type": ACTIVITY_TYPE, "href": world.moved_text(uri)}
        return web.json_response({"subject": resource, "links": [link]}, content_type="application/jrd+json")

    async def _document(self, request: web.Request) -> web.Response:
        # An id may be a bare origin, of which a client asks for "/".
        path = "" if request.raw_path == "/" else request.raw_path
        url = f"http://{request.host}{path}"
        world = self._world_of(url)
        document = world.found(url) if world else None
        if document is None:
            return web.Response(status=410 if world and url in world.changed else 404)
        return web.json_response(document, content_type=ACTIVITY_TYPE)

    async def _inbox(self, request: web.Request) -> web.Response:
        url = f"http://{request.host}{request.raw_path}"
        world = self._world_of(url)
        if world is None:
            return web.Response(status=404)
        world.received.append(Sent(url, await request.json()))
        return web.Response(status=202)

    def _world_of(self, url: str) -> World | None:
        found = _MOVED_HOST.search(url)
        return self._worlds.get(found[1]) if found else None


def key_of(uri: str) -> PrivateKey:
    """Return the key of an actor of the folder: each server has one, for making one takes long."""
    return shared_key(("payloads", urlsplit(uri).hostname))


def _unmoved(text: str) -> str:
    """Return a moved URL or handle as the folder has it."""
    return _MOVED_HOST.sub(".example", text).replace("http://", "https://")


def _speaker(document: Document) -> str:
    """Return the actor of an activity, the first of several; of another document its author, or itself."""
    is_actor = "inbox" in document
    named = document["id"] if is_actor else document.get("actor") or document["attributedTo"]
    speaker = uri_of(named[0] if isinstance(named, list) else named)
    assert speaker is not None
    return speaker


def _documents_in(document: Document) -> Iterable[Document]:
    """Iterate over a document and all that is embedded in it as somebody's object, if it has an id and an author."""
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each.get("id"), str) and ("actor" in each or "attributedTo" in each):
            yield each if "@context" in each else {"@context": CONTEXT, **each}
        inner = each.get("object")
        waiting.extend(value for value in (inner if isinstance(inner, list) else [inner]) if isinstance(value, dict))


def _shown_in(document: Document) -> Iterable[Document]:
    """Iterate over a document that is served, the collection of replies in it, and the statuses in a collection."""
    yield document
    replies = document.get("replies")
    inner = [replies, *document.get("orderedItems", ())] if isinstance(replies, dict) else document.get("orderedItems")
    for each in inner if isinstance(inner, list) else ():
        if isinstance(each, dict) and "id" in each and ("attributedTo" in each or each is replies):
            yield {"@context": CONTEXT, **each}


def _by_age(payload: Payload) -> int:
    kinds = ("actor", "status-document", "status")
    return kinds.index(payload.effect) if payload.effect in kinds else len(kinds)


def _stranger(uri: str, key_id: str | None = None) -> Document:
    """Return a document for an actor that has no file: a moderator, the actor of a server."""
    key = {"id": key_id or f"{uri}#main-key", "owner": uri}
    return {
        "@context": CONTEXT,
        "id": uri,
        "type": "Application",
        "preferredUsername": re.sub("[^a-z]", "-", uri.rpartition("/")[2] or "site"),
        "inbox": f"{uri}/inbox",
        "publicKey": key,
    }
