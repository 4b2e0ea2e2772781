"""A club of one town, somebody of a second who posts in it, and somebody of a third who follows it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from activitypub.fetch import FetchBudget
from activitypub.models import Announce, Follow, Status
from activitypub.vocabulary import RemoteStatus
from tests.client import app_of
from tests.clubs import club_of
from tests.town import Town, town
from tests.towns import met


@pytest.fixture
async def towns(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[tuple[Town, Town, Town]]:
    async with (
        town(new_database(), tmp_path / "nord", host="nord.test") as nord,
        town(new_database(), tmp_path / "sued", host="sued.test") as sued,
        town(new_database(), tmp_path / "west", host="west.test") as west,
    ):
        yield nord, sued, west


async def test_a_club_joins_three_towns(towns: tuple[Town, Town, Town]) -> None:
    nord, sued, west = towns
    club = await club_of(nord)
    carla, doris = await app_of(sued, "carla"), await app_of(west, "doris")
    for place, member in ((sued, carla), (west, doris)):
        group = await met(place, "verein", nord)
        await member.post(f"/api/v1/accounts/{group.id}/follow")
        await place.until(Follow, Follow.accepted_at.is_not(None))

    post = await carla.write(f"@verein@{nord.app.server.instance.account_domain} Wer hilft beim Fest?")
    await west.until(Announce)
    for place in towns:
        await place.rest()
    (shown,) = await doris.get("/api/v1/timelines/home")
    assert (shown["account"]["username"], shown["reblog"]["uri"]) == ("verein", post["uri"])

    # Her answer reaches the author by the way of the club, and stays out of home timelines.
    answer = await doris.write("Ich!", in_reply_to_id=shown["reblog"]["id"])
    await nord.until(Status, Status.uri == answer["uri"], Status.in_group)
    await sued.until(Status, Status.uri == answer["uri"])
    await doris.post(f"/api/v1/statuses/{shown['reblog']['id']}/favourite")
    await nord.until(Status, Status.uri == post["uri"], Status.likes_count == 1)
    for place in towns:
        await place.rest()
    assert len(await carla.get("/api/v1/timelines/home")) == 1

    # The team removes the post: it is gone from the timeline, and still its author's.
    (there,) = (await club.get("/api/v1/notifications?types[]=mention"))[-1:]
    await club.post(f"/api/v1/statuses/{there['status']['id']}/unreblog")
    await west.until(Announce, count=0)
    assert [entry["uri"] for entry in await doris.get("/api/v1/timelines/home")] == [answer["uri"]]
    for place in (sued, west):
        assert await place.count(Status, Status.uri == post["uri"]) == 1

    # By now everybody's keys are known, and nobody asks for what is passed on with its author's proof.
    asked = [reading_of_posts(place) for place in towns]
    again = await carla.write(f"@verein@{nord.app.server.instance.account_domain} Und wer bringt Kuchen?")
    await west.until(Status, Status.uri == again["uri"])

    nina = await app_of(nord, "nina")
    for place, reader in ((nord, nina), (west, doris)):
        await reader.post(f"/api/v1/accounts/{(await met(place, 'carla', sued)).id}/follow")
        await place.until(
            Follow, Follow.accepted_at.is_not(None), Follow.followed_id == (await met(place, "carla", sued)).id
        )
    greeting = await carla.write("Guten Morgen")
    await nord.until(Status, Status.uri == greeting["uri"])
    await west.until(Status, Status.uri == greeting["uri"])
    hers = (await doris.get("/api/v1/timelines/home"))[0]
    reply = await doris.write("Dir auch!", in_reply_to_id=hers["id"])
    await nord.until(Status, Status.uri == reply["uri"])
    await doris.delete(f"/api/v1/statuses/{reply['id']}")
    await nord.until(Status, Status.uri == reply["uri"], count=0)
    assert asked == [[], [], []]


def reading_of_posts(place: Town) -> list[str]:
    """Return what will list the posts that a town reads from their origin from now on."""
    resolver, asked = place.app.server.resolver, list[str]()
    read = resolver.described

    async def described(uri: str, budget: FetchBudget) -> RemoteStatus:
        asked.append(uri)
        return await read(uri, budget)

    resolver.described = described
    return asked
