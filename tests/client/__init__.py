"""A Mastodon app and a browser, as tests use them: over a real socket, against a town that runs."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

from sqlalchemy import event, select, update

from activitypub.models import Actor
from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from fediverse_kommune.models import Role, User
from fediverse_kommune.services.accounts import NewUser, create_user
from fediverse_kommune.services.passwords import hash_password
from fediverse_kommune.services.tokens import issue_token
from tests.fediverse import shared_key
from tests.town import Town

PASSWORD = "ein langes Passwort"
_hashes: list[str] = []  # making one takes some 50 ms on purpose


def password_hash() -> str:
    if not _hashes:
        _hashes.append(hash_password(PASSWORD))
    return _hashes[0]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `json` is its body decoded, or None."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if "json" in self.headers.get("Content-Type", "") else None

    @property
    def text(self) -> str:
        return self.body.decode()

    def link(self, relation: str) -> str | None:
        """The address that the `Link` header names for a relation, as a path."""
        match = re.search(rf'<https?://[^/]+([^>]*)>; rel="{relation}"', self.headers.get("Link", ""))
        return match[1] if match else None


@dataclass(slots=True)
class Client:
    """Somebody who sends requests: an app with a token, or nobody."""

    town: Town
    token: str | None = None
    id: str = ""
    username: str = ""

    async def ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: Any) -> Reply:
        sent = {"Host": f"{self.town.host}:{self.town.port}", **(headers or {})}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        url = self.town.address + path
        async with self.town.http.request(method, url, headers=sent, allow_redirects=False, **body) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def get(self, path: str, **options: Any) -> Any:
        """GET what must be there and return it."""
        return await self._expect("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Any:
        return await self._expect("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Any:
        return await self._expect("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> Any:
        return await self._expect("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Any:
        return await self._expect("DELETE", path, **options)

    async def write(self, text: str = "Guten Tag", **fields: Any) -> Any:
        """Publish a post and return it."""
        return await self.post("/api/v1/statuses", json={"status": text, **fields})

    async def follow(self, other: "Client") -> Any:
        return await self.post(f"/api/v1/accounts/{other.id}/follow")

    async def _expect(self, method: str, path: str, **options: Any) -> Any:
        reply = await self.ask(method, path, **options)
        assert reply.status == 200, f"{method} {path} was answered {reply.status}: {reply.text[:300]}"
        return reply.json


async def app_of(town: Town, username: str, *, scopes: str = "read write follow push") -> Client:
    """Return an app that acts as a resident, who is created at the first call for this name."""
    actor_id = await town.write(_person, username)
    token = await town.write(issue_token, username, scopes)
    return Client(town, token, str(actor_id), username)


ADMIN_SCOPES = "read write follow push admin:read admin:write"


async def officer_of(town: Town, username: str, role: Role = Role.MODERATOR, *, scopes: str = ADMIN_SCOPES) -> Client:
    """Return an app of a resident who also has this role."""
    client = await app_of(town, username, scopes=scopes)
    await town.write(_appoint, int(client.id), role)
    return client


def _appoint(unit: Unit, actor_id: int, role: Role) -> None:
    unit.execute(update(User).where(User.actor_id == actor_id).values(role=role))


def anonymous(town: Town) -> Client:
    """Return a client that nobody is logged in to."""
    return Client(town)


def _person(unit: Unit, username: str) -> int:
    known = unit.scalar(select(User).join(Actor, Actor.id == User.actor_id).where(Actor.handle == username))
    if known is not None:
        return known.actor_id
    new = NewUser(username, f"{username}@post.example", password_hash(), name=username.title(), confirmed=True)
    return create_user(unit, new, private_key_pem=private_pem(shared_key("resident"))).actor_id


@contextmanager
def statements(town: Town) -> Iterator[list[str]]:
    """Collect the SELECTs that run meanwhile on the connections for reading, but those of the workers."""
    seen: list[str] = []
    workers = (
        "inbox_items",
        "deliver",
        "instances",
        "domain_blocks",
        "ip_blocks",
        "push_messages",
        "search_revisions",
        "moves",
        "followers_checks",
    )

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        is_query = statement.lstrip().upper().startswith(("SELECT", "WITH"))
        is_agenda = "due_at <=" in statement or "scheduled_at <=" in statement
        if is_query and not is_agenda and not any(f"FROM {table}" in statement for table in workers):
            seen.append(statement)

    engine = town.app.server.db._reading
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


@dataclass(slots=True)
class Browser:
    """Keeps cookies and fills in forms."""

    town: Town
    cookies: dict[str, str] = field(default_factory=dict)
    last: Reply | None = None

    async def open(self, path: str) -> Reply:
        return await self._send("GET", path, None, {})

    async def submit(
        self, fields: Mapping[str, str], *, form: int = 0, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send the n-th form of the page at hand, its hidden fields with ours over them."""
        assert self.last is not None
        action, hidden = forms(self.last.text)[form]
        return await self._send("POST", action, {**hidden, **fields}, headers or {})

    async def log_in(self, username: str, path: str = "/login") -> Reply:
        await self.open(path)
        return await self.submit({"username": f"{username}@post.example", "password": PASSWORD})

    async def _send(self, method: str, path: str, data: Any, headers: Mapping[str, str]) -> Reply:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": cookies, "Accept": "text/html", "Accept-Language": "en", **headers}
        self.last = await Client(self.town).ask(method, path, headers=sent, data=data)
        for header in self.last.headers.getall("Set-Cookie", []):  # type: ignore[attr-defined]
            for name, cookie in SimpleCookie(header).items():
                if cookie.value:
                    self.cookies[name] = cookie.value
                else:
                    self.cookies.pop(name, None)
        return self.last


def forms(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return the action and the hidden fields of each form of a page."""
    found = []
    for match in re.finditer(
        r'<form method="post" action="([^"]*)"(?: enctype="[^"]*")?>(.*?)</form>', html, re.DOTALL
    ):
        pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', match[2])
        found.append((match[1], {name: _unescape(value) for name, value in pairs}))
    return found


def _unescape(text: str) -> str:
    return text.replace("&#34;", '"').replace("&#39;", "'").replace("&lt;", "<").replace("&amp;", "&")
