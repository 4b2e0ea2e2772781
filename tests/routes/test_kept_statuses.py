"""Posts kept in memory: whatever changes is in the very next answer, and warm answers say what cold ones say."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from activitypub.models import Actor, Status
from activitypub.unit import Unit
from fediverse_kommune.api.kept_statuses import KeptStatuses
from tests.client import Client, anonymous, app_of, statements
from tests.fediverse import Remote
from tests.pictures import picture, upload
from tests.town import Town

HOME = "/api/v1/timelines/home"


async def circle(stadt: Town) -> tuple[Client, Client, Any]:
    """Return Anna, whom Bert follows, and a post of hers that his home timeline has shown twice."""
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await bert.follow(anna)
    media_id = (await upload(anna, picture("PNG", (10, 10)), description="Ein Baum")).json["id"]
    status = await anna.write("Hallo #Markt @bert", media_ids=[media_id], spoiler_text="Achtung")
    for _ in range(2):
        assert [each["id"] for each in await bert.get(HOME)] == [status["id"]]
    return anna, bert, status


async def test_a_second_reader_costs_two_statements(stadt: Town) -> None:
    _, bert, _ = await circle(stadt)
    await bert.get(HOME)
    with statements(stadt) as seen:
        await bert.get(f"{HOME}?limit=19")  # another address, or the answer itself would be given again
    assert len(seen) == 2, seen


async def edit(anna: Client, status: Any) -> None:
    await anna.put(f"/api/v1/statuses/{status['id']}", json={"status": "Anders"})


async def describe_again(anna: Client, status: Any) -> None:
    (media,) = status["media_attachments"]
    attributes = [{"id": media["id"], "description": "Ein Ast"}]
    form = {"status": "Hallo #Markt @bert", "media_ids": [media["id"]], "media_attributes": attributes}
    await anna.put(f"/api/v1/statuses/{status['id']}", json={**form, "spoiler_text": "Achtung"})


async def rename(anna: Client, _status: Any) -> None:
    await anna.patch("/api/v1/accounts/update_credentials", json={"display_name": "Anna Neu"})


async def like(anna: Client, status: Any) -> None:
    await anna.post(f"/api/v1/statuses/{status['id']}/favourite")


async def announce(anna: Client, status: Any) -> None:
    await anna.post(f"/api/v1/statuses/{status['id']}/reblog")


async def answer(anna: Client, status: Any) -> None:
    await anna.write("Ja", in_reply_to_id=status["id"])


async def write_more(anna: Client, _status: Any) -> None:
    await anna.write("Noch etwas", visibility="direct")
    await anna.write("Und noch etwas", visibility="private")


CHANGES: dict[str, tuple[Callable[[Client, Any], Awaitable[None]], Callable[[Any], Any], Any]] = {
    "an edit": (edit, lambda seen: seen["content"], "<p>Anders</p>"),
    "an edit of a description": (describe_again, lambda seen: seen["media_attachments"][0]["description"], "Ein Ast"),
    "a new name": (rename, lambda seen: seen["account"]["display_name"], "Anna Neu"),
    "a like": (like, lambda seen: seen["favourites_count"], 1),
    "an announce": (announce, lambda seen: seen["reblogs_count"], 1),
    "an answer": (answer, lambda seen: seen["replies_count"], 1),
    "another post": (write_more, lambda seen: seen["account"]["statuses_count"], 2),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_is_in_the_very_next_answer(stadt: Town, what: str) -> None:
    anna, bert, status = await circle(stadt)
    change, look, expected = CHANGES[what]
    await change(anna, status)
    (seen,) = [each for each in await bert.get(HOME) if each["id"] == status["id"]]
    assert look(seen) == expected


async def test_a_deletion_is_in_the_very_next_answer(stadt: Town) -> None:
    anna, bert, status = await circle(stadt)
    await anna.delete(f"/api/v1/statuses/{status['id']}")
    assert await bert.get(HOME) == []
    assert (await bert.ask("GET", f"/api/v1/statuses/{status['id']}")).status == 404


@pytest.mark.parametrize("who", ["anna", "bert"])
async def test_a_block_is_in_the_very_next_answer(stadt: Town, who: str) -> None:
    anna, bert, status = await circle(stadt)
    one, other = (anna, bert) if who == "anna" else (bert, anna)
    await one.post(f"/api/v1/accounts/{other.id}/block")
    assert await bert.get(HOME) == []
    if who == "anna":
        assert (await bert.ask("GET", f"/api/v1/statuses/{status['id']}")).status == 404


async def test_a_suspension_is_in_the_very_next_answer(stadt: Town) -> None:
    anna, bert, _ = await circle(stadt)

    def suspend(unit: Unit) -> None:
        unit.execute(update(Actor).where(Actor.id == int(anna.id)).values(suspended_at=unit.now))

    await stadt.write(suspend)
    assert await bert.get(HOME) == []


async def test_what_a_reader_did_is_theirs_alone(stadt: Town) -> None:
    anna, bert, status = await circle(stadt)
    path = f"/api/v1/statuses/{status['id']}"
    for verb in ("favourite", "reblog", "bookmark"):
        await bert.post(f"{path}/{verb}")
    seen = {client.username: await client.get(path) for client in (anna, bert, anonymous(stadt))}
    assert [seen["bert"][name] for name in ("favourited", "reblogged", "bookmarked")] == [True, True, True]
    assert [seen["anna"][name] for name in ("favourited", "reblogged", "bookmarked")] == [False, False, False]
    assert "pinned" in seen["anna"]
    assert "pinned" not in seen["bert"]
    assert "favourited" not in seen[""]


async def test_a_remote_edit_is_in_the_very_next_answer(stadt: Town, nachbar: Remote) -> None:
    emil, bert = nachbar.person("emil"), await app_of(stadt, "bert")
    status = await bert.write("Wer kommt?")
    note = emil.note("<p>Ich</p>", inReplyTo=status["uri"])
    await stadt.accept(emil, emil.create(note))
    page = f"/api/v1/statuses/{status['id']}/context"
    for _ in range(2):
        assert [each["content"] for each in (await bert.get(page))["descendants"]] == ["<p>Ich</p>"]
    edited = {**note, "content": "<p>Ich nicht</p>", "updated": datetime.now(UTC).isoformat()}
    await stadt.accept(emil, emil.activity("Update", edited))
    assert [each["content"] for each in (await bert.get(page))["descendants"]] == ["<p>Ich nicht</p>"]


async def test_warm_answers_say_what_cold_ones_say(stadt: Town) -> None:
    anna, bert, status = await circle(stadt)
    await anna.post(f"/api/v1/statuses/{status['id']}/reblog")
    poll = {"options": ["Ja", "Nein"], "expires_in": 3600}
    for form in ({}, {"poll": poll}, {"in_reply_to_id": status["id"]}, {"visibility": "private"}):
        await anna.write("Guten Tag", **form)
    pages = (
        HOME,
        "/api/v1/timelines/public",
        f"/api/v1/accounts/{anna.id}/statuses",
        f"/api/v1/statuses/{status['id']}",
        f"/api/v1/statuses/{status['id']}/context",
        "/api/v1/notifications",
        "/api/v1/timelines/tag/markt",
    )
    for client in (anna, bert):
        for page in pages:
            await client.get(page)
            warm = await client.get(page)
            forget(stadt)
            assert await client.get(page) == warm, page


async def test_every_update_of_a_row_counts_its_version(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status_id = int((await anna.write())["id"])

    def version(session: Session) -> int:
        return session.get_one(Status, status_id).version

    def touch(unit: Unit, *, by_the_orm: bool) -> None:
        if by_the_orm:
            unit.get_one(Status, status_id).sensitive = True
        else:
            unit.run(update(Status).where(Status.id == status_id).values(likes_count=Status.likes_count + 1))

    before = await stadt.read(version)
    for count, by_the_orm in enumerate((True, False), start=1):
        await stadt.write(touch, by_the_orm=by_the_orm)
        assert await stadt.read(version) == before + count


def forget(stadt: Town) -> None:
    """Let the town begin as after a restart."""
    kept = stadt.app.server.kept
    kept._kept = KeptStatuses(stadt.app.server.instance)._kept


async def test_a_kept_post_may_be_quoted_by_another_of_the_same_page(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    quoted = await anna.write("Hallo @anna", quote_approval_policy="public")
    assert [one["id"] for one in await anna.get(HOME)] == [quoted["id"]]
    quoting = await anna.write("Wie wahr", quoted_status_id=quoted["id"])
    for _ in range(3):
        home = await anna.get(HOME)
        assert [one["id"] for one in home] == [quoting["id"], quoted["id"]]
        assert home[0]["quote"]["quoted_status"]["mentions"] == quoted["mentions"]
