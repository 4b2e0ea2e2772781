"""H09: what a token may not read it does not hear, and what is open by it ends within five seconds of its end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import delete, update

from activitypub.unit import Unit
from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.models import AccessToken, Membership, Role, Standing, User
from fediverse_kommune.services import teams
from fediverse_kommune.services.tokens import digest
from tests.client import Client, app_of, officer_of
from tests.routes.admin_cases import find_user
from tests.streams import STREAMING, listening, reading, refused
from tests.town import Town
from tests.ways_in import BY_TOKEN, SECONDS, Household, household

STREAMS = [route for page in PAGES for route in page.all if route.declaration.stream and not route.is_websocket]
NAMES = (
    *("user", "user:notification", "public", "public:media", "public:local", "public:local:media"),
    *("public:remote", "public:remote:media", "hashtag", "hashtag:local", "list", "direct"),
)


async def asked(client: Client) -> dict[str, str]:
    """Return the parameters that some streams want."""
    return {"tag": "fest", "list": (await client.post("/api/v1/lists", json={"title": "Verein"}))["id"]}


# ------------------------------------------------------------------------------------------- what opens


async def test_h09_a_token_without_the_scope_opens_no_stream(stadt: Town) -> None:
    for scopes in ("write", "follow", "push", "profile", "read:lists"):
        client = await app_of(stadt, "anna", scopes=scopes)
        for route in STREAMS:
            reply = await client.ask("GET", f"{route.path}?tag=fest&list=1")
            assert reply.status == 401, (scopes, route.path)
        for name in NAMES:
            assert await refused(client, f"stream={name}&tag=fest&list=1") == 401, (scopes, name)
    assert len(stadt.app.server.hub) == 0


async def test_h09_a_scope_opens_what_it_is_for(stadt: Town) -> None:
    for scopes, opened in (("read:statuses", "/user"), ("read:notifications", "/user/notification")):
        client = await app_of(stadt, "anna", scopes=scopes)
        for route in STREAMS:
            if scopes in route.declaration.scopes:
                continue
            assert (await client.ask("GET", f"{route.path}?tag=fest&list=1")).status == 401, (scopes, route.path)
        async with reading(client, opened):
            pass


# ------------------------------------------------------------------------------------------- and what ends


async def revoked(stadt: Town, client: Client) -> None:
    def revoke(unit: Unit) -> None:
        unit.execute(delete(AccessToken).where(AccessToken.token_hash == digest(client.token or "")))

    await stadt.write(revoke)


async def narrowed(stadt: Town, client: Client) -> None:
    def narrow(unit: Unit) -> None:
        mine = AccessToken.token_hash == digest(client.token or "")
        unit.execute(update(AccessToken).where(mine).values(scopes="read:lists write"))

    await stadt.write(narrow)


async def unconfirmed(stadt: Town, client: Client) -> None:
    def doubt(unit: Unit) -> None:
        unit.execute(update(User).where(User.actor_id == int(client.id)).values(confirmed_at=None))

    await stadt.write(doubt)


async def put_out(stadt: Town, client: Client) -> None:
    def leave(unit: Unit) -> None:
        unit.execute(delete(Membership).where(Membership.actor_id == int(client.id)))

    await stadt.write(leave)


async def suspended(stadt: Town, client: Client) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    await officer.post(f"/api/v1/admin/accounts/{client.id}/action", data={"type": "suspend"})


async def disabled(stadt: Town, client: Client) -> None:
    officer = await officer_of(stadt, "vera", Role.ADMIN)
    await officer.post(f"/api/v1/admin/accounts/{client.id}/action", data={"type": "disable"})


LOSSES: Mapping[str, Callable[[Town, Client], Awaitable[None]]] = {
    "its row is gone": revoked,
    "it may do less": narrowed,
    "the address is not confirmed any more": unconfirmed,
    "the person does not belong to the actor": put_out,
    "the person is suspended": suspended,
    "the person is disabled": disabled,
}


@pytest.mark.parametrize("what", LOSSES)
async def test_h09_every_stream_ends_with_the_token(stadt: Town, what: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    wanted = await asked(anna)
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(listening(bert, "public"))
        ear = await stack.enter_async_context(listening(anna))
        for name in NAMES:
            await ear.say("subscribe", name, **wanted)
        feeds = [
            await stack.enter_async_context(reading(anna, f"{route.path.removeprefix(STREAMING)}?{query}"))
            for route in STREAMS
        ]
        await LOSSES[what](stadt, anna)
        endings = [ear.closed(seconds=SECONDS), *(feed.ended(seconds=SECONDS) for feed in feeds)]
        assert (await asyncio.gather(*endings))[0] == 1008
        status = await bert.write("weiter")
        assert (await other.next()).id == status["id"], "nobody else is hung up on"
    assert await refused(anna, "stream=user") in {401, 403}


# --------------------------------------------------------------------------------------- acting as a club


async def join(stadt: Town, username: str, standing: Standing) -> tuple[int, int, Client]:
    """Let somebody act as a club; return the ids of both logins, and the club's own app."""
    club, member = await app_of(stadt, "verein"), await app_of(stadt, username)

    def let_in(unit: Unit) -> tuple[int, int]:
        user, owner = find_user(unit, int(member.id)), find_user(unit, int(club.id))
        teams.join(unit, user.id, int(club.id), standing)
        return user.id, owner.id

    user_id, owner_id = await stadt.write(let_in)
    return user_id, owner_id, club


@pytest.mark.timeout(120)
@pytest.mark.parametrize("by_oneself", [True, False])
async def test_h09_who_leaves_a_team_or_is_put_out_acts_and_hears_no_more(stadt: Town, *, by_oneself: bool) -> None:
    user_id, owner_id, club = await join(stadt, "anna", Standing.EDITOR)
    async with household(stadt, "anna", acting_as=club) as home:
        assert await home.shut(frozenset()) == set()
        await stadt.write(teams.remove_member, user_id if by_oneself else owner_id, int(club.id), user_id)
        expected = BY_TOKEN | {"code"}
        assert await home.shut_for_good(expected) == expected
    await own_login_stays(home)


@pytest.mark.timeout(120)
async def test_h09_who_only_watches_from_now_on_writes_no_more(stadt: Town) -> None:
    user_id, owner_id, club = await join(stadt, "anna", Standing.AUTHOR)
    async with household(stadt, "anna", acting_as=club) as home:
        await stadt.write(teams.set_member, owner_id, int(club.id), user_id, Standing.VIEWER)
        # Streams begin anew: what they were opened with does not hold any more.
        expected = frozenset({"writing", "websocket", "events"})
        assert await home.shut_for_good(expected) == expected


async def own_login_stays(home: Household) -> None:
    reply = await home.browser.open("/")
    assert "Log out" in reply.text
