"""Everything by which somebody comes in, open at once: what has to be shut when they may not come in any more.

A browser that is logged in; an app with its token and what is open by it, a WebSocket, server-sent events, push
messages and an answer that the server keeps; and a code that another app has not exchanged yet.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fediverse_kommune.models import PushMessage
from tests.client import Browser, Client, app_of
from tests.push_service import PushService, Subscriber, push_service
from tests.routes.test_oauth import App, answer
from tests.streams import listening, reading
from tests.town import Town

SECONDS = 5.0  # rule 9: within so many
PROFILE = "/api/v1/accounts/verify_credentials"
HOME = "/api/v1/timelines/home"
SCOPES = "read write follow push"

BY_TOKEN = frozenset({"reading", "kept answer", "writing", "websocket", "events", "push"})
EVERY_WAY = BY_TOKEN | {"browser", "code"}


@dataclass(slots=True)
class Household:
    """Somebody with every way in open. `session` is the cookie as it was, also if the browser forgets it."""

    stadt: Town
    username: str
    app: App
    client: Client
    browser: Browser
    session: dict[str, str]
    late_app: App
    code: str
    endings: dict[str, asyncio.Task[object]]
    service: PushService
    neighbour: Client

    async def shut(self, expected: frozenset[str]) -> set[str]:
        """Return which ways are shut, as soon as those are that are expected, else after `SECONDS`. Codes stay."""
        deadline = time.monotonic() + SECONDS
        while True:
            found = await self._tried()
            if found == expected - {"push", "code"} or time.monotonic() > deadline:
                return found if await self._hears_by_push() else found | {"push"}
            await asyncio.sleep(0.05)

    async def shut_for_good(self, expected: frozenset[str]) -> set[str]:
        """Return the same, and try the code, which can be done once."""
        found = await self.shut(expected)
        reply = await self.late_app.token(self.code)
        if reply.status == 200:
            token = reply.json["access_token"]
            if (await Client(self.stadt, token).ask("GET", PROFILE)).status == 200:
                return found
        return found | {"code"}

    async def _tried(self) -> set[str]:
        found = {way for way, ending in self.endings.items() if ending.done()}
        asked = {"reading": ("GET", PROFILE), "kept answer": ("GET", HOME), "writing": ("POST", "/api/v1/statuses")}
        for way, (method, path) in asked.items():
            body = {"status": "x"} if method == "POST" else None
            if (await self.client.ask(method, path, json=body)).status in {401, 403}:
                found.add(way)
        again = await Browser(self.stadt, dict(self.session)).open(self.late_app.address())
        if again.headers.get("Location", "").startswith("/login"):
            found.add("browser")
        return found

    async def _hears_by_push(self) -> bool:
        """Let somebody name them and their neighbour, and wait until the neighbour has heard of it."""
        known = len(self.service.messages)
        friend = await app_of(self.stadt, "freund")
        await friend.write(f"@{self.username} @{self.neighbour.username} Hallo")
        async with asyncio.timeout(20):
            while not any(message.path.endswith("/neighbour") for message in self.service.messages[known:]):
                await asyncio.sleep(0.01)
        await self.stadt.until(PushMessage, count=0, seconds=20)
        return any(message.path.endswith("/person") for message in self.service.messages[known:])


@asynccontextmanager
async def household(stadt: Town, username: str, *, acting_as: Client | None = None) -> AsyncIterator[Household]:
    """Open every way in for a resident; with `acting_as` the app acts as this actor, whose team they belong to."""
    await app_of(stadt, username)
    browser = Browser(stadt)
    await browser.log_in(username)
    app, late_app = await App.register(stadt, scopes=SCOPES), await App.register(stadt, scopes=SCOPES)
    token = (await app.token(await _agree(browser, app, acting_as))).json["access_token"]
    client, neighbour = Client(stadt, token), await app_of(stadt, "nachbarin")
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(push_service())
        for device, owner in (("person", client), ("neighbour", neighbour)):
            subscription = {"endpoint": service.endpoint(device), "keys": Subscriber().keys(), "standard": True}
            wish = {"subscription": subscription, "data": {"alerts": {"mention": True}}}
            await owner.post("/api/v1/push/subscription", json=wish)
        ear = await stack.enter_async_context(listening(client, "user"))
        feed = await stack.enter_async_context(reading(client, "/user"))
        endings = {
            "websocket": asyncio.create_task(ear.closed(seconds=600)),
            "events": asyncio.create_task(feed.ended(seconds=600)),
        }
        stack.callback(lambda: [ending.cancel() for ending in endings.values()])
        for _ in range(2):
            await client.get(HOME)
        yield Household(
            stadt,
            acting_as.username if acting_as else username,
            app,
            client,
            browser,
            dict(browser.cookies),
            late_app,
            await _agree(browser, late_app, acting_as),
            endings,
            service,
            neighbour,
        )


async def _agree(browser: Browser, app: App, acting_as: Client | None) -> str:
    """Let an app in and return its code."""
    await browser.open(app.address(scope=SCOPES))
    return answer(await browser.submit({"actor_id": acting_as.id} if acting_as else {}))["code"]
