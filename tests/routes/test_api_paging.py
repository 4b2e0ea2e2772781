"""Every paged list, walked down and up while something comes in: each item once, and none twice.

https://docs.joinmastodon.org/api/guidelines/#pagination

Which routes are paged is read from the table of routes and their code, so that a new one fails here until it says how
a further item comes into it.
"""

import inspect
import itertools
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Route
from fediverse_kommune.models import PreviewCard, Role, StatusCard
from tests.client import Client, app_of, officer_of
from tests.routes.admin_cases import file_report
from tests.town import Town

# A step of a walk: how many items to ask for, and whether one comes in after the answer.
Plan = Sequence[tuple[int, bool]]

ALL: Plan = [(40, False)] * 40
plans = st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=4)


@dataclass(slots=True)
class World:
    """Anna and Bert, who follow each other, Vera of the administration, and what the addresses of lists need."""

    stadt: Town
    anna: Client
    bert: Client
    vera: Client
    names: dict[str, str]
    numbers: Iterator[int] = field(default_factory=itertools.count)
    gatherings: dict[str, str] = field(default_factory=dict)

    async def stranger(self) -> Client:
        return await app_of(self.stadt, f"person{next(self.numbers)}")

    def reader_of(self, path: str) -> Client:
        return self.vera if "/admin/" in path else self.anna

    async def followed(self) -> Client:
        other = await self.stranger()
        await self.anna.follow(other)
        return other


Fill = Callable[[World], Awaitable[Any]]


@pytest.fixture
async def world(stadt: Town) -> World:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await anna.follow(bert)
    await bert.follow(anna)
    row = await anna.post("/api/v1/lists", json={"title": "Liste"})
    await anna.post(f"/api/v1/lists/{row['id']}/accounts", json={"account_ids": [bert.id]})
    status = await anna.write("Frage")
    await bert.post(f"/api/v1/statuses/{status['id']}/favourite")
    (group,) = [one for one in await anna.get("/api/v1/notifications") if one["type"] == "favourite"]
    await anna.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    names = {
        "hashtag": "fest",
        "account_id": bert.id,
        "list_id": row["id"],
        "status_id": status["id"],
        "group_key": group["group_key"],
        "event_id": "",
    }
    return World(stadt, anna, bert, await officer_of(stadt, "vera", Role.ADMIN), names)


async def post(world: World) -> Any:
    return await world.bert.write(f"{next(world.numbers)} #fest")


async def whisper(world: World) -> Any:
    return await world.bert.write("@anna leise", visibility="direct")


async def mention(world: World) -> Any:
    return await world.bert.write("@anna laut")


async def kept(world: World, verb: str) -> None:
    status = await post(world)
    await world.anna.post(f"/api/v1/statuses/{status['id']}/{verb}")


async def handed(world: World, verb: str) -> None:
    await (await world.stranger()).post(f"/api/v1/statuses/{world.names['status_id']}/{verb}")


async def done_to(world: World, verb: str) -> None:
    other = await world.stranger()
    await world.anna.post(f"/api/v1/accounts/{other.id}/{verb}")


async def endorsed(world: World, who: Client) -> None:
    other = await world.stranger()
    await who.follow(other)
    await who.post(f"/api/v1/accounts/{other.id}/endorse")


async def follows(world: World, *, back: bool) -> None:
    other = await world.stranger()
    await (world.bert.follow(other) if back else other.follow(world.bert))


async def asks_to_follow(world: World) -> None:
    await (await world.stranger()).follow(world.anna)


async def listed(world: World) -> None:
    other = await world.followed()
    await world.anna.post(f"/api/v1/lists/{world.names['list_id']}/accounts", json={"account_ids": [other.id]})


async def domain_blocked(world: World) -> None:
    await world.anna.post("/api/v1/domain_blocks", json={"domain": f"n{next(world.numbers)}.example"})


async def tag_followed(world: World) -> None:
    await world.anna.post(f"/api/v1/tags/tag{next(world.numbers)}/follow")


async def held_back(world: World) -> None:
    await (await world.stranger()).write("@anna darf ich?", visibility="direct")


async def scheduled(world: World) -> None:
    at = datetime.now(UTC) + timedelta(hours=1, minutes=next(world.numbers))
    await world.anna.write("später", scheduled_at=at.isoformat())


async def quoted(world: World) -> None:
    await world.bert.write("Seht her", quoted_status_id=world.names["status_id"])


async def reported(world: World) -> None:
    reporter, target = await world.stranger(), await world.stranger()
    await world.stadt.write(file_report, int(reporter.id), int(target.id))


def ruled(name: str, **body: str) -> Fill:
    """Let Vera make a rule; a further number stands where it says NUMBER."""

    async def fill(world: World) -> None:
        number = str(next(world.numbers))
        sent = {key: value.replace("NUMBER", number) for key, value in body.items()}
        await world.vera.post(f"{ADMIN}/{name}", json=sent)

    return fill


async def linked(world: World) -> None:
    status = await post(world)
    await world.stadt.write(_show_card, int(status["id"]))


def _show_card(unit: Unit, status_id: int) -> None:
    card = unit.scalar(select(PreviewCard).where(PreviewCard.url == PAGE))
    if card is None:
        card = PreviewCard(id=new_id(unit.now), url=PAGE, title="Seite", fetched_at=unit.now)
        unit.add(card)
        unit.flush()
    unit.add(StatusCard(status_id=status_id, card_id=card.id))


PAGE = "https://seite.example/"  # of which posts show a preview
LINK = "/api/v1/timelines/link"
ADMIN = "/api/v1/admin"


async def asks_to_like(world: World) -> None:
    policy = {"can_favourite": {"with_approval": ["public"]}}
    status = await world.anna.write("Mit Bedacht", interaction_policy=policy)
    await (await world.stranger()).post(f"/api/v1/statuses/{status['id']}/favourite")


async def gathering(client: Client, join_mode: str = "free") -> str:
    """Let somebody announce an event; return its id."""
    form = {"name": "Fest", "status": "#fest", "start_time": "2030-05-01T10:00:00Z", "join_mode": join_mode}
    return str((await client.post(f"{EVENTS}", json=form))["id"])


async def joins(world: World) -> None:
    """Let Anna take part in one more event."""
    await world.anna.post(f"{EVENTS}/{await gathering(world.bert)}/join")


async def comes(world: World, join_mode: str) -> None:
    """Let somebody more take part, or ask to, in an event of Anna's."""
    event = world.gatherings.get(join_mode) or await gathering(world.anna, join_mode)
    world.gatherings[join_mode] = event
    world.names["event_id"] = event
    await (await world.stranger()).post(f"{EVENTS}/{event}/join")


EVENTS = "/api/v1/pleroma/events"

FILLED: dict[str, Fill] = {
    f"{EVENTS}/joined_events": joins,
    f"{EVENTS}/<status_id>/participations": lambda world: comes(world, "free"),
    f"{EVENTS}/<status_id>/participation_requests": lambda world: comes(world, "restricted"),
    "/api/v1/timelines/home": post,
    "/api/v1/timelines/bubble": post,
    "/api/v1/timelines/public": post,
    "/api/v1/timelines/tag/<hashtag>": post,
    "/api/v1/timelines/list/<list_id>": post,
    LINK: linked,
    "/api/v1/timelines/direct": whisper,
    "/api/v1/conversations": whisper,
    "/api/v1/accounts/<account_id>/statuses": post,
    "/api/v1/accounts/<account_id>/followers": lambda world: follows(world, back=False),
    "/api/v1/accounts/<account_id>/following": lambda world: follows(world, back=True),
    "/api/v1/accounts/<account_id>/endorsements": lambda world: endorsed(world, world.bert),
    "/api/v1/endorsements": lambda world: endorsed(world, world.anna),
    "/api/v1/follow_requests": asks_to_follow,
    "/api/v1/interaction_requests": asks_to_like,
    "/api/v1/blocks": lambda world: done_to(world, "block"),
    "/api/v1/mutes": lambda world: done_to(world, "mute"),
    "/api/v1/domain_blocks": domain_blocked,
    "/api/v1/lists/<list_id>/accounts": listed,
    "/api/v1/followed_tags": tag_followed,
    "/api/v1/favourites": lambda world: kept(world, "favourite"),
    "/api/v1/bookmarks": lambda world: kept(world, "bookmark"),
    "/api/v1/statuses/<status_id>/favourited_by": lambda world: handed(world, "favourite"),
    "/api/v1/statuses/<status_id>/reblogged_by": lambda world: handed(world, "reblog"),
    "/api/v1/notifications": mention,
    "/api/v1/notifications/requests": held_back,
    "/api/v2/notifications": mention,
    "/api/v2/notifications/<group_key>/accounts": lambda world: handed(world, "favourite"),
    "/api/v1/scheduled_statuses": scheduled,
    "/api/v1/statuses/<status_id>/quotes": quoted,
    f"{ADMIN}/accounts": World.stranger,
    "/api/v2/admin/accounts": World.stranger,
    f"{ADMIN}/reports": reported,
    f"{ADMIN}/domain_blocks": ruled("domain_blocks", domain="dNUMBER.example", severity="silence"),
    f"{ADMIN}/domain_allows": ruled("domain_allows", domain="dNUMBER.example"),
    f"{ADMIN}/email_domain_blocks": ruled("email_domain_blocks", domain="mNUMBER.example"),
    f"{ADMIN}/ip_blocks": ruled("ip_blocks", ip="2001:db8:NUMBER::/48", severity="sign_up_block"),
    f"{ADMIN}/canonical_email_blocks": ruled("canonical_email_blocks", email="aNUMBER@post.example"),
}


def test_every_paged_route_is_walked() -> None:
    assert set(paged_routes()) == set(FILLED)


# Without shrinking: what a walk left behind is there in the next one, so a smaller plan would prove nothing.
@settings(
    max_examples=1,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(plan=plans)
@pytest.mark.timeout(600)
async def test_a_walk_shows_each_item_once(world: World, plan: Plan) -> None:
    for path, fill in FILLED.items():
        for _ in range(3):
            await fill(world)
        names = {**world.names, "status_id": world.names["event_id"]} if path.startswith(EVENTS) else world.names
        address = re.sub(r"<(\w+)>", lambda match, names=names: names[match[1]], path)
        address += f"?url={PAGE}&" if path == LINK else "?"
        before = await walk(world, f"{address}limit=40", ALL, fill, relation="next")
        down = await walk(world, f"{address}limit={plan[0][0]}", plan, fill, relation="next")
        assert_each_once(path, down, before)
        up = await walk(world, f"{address}limit={plan[0][0]}&min_id=1", plan, fill, relation="prev")
        assert_each_once(path, up, before)
        now = await walk(world, f"{address}limit=40", ALL, fill, relation="next")
        assert set(up) == set(now), f"{path}: who walks up meets what came in meanwhile"


async def walk(world: World, path: str, plan: Plan, fill: Fill, *, relation: str) -> list[str]:
    """Follow the links from page to page as the plan says, and return what was seen, in order."""
    seen: list[str] = []
    steps = itertools.chain(plan, plan, itertools.repeat((20, False)))
    address: str | None = path
    while address:
        limit, arrives = next(steps)
        reply = await world.reader_of(path).ask("GET", re.sub(r"limit=\d+", f"limit={limit}", address))
        assert reply.status == 200, f"{address} was answered {reply.status}: {reply.text[:300]}"
        page = [identity(item) for item in items_of(reply.json)]
        assert len(page) <= limit
        seen += page if relation == "next" else reversed(page)
        if arrives:
            await fill(world)
        address = reply.link(relation)
    return seen


def assert_each_once(path: str, seen: list[str], before: list[str]) -> None:
    assert len(seen) == len(set(seen)), f"{path}: something stands there twice"
    assert set(before) <= set(seen), f"{path}: something was skipped"


def items_of(body: Any) -> list[Any]:
    return list(body["notification_groups"]) if isinstance(body, dict) else list(body)


def identity(item: Any) -> str:
    if isinstance(item, str):
        return item
    return str(item.get("id") or item.get("group_key") or item["account"]["id"])


def paged_routes() -> Iterator[str]:
    """Find the routes whose handler, or what it calls in its file, answers with a `Link` to ids."""
    for page in PAGES:
        for route in page.all:
            if route.methods == ("GET",) and _is_paged(route):
                yield route.path


def _is_paged(route: Route) -> bool:
    functions = dict(inspect.getmembers(inspect.getmodule(route.handler), inspect.isfunction))
    waiting, known = [route.handler.__name__], set[str]()
    while waiting:
        name = waiting.pop()
        known.add(name)
        # A handler may be made inside of another function, and is none of its module then.
        source = inspect.getsource(functions.get(name, route.handler))
        if re.search(r"\.listing\(|\blink_header\(", source):
            return True
        called = {word for word in re.findall(r"\b(\w+)\(", source) if word in functions}
        waiting += called - known
    return False
