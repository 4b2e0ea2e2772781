"""A list costs as many statements with seven entries as with two: every route of the table that is read.

Two towns are filled alike, one with more. What does not get longer with it is named below with the reason, so that no
list escapes because it was empty. One database is enough: the statements are made before either sees them.
"""

import re
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activitypub.models import Actor, CalendarEvent, CustomEmoji, Participation, Taking, new_id
from activitypub.sanitize import SafeHTML
from activitypub.unit import Unit
from fediverse_kommune.api.routes import PAGES
from fediverse_kommune.api.routing import Route
from fediverse_kommune.models import PreviewCard, Role, StatusCard
from fediverse_kommune.services import announcements
from fediverse_kommune.services.announcements import Notice
from fediverse_kommune.services.filtering import Kept
from tests.client import Client, app_of, officer_of, statements
from tests.routes.admin_cases import file_report
from tests.town import Town, town

FEW, MANY = 2, 7
PAGE = "https://zeitung.example/alle"
ROUTES = [route for page in PAGES for route in page.all if "GET" in route.methods and not route.declaration.stream]
# More addresses of routes that find several kinds of things.
FURTHER = ("/api/v2/search?q=person&type=accounts", "/api/v2/search?q=wort&type=hashtags", "/api/v2/search?q=unter")
# About one of the people whom Anna has put into lists and collections.
ABOUT_ANOTHER = frozenset({"/api/v1/accounts/<account_id>/lists", "/api/v1/accounts/<account_id>/in_collections"})
# What stays as long as it is, however much there is: one thing, a number, or a list that is fixed. So does most of what
# has an id in its address; of that, these are lists.
LISTS_WITH_A_NAME = {
    *("/api/v1/collections/<collection_id>", "/api/v2/filters/<filter_id>", "/api/v2/notifications/<group_key>"),
    *("/api/v1/timelines/list/<list_id>", "/api/v1/timelines/tag/<hashtag>"),
}
ONE_THING = {
    *("/.well-known/nodeinfo", "/.well-known/oauth-authorization-server", "/nodeinfo/2.0", "/nodeinfo/2.1", "/health"),
    *(
        "/api/oembed",
        "/api/openapi.json",
        "/oauth/userinfo",
        "/api/v1/apps/verify_credentials",
        "/api/v1/accounts/verify_credentials",
    ),
    *(
        "/api/v1/accounts/lookup",
        "/api/v1/accounts/<account_id>/identity_proofs",
        "/api/v1/statuses/<status_id>/source",
        "/api/v1/pleroma/events/<status_id>/ics",
    ),
    *("/api/v1/annual_reports", "/api/v1/annual_reports/<year>/state", "/api/v1/emails/check_confirmation"),
    *("/api/v1/instance", "/api/v2/instance", "/api/v1/instance/activity", "/api/v1/instance/extended_description"),
    *("/api/v1/instance/languages", "/api/v1/instance/privacy_policy", "/api/v1/instance/terms_of_service"),
    *("/api/v1/instance/translation_languages", "/api/v1/interaction_policies/defaults", "/api/v1/preferences"),
    *("/api/v1/markers", "/api/v1/profile", "/api/v1/push/subscription", "/api/v1/domain_blocks/preview"),
    *("/api/v1/notifications/policy", "/api/v2/notifications/policy", "/api/v1/notifications/requests/merged"),
    *("/api/v1/notifications/unread_count", "/api/v2/notifications/unread_count"),
    *("/api/v1/streaming", "/api/v1/streaming/health"),
}


async def fill(stadt: Town, count: int) -> tuple[Client, dict[str, str]]:
    """Let so many people do all that can be seen in a list; return who looks, and what stands in addresses."""
    anna = await officer_of(stadt, "anna", Role.ADMIN)
    poll = {"options": ["ich", "nicht"], "expires_in": 900}
    asked = await anna.write("Wer kommt zum #fest?", poll=poll, quote_approval_policy="public")
    policy = {"can_favourite": {"with_approval": ["public"]}}
    held = await anna.write("Nur mit Erlaubnis", interaction_policy=policy)
    everybody = await anna.post("/api/v1/lists", json={"title": "alle"})
    people = [await app_of(stadt, f"person{number}") for number in range(count)]
    for number, other in enumerate(people):
        posts = await _meet(anna, other, asked, held, number)
        await _keep(anna, other, posts[0], number)
        await _gather(anna, people[0], number)
        await _shun(stadt, anna, number)
        await stadt.write(_furnish, number, [int(anna.id), int(other.id)], [int(post["id"]) for post in posts])
        await anna.post(f"/api/v1/lists/{everybody['id']}/accounts", json={"account_ids": [other.id]})
        edit = {"status": f"Wer kommt um {number} Uhr zum #fest?", "poll": poll}
        await anna.put(f"/api/v1/statuses/{asked['id']}", json=edit)
    gathering = await _invite(anna, people)
    (made, *_) = (await anna.get(f"/api/v1/accounts/{anna.id}/collections"))["collections"]
    for other in people[1:]:
        await anna.ask("POST", f"/api/v1/collections/{made['id']}/items", json={"account_id": other.id})
    await _let_wait(stadt, anna, count)
    groups = (await anna.get("/api/v2/notifications?types[]=favourite"))["notification_groups"]
    (filtered, *_) = await anna.get("/api/v2/filters")
    return anna, {
        "status_id": asked["id"],
        "account_id": anna.id,
        "another": people[0].id,
        "ids": "&".join(f"id[]={one.id}" for one in people),
        "statuses": "&".join(f"id[]={post['id']}" for post in await anna.get("/api/v1/favourites?limit=40")),
        "list_id": everybody["id"],
        "collection_id": made["id"],
        "filter_id": filtered["id"],
        "group_key": groups[-1]["group_key"],
        "poll_id": asked["poll"]["id"],
        "hashtag": "fest",
        "name": "fest",
        **gathering,
    }


async def _meet(anna: Client, other: Client, asked: Any, held: Any, number: int) -> list[Any]:
    """Let somebody and Anna follow each other, and do with each other's posts what one can do; return some posts."""
    await other.follow(anna)
    await anna.follow(other)
    for name in ("favourite", "reblog"):
        await other.post(f"/api/v1/statuses/{asked['id']}/{name}")
    await other.put(f"/api/v1/pleroma/statuses/{asked['id']}/reactions/%F0%9F%94%A5")
    await other.post(f"/api/v1/statuses/{held['id']}/favourite")
    reply = await other.write("@anna ich", in_reply_to_id=asked["id"])
    await other.write("gut", quoted_status_id=asked["id"])
    await other.write("@anna unter uns", visibility="direct")
    poll = {"options": ["a", "b"], "expires_in": 900}
    status = await other.write(f"@anna #fest #wort{number}", poll=poll, quote_approval_policy="public")
    answer = await anna.write(f"@{other.username} #wort{number}", quoted_status_id=status["id"])
    for name in ("favourite", "bookmark", "reblog"):
        await anna.post(f"/api/v1/statuses/{status['id']}/{name}")
    return [status, answer, reply]


async def _invite(anna: Client, people: list[Client]) -> dict[str, str]:
    """Announce two events of Anna's: everybody takes part in the one, and asks to in the other."""
    events = {}
    for join_mode, path in (("free", "participations"), ("restricted", "participation_requests")):
        form = {"name": "Fest", "status": "#fest", "start_time": "2030-05-01T10:00:00Z", "join_mode": join_mode}
        event = await anna.post("/api/v1/pleroma/events", json=form)
        for other in people:
            await other.post(f"/api/v1/pleroma/events/{event['id']}/join")
        events[path] = event["id"]
    return events


async def _gather(anna: Client, first: Client, number: int) -> None:
    """Let Anna put somebody into one more list and one more collection, and feature one more hashtag."""
    row = await anna.post("/api/v1/lists", json={"title": f"Liste {number}"})
    await anna.post(f"/api/v1/lists/{row['id']}/accounts", json={"account_ids": [first.id]})
    if number < 9:  # there are ten at most
        await anna.post("/api/v1/collections", json={"name": f"c{number}", "account_ids": [first.id]})
    if number % 2 == 0:  # the others are suggested
        await anna.post("/api/v1/featured_tags", json={"name": f"wort{number}"})


async def _keep(anna: Client, other: Client, status: Any, number: int) -> None:
    """Let Anna have one more of everything of which one can have many."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    word = {"keyword": f"w{number}", "whole_word": True}
    await anna.post("/api/v2/filters", json={"title": f"f{number}", "context": ["home"], "keywords_attributes": [word]})
    (first, *_) = await anna.get("/api/v2/filters")
    await anna.post(f"/api/v2/filters/{first['id']}/keywords", json={"keyword": f"x{number}"})
    await anna.post(f"/api/v2/filters/{first['id']}/statuses", json={"status_id": status["id"]})
    await anna.post("/api/v1/statuses", json={"status": "später", "scheduled_at": later})
    await anna.post(f"/api/v1/tags/wort{number}/follow")
    await anna.post("/api/v1/domain_blocks", data={"domain": f"boese{number}.example"})
    await anna.post(f"/api/v1/accounts/{other.id}/endorse")
    admin = "/api/v1/admin"
    for path, body in (
        ("domain_blocks", {"domain": f"block{number}.example", "severity": "silence", "public_comment": "x"}),
        ("domain_allows", {"domain": f"allow{number}.example"}),
        ("email_domain_blocks", {"domain": f"mail{number}.example"}),
        ("ip_blocks", {"ip": f"2001:db8:{number}::/48", "severity": "sign_up_block"}),
        ("canonical_email_blocks", {"email": f"a{number}@post.example"}),
        ("instance/rules", {"text": f"Regel {number}"}),
    ):
        await anna.post(f"{admin}/{path}", json=body)


async def _shun(stadt: Town, anna: Client, number: int) -> None:
    for word in ("mute", "block"):
        shunned = await app_of(stadt, f"{word}{number}")
        await anna.post(f"/api/v1/accounts/{shunned.id}/{word}")


async def _let_wait(stadt: Town, anna: Client, count: int) -> None:
    """Let strangers ask to follow Anna, and their mentions be held back."""
    await anna.patch("/api/v1/accounts/update_credentials", data={"locked": "1"})
    await anna.patch("/api/v2/notifications/policy", json={"for_not_following": "filter"})
    for number in range(count):
        stranger = await app_of(stadt, f"fremd{number}")
        await stranger.follow(anna)
        await stranger.write("@anna #fest?")


def _furnish(unit: Unit, number: int, people: list[int], posts: list[int]) -> None:
    """Add what only staff and workers make: a notice, an emoji, a report, a peer, pages that posts show."""
    announcements.publish(unit, Notice(f"@person{number} #fest"))
    key = f"{number:064x}.png"
    emoji = CustomEmoji(id=new_id(unit.now), shortcode=f"bild{number}", storage_key=key, static_key=key)
    emoji.created_at = unit.now
    site = f"https://zeitung{number}.example"
    card = PreviewCard(id=new_id(unit.now), url=f"{site}/", provider_url=site, title="Fest", fetched_at=unit.now)
    unit.add_all([emoji, card, _of_a_peer(unit, f"fest{number}.example")])
    if number == 0:
        unit.add(PreviewCard(id=1, url=PAGE, provider_url=site, title="Alle", fetched_at=unit.now))
    unit.flush()
    shown = zip(posts, (card.id, card.id, 1), strict=True)
    unit.add_all(StatusCard(status_id=post, card_id=card_id) for post, card_id in shown)
    file_report(unit, people[1], people[0])
    event = CalendarEvent(status_id=posts[0])
    unit.add(event)
    unit.flush()
    join = {"id": new_id(unit.now), "uri": f"{site}/join", "status_id": posts[0], "actor_id": people[0]}
    unit.add(Participation(**join, state=Taking.ACCEPTED, created_at=unit.now))


def _of_a_peer(unit: Unit, host: str) -> Actor:
    uri = f"https://{host}/users/emil"
    return Actor(
        id=new_id(unit.now),
        uri=uri,
        type="Person",
        host=host,
        username="emil",
        domain=host,
        handle=f"emil@{host}",
        summary=SafeHTML.stored(""),
        inbox_uri=f"{uri}/inbox",
        created_at=unit.now,
    )


def address(route: Route, known: Mapping[str, str]) -> str:
    if route.path in ABOUT_ANOTHER:
        known = {**known, "account_id": known["another"]}
    if (event := known.get(route.path.rpartition("/")[2])) and "events" in route.path:
        known = {**known, "status_id": event}
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: known.get(match[1], "1"), route.path)
    ids = known["statuses"] if path == "/api/v1/statuses" else known["ids"]
    word = "person" if path == "/api/v1/accounts/search" else "fest"
    return f"{path}?limit=40&q={word}&acct=anna&domain=nord.example&url={PAGE}&{ids}"


async def measure(stadt: Town, count: int) -> dict[str, tuple[int, int]]:
    """Return for each address how long the answer is, and how many statements it took with nothing kept."""
    anna, known = await fill(stadt, count)
    stadt.app.server.answers._watch = None
    addresses = {route.path: address(route, known) for route in ROUTES} | {path: path for path in FURTHER}
    found = {}
    for name, path in addresses.items():
        await anna.ask("GET", path)  # counts trends, and what else is counted now and then
        counts = []
        for _ in range(2):  # workers may look for something meanwhile
            stadt.app.server.kept._kept = Kept(1)
            with statements(stadt) as seen:
                reply = await anna.ask("GET", path)
            assert reply.status < 500, path
            # Whose the token is, is asked now and then, whatever is asked for.
            counts.append(len([statement for statement in seen if "FROM oauth_tokens" not in statement]))
        found[name] = (len(reply.body) if reply.status == 200 else 0, min(counts))
    return found


@pytest.mark.timeout(300)
async def test_no_list_costs_more_the_longer_it_is(sqlite_template: Path, tmp_path: Path) -> None:
    found = []
    for count in (FEW, MANY):
        url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / f'{count}.db')}"
        async with town(url, tmp_path / f"{count}", show_domain_blocks="everybody") as stadt:
            found.append(await measure(stadt, count))
    few, many = found
    dearer = {path: (few[path][1], many[path][1]) for path in few if few[path][1] != many[path][1]}
    assert dearer == {}
    grown = {path for path in few if many[path][0] > 1.5 * few[path][0]}
    assert {path for path in few if path not in grown and not path.endswith(">")} == ONE_THING
    assert grown > LISTS_WITH_A_NAME
