"""I09: from the moment somebody is suspended nothing of theirs goes out any more, and no stream tells of it."""

import asyncio

from activitypub.models import Follow
from outbox.models import Delivery
from tests.client import app_of, officer_of
from tests.fediverse import Remote
from tests.streams import listening
from tests.town import Town

FOLLOWERS = 40
AT_ONCE = 4  # lanes of one host: what is on the wire already


async def test_a_fan_out_ends_with_the_suspension(stadt: Town, nachbar: Remote) -> None:
    anna, vera = await app_of(stadt, "anna"), await officer_of(stadt, "vera")
    bea, carl = await app_of(stadt, "bea"), await app_of(stadt, "carl")
    for author in (anna, carl):
        await bea.follow(author)
    for number in range(FOLLOWERS):
        person = nachbar.person(f"person{number}")
        del nachbar.documents[f"/users/{person.username}"]["endpoints"]  # each has an inbox of its own
        await stadt.accept(person, person.activity("Follow", f"{stadt.origin}/users/anna"))
    await stadt.until(Follow, Follow.accepted_at.is_not(None), count=FOLLOWERS + 2)
    await stadt.rest()
    nachbar.received.clear()
    nachbar.inbox_delay = 0.1

    async with listening(bea, "user") as ear:
        await anna.write("Das geht an alle")
        assert (await ear.next()).payload["account"]["username"] == "anna"
        await nachbar.until_received("Create", 3)
        await vera.post(f"/api/v1/admin/accounts/{anna.id}/action", json={"type": "suspend"})
        by_then = len(posts(nachbar))
        assert (await anna.ask("POST", "/api/v1/statuses", json={"status": "Noch eins"})).status in (401, 403)
        await stadt.until(Delivery, count=0)
        await carl.write("Danach")
        events = [await ear.next()]
        while events[-1].name != "update":
            events.append(await ear.next())
        assert events[-1].payload["account"]["username"] == "carl", "the first post since then is not Anna's"
    await asyncio.sleep(0.3)
    assert len(posts(nachbar)) <= by_then + AT_ONCE < FOLLOWERS


def posts(server: Remote) -> list[object]:
    return [item for item in server.received if item.activity["type"] == "Create"]
