"""What people do every day, done in one instance of this software through the API and looked for in another."""

from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from activitypub.models import Follow, Status
from activitypub.uris import host_of
from fediverse_kommune.models import Role
from tests.client import Client, app_of, officer_of
from tests.clubs import club_of
from tests.films import film, ready
from tests.pictures import picture, upload
from tests.routes.test_api_emojis import offer
from tests.town import Town, town
from tests.towns import found, until

HOME = "/api/v1/timelines/home"


@pytest.fixture
async def sued(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Town]:
    async with town(new_database(), tmp_path / "sued", host="sued.test", backfill=True) as running:
        yield running


async def meet(client: Client, username: str, there: Town) -> Any:
    """Return somebody of another town as an app here finds them by their handle."""
    handle = f"{username}@{there.host}:{there.port}"
    return (await client.get(f"/api/v2/search?q={handle}&type=accounts&resolve=true"))["accounts"][0]


async def join(client: Client, username: str, there: Town) -> Any:
    """Let somebody follow who lives in another town, and return the followed once that has been accepted."""
    account = await meet(client, username, there)
    await client.post(f"/api/v1/accounts/{account['id']}/follow")

    async def follows() -> bool:
        (ties,) = await client.get(f"/api/v1/accounts/relationships?id[]={account['id']}")
        return bool(ties["following"])

    await until(follows, True)
    return account


async def seen(client: Client, uri: str) -> Any:
    """Return a post once it is in the home timeline, passed on or not."""

    async def arrived() -> list[str]:
        return [uri for post in await client.get(HOME) if uri in {post["uri"], (post["reblog"] or post)["uri"]}][:1]

    await until(arrived, [uri])
    (post,) = [post["reblog"] or post for post in await client.get(HOME) if uri == (post["reblog"] or post)["uri"]]
    return post


async def react_and_take_back(author: Client, post: Any, reader: Client, there: Any, folder: Path) -> None:
    """Let a reader of another town react to a post, which is `there` for them, and the author with the same picture."""
    await offer(reader.town, folder, "linde")
    linde = f"linde@{host_of(reader.town.origin)}"
    here, react = (f"/api/v1/pleroma/statuses/{one['id']}/reactions" for one in (post, there))

    async def below() -> tuple[list[tuple[str, int, bool]], int]:
        shown = await author.get(f"/api/v1/statuses/{post['id']}")
        return [(each["name"], each["count"], each["me"]) for each in shown["reactions"]], shown["favourites_count"]

    for name in ("🎉", "linde"):
        await reader.put(f"{react}/{name}")
    await until(below, ([("🎉", 1, False), (linde, 1, False)], 0))
    await author.put(f"{here}/{linde}")
    await reader.delete(f"{react}/🎉")
    await until(below, ([(linde, 2, True)], 0))
    await reader.put(f"{react}/👍")
    await until(below, ([(linde, 2, True), ("👍", 1, False)], 1))
    for name in ("👍", "linde"):
        await reader.delete(f"{react}/{name}")
    await until(below, ([(linde, 1, True)], 0))


async def test_posts_in_all_their_parts(nord: Town, sued: Town, tmp_path: Path, subtests: pytest.Subtests) -> None:
    anna, bernd, carla = await app_of(nord, "anna"), await app_of(sued, "bernd"), await app_of(sued, "carla")
    old = await anna.write("Von früher")
    above = await anna.write("Unten", in_reply_to_id=old["id"])
    await anna.post(f"/api/v1/statuses/{old['id']}/pin")
    anna_there = await join(bernd, "anna", nord)

    async def pinned() -> list[str]:
        return [each["uri"] for each in await bernd.get(f"/api/v1/accounts/{anna_there['id']}/statuses?pinned=true")]

    with subtests.test("what was there before the first follow"):
        await until(pinned, [old["uri"]])

    with subtests.test("a pin, and its end"):
        new = await anna.write("Bitte lesen")
        await anna.post(f"/api/v1/statuses/{new['id']}/pin")
        await until(pinned, [new["uri"], old["uri"]])
        for post in (old, new):
            await anna.post(f"/api/v1/statuses/{post['id']}/unpin")
        await until(pinned, [])

    with subtests.test("a picture and its description"):
        media = (await upload(anna, picture("JPEG", (60, 40)), description="Ein Feld & mehr")).json
        post = await anna.write("Bild", media_ids=[media["id"]])
        (file,) = (await seen(bernd, post["uri"]))["media_attachments"]
        assert (file["type"], file["description"], file["blurhash"]) == ("image", "Ein Feld & mehr", media["blurhash"])

    with subtests.test("a film, its description and its length"):
        uploaded = (await upload(anna, film("mp4"), filename="umzug.mp4", description="Der Umzug")).json
        media = await ready(anna, uploaded["id"])
        post = await anna.write("Film", media_ids=[media["id"]])
        (file,) = (await seen(bernd, post["uri"]))["media_attachments"]
        assert (file["type"], file["description"], file["remote_url"]) == ("video", "Der Umzug", media["url"])
        assert file["meta"]["original"]["duration"] == pytest.approx(media["meta"]["original"]["duration"], abs=0.01)

    with subtests.test("an emoji of the town"):
        await offer(nord, tmp_path, "brezel")
        post = await anna.write("Eine :brezel: bitte")
        shown = await seen(bernd, post["uri"])
        (emoji,) = shown["emojis"]
        assert (emoji["shortcode"], emoji["url"].startswith(nord.origin)) == ("brezel", True)

    with subtests.test("reactions with an emoji and with one of the other town, and their end"):
        await react_and_take_back(anna, post, bernd, shown, tmp_path)

    with subtests.test("a hashtag that somebody follows who follows nobody"):
        await carla.post("/api/v1/tags/Bürgerfest/follow")
        post = await anna.write("Kommt alle! #bürgerfest")
        assert (await seen(carla, post["uri"]))["tags"][0]["name"] == "bürgerfest"

    with subtests.test("an answer that is opened brings the whole thread, also what stands beside it"):
        beside = await anna.write("Daneben", in_reply_to_id=old["id"])
        further = await anna.write("Noch eins tiefer", in_reply_to_id=beside["id"])
        aside = await anna.write("Nur für mich", in_reply_to_id=old["id"], visibility="direct")
        opened = await found(carla, above["uri"])
        await carla.get(f"/api/v1/statuses/{opened['id']}/context")
        await sued.until(Status, Status.uri.in_([beside["uri"], further["uri"]]), count=2)
        assert await sued.count(Status, Status.uri == aside["uri"]) == 0

    with subtests.test("an answer that is looked up brings what it answers"):
        known = await found(carla, above["uri"])
        context = await carla.get(f"/api/v1/statuses/{known['id']}/context")
        assert [each["uri"] for each in context["ancestors"]] == [old["uri"]]


async def test_clubs_reports_and_blocked_domains(nord: Town, sued: Town, subtests: pytest.Subtests) -> None:
    club, anna, bernd = await club_of(nord), await app_of(nord, "anna"), await app_of(sued, "bernd")
    vera, viktor = await officer_of(nord, "vera", Role.ADMIN), await officer_of(sued, "viktor")
    carla = await app_of(sued, "carla")
    await anna.follow(club)
    for person in (bernd, carla):
        await join(person, "verein", nord)

    async def shown_to(client: Client) -> list[str]:
        return [post["reblog"]["uri"] for post in await client.get(HOME) if post["reblog"]]

    with subtests.test("posted in a club of the other town, to its members in both"):
        post = await bernd.write(f"@verein@{nord.host}:{nord.port} Wer kommt?")
        for member in (anna, carla):
            await seen(member, post["uri"])

    with subtests.test("its team takes it out, for members in both"):
        inside = await found(club, post["uri"])
        await club.post(f"/api/v1/statuses/{inside['id']}/unreblog")
        for member in (anna, carla):
            await until(partial(shown_to, member), [])

    with subtests.test("reported, without the name of who reports"):
        about = await meet(anna, "bernd", sued)
        body = {"account_id": about["id"], "comment": "Böse", "forward": True}
        assert (await anna.post("/api/v1/reports", json=body))["forwarded"] is True

        async def told() -> list[tuple[str, str]]:
            reports = await viktor.get("/api/v1/admin/reports")
            return [(each["comment"], each["target_account"]["username"]) for each in reports]

        await until(told, [("Böse", "bernd")])
        assert "anna" not in str(await viktor.get("/api/v1/admin/reports"))

    with subtests.test("a domain that is shut out hears nothing and is not heard"):
        await join(bernd, "anna", nord)
        await join(anna, "bernd", sued)
        block = {"domain": sued.host, "severity": "suspend"}
        block = await vera.post("/api/v1/admin/domain_blocks", data=block)
        assert await nord.count(Follow, Follow.followed_id == int(anna.id)) == 0
        hidden = await anna.write("Niemand draußen")
        unheard = await bernd.write(f"@anna@{nord.host}:{nord.port} Hörst du mich?")
        await sued.settle()
        assert await sued.count(Status, Status.uri == hidden["uri"]) == 0
        assert await nord.count(Status, Status.uri == unheard["uri"]) == 0

    with subtests.test("but it has heard that all follows are over, and follows anew once it may"):
        await sued.until(Follow, count=0)
        await vera.delete(f"/api/v1/admin/domain_blocks/{block['id']}")
        await join(bernd, "anna", nord)
