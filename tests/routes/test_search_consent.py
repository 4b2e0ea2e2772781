"""Old posts follow what their author decides later about being found (FEP-5feb), without an index made anew."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from fediverse_kommune.models import SearchRevision
from fediverse_kommune.services import search_index
from tests.client import Client, app_of
from tests.fediverse import Person, Remote
from tests.routes.test_api_search_statuses import found
from tests.town import Town


async def decide(stadt: Town, author: Person, *, indexable: bool) -> None:
    """Let an author elsewhere say that posts may be found, or may not."""
    document = {**author.document(), "indexable": indexable}
    author.server.documents[f"/users/{author.username}"] = document
    await stadt.accept(author, author.activity("Update", document))


async def notes(stadt: Town, author: Person, count: int = 1) -> list[str]:
    """Let this town know posts that nobody here has anything to do with; return their ids, newest first."""
    ids = []
    for number in range(count):
        note = author.note(f"<p>Der Kirschbaum {number}</p>")
        ids.append(str((await stadt.app.server.resolver.status(note["id"])).id))
    return ids[::-1]


def indexed(session: Session) -> int:
    return int(session.scalar(text("SELECT count(*) FROM search_index")) or 0)


def position(session: Session) -> int | None:
    return session.scalar(select(SearchRevision.after_id))


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no worker look at what is due: the test does."""
    monkeypatch.setattr(search_index, "revisions", lambda _session: [])
    monkeypatch.setattr(search_index, "REVISED", 2)


async def test_who_consents_later_is_found_with_what_was_there_before(stadt: Town, nachbar: Remote) -> None:
    anna, emil = await app_of(stadt, "anna"), nachbar.person("emil")
    ids = await notes(stadt, emil, 3)
    assert await found(anna, "Kirschbäume") == []
    await decide(stadt, emil, indexable=True)
    await stadt.until(SearchRevision, count=0)
    assert await found(anna, "Kirschbäume") == ids


async def test_who_takes_it_back_is_forgotten_but_for_what_somebody_keeps(stadt: Town, nachbar: Remote) -> None:
    anna, bert, emil = await app_of(stadt, "anna"), await app_of(stadt, "bert"), nachbar.person("emil")
    await decide_first(stadt, emil)
    kept, _ = await notes(stadt, emil, 2)
    await bert.post(f"/api/v1/statuses/{kept}/bookmark")
    assert len(await found(anna, "Kirschbaum")) == await stadt.read(indexed) == 2
    await decide(stadt, emil, indexable=False)
    assert await found(anna, "Kirschbaum") == []
    await stadt.until(SearchRevision, count=0)
    assert await stadt.read(indexed) == 1
    assert (await found(anna, "Kirschbaum"), await found(bert, "Kirschbaum")) == ([], [kept])


async def decide_first(stadt: Town, author: Person) -> None:
    """Let an author consent before anything of them is known here."""
    author.server.documents[f"/users/{author.username}"] = {**author.document(), "indexable": True}
    await stadt.meet(author)


async def test_what_else_changes_in_a_profile_looks_at_no_post(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    await decide_first(stadt, emil)
    assert await stadt.count(SearchRevision) == 0
    await stadt.accept(emil, emil.activity("Update", {**emil.document(), "indexable": True, "name": "Emilia"}))
    assert await stadt.count(SearchRevision) == 0


@pytest.mark.usefixtures("by_hand")
async def test_some_posts_at_a_time_and_after_a_crash_from_where_it_was(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    author = await stadt.meet(emil)
    ids = (await notes(stadt, emil, 5))[::-1]
    await decide(stadt, emil, indexable=True)
    assert (await stadt.read(position), await stadt.read(indexed)) == (0, 0)
    await stadt.write(search_index.revise, author.id)
    assert (await stadt.read(position), await stadt.read(indexed)) == (int(ids[1]), 2)

    def crash(unit: object) -> None:
        search_index.revise(unit, author.id)  # type: ignore[arg-type]
        raise RuntimeError("the machine is gone")

    with pytest.raises(RuntimeError):
        await stadt.write(crash)
    assert (await stadt.read(position), await stadt.read(indexed)) == (int(ids[1]), 2)
    for expected in ((int(ids[3]), 4), (None, 5), (None, 5)):
        await stadt.write(search_index.revise, author.id)
        assert (await stadt.read(position), await stadt.read(indexed)) == expected


@pytest.mark.usefixtures("by_hand")
async def test_who_decides_otherwise_meanwhile_is_looked_at_from_the_beginning(stadt: Town, nachbar: Remote) -> None:
    emil = nachbar.person("emil")
    author = await stadt.meet(emil)
    await notes(stadt, emil, 3)
    await decide(stadt, emil, indexable=True)
    await stadt.write(search_index.revise, author.id)
    await decide(stadt, emil, indexable=False)
    assert (await stadt.read(position), await stadt.read(indexed)) == (0, 2)
    for _ in range(2):
        await stadt.write(search_index.revise, author.id)
    assert (await stadt.read(position), await stadt.read(indexed)) == (None, 0)


async def test_here_a_decision_holds_at_once_in_both_directions(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await bert.write("Der Kirschbaum")
    for decided, seen in (("true", [status["id"]]), ("false", []), ("true", [status["id"]])):
        await _set(bert, decided)
        assert await found(anna, "Kirschbaum") == seen
        assert await found(bert, "Kirschbaum") == [status["id"]]


async def _set(client: Client, indexable: str) -> None:
    await client.patch("/api/v1/accounts/update_credentials", data={"indexable": indexable})


async def test_what_one_passes_on_one_finds_again(stadt: Town, nachbar: Remote) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    (status_id,) = await notes(stadt, nachbar.person("emil"))
    await anna.post(f"/api/v1/statuses/{status_id}/reblog")
    assert (await found(anna, "Kirschbaum"), await found(bert, "Kirschbaum")) == ([status_id], [])
