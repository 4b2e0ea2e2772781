"""Which servers this town talks to. https://docs.joinmastodon.org/methods/admin/domain_blocks/ and domain_allows/"""

import hashlib
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.graph.reports import rejects_reports
from activitypub.models import Actor, Follow, Media, Status
from fediverse_kommune.models import Role, Severance
from outbox import farewell
from tests.client import Client, app_of, officer_of
from tests.fediverse import PUBLIC, Remote
from tests.town import Town, town

BLOCKS, ALLOWS = "/api/v1/admin/domain_blocks", "/api/v1/admin/domain_allows"
PICTURE = {"type": "Document", "mediaType": "image/png", "url": "https://cdn.example/1.png"}


async def boss_of(stadt: Town) -> Client:
    return await officer_of(stadt, "vera", Role.ADMIN)


async def test_a_block_is_made_shown_changed_and_lifted(stadt: Town) -> None:
    vera = await boss_of(stadt)
    made = await vera.post(BLOCKS, data={"domain": "Bürger.example.", "severity": "suspend", "private_comment": "Spam"})
    ascii_name = "xn--brger-kva.example"
    assert made == {
        "id": made["id"],
        "domain": "bürger.example",
        "digest": hashlib.sha256(ascii_name.encode()).hexdigest(),
        "created_at": made["created_at"],
        "severity": "suspend",
        "reject_media": False,
        "reject_reports": False,
        "private_comment": "Spam",
        "public_comment": None,
        "obfuscate": False,
    }
    assert await vera.get(BLOCKS) == [made]
    assert await vera.get(f"{BLOCKS}/{made['id']}") == made
    changed = await vera.put(f"{BLOCKS}/{made['id']}", json={"severity": "noop", "reject_media": True})
    assert changed == made | {"severity": "noop", "reject_media": True}
    assert await vera.delete(f"{BLOCKS}/{made['id']}") == {}
    assert await vera.get(BLOCKS) == []
    for method in ("GET", "PUT", "DELETE"):
        assert (await vera.ask(method, f"{BLOCKS}/{made['id']}", data={} if method == "PUT" else None)).status == 404


async def test_a_block_that_makes_no_sense(stadt: Town, subtests: pytest.Subtests) -> None:
    vera = await boss_of(stadt)
    for form, sentence in [
        ({}, "Domain can't be blank"),
        ({"domain": "so geht das nicht"}, "not a valid domain name"),
        ({"domain": "x.example", "severity": "exile"}, "Severity is not included in the list"),
        ({"domain": "stadt.test"}, "our own domain"),
        ({"domain": "x.example", "public_comment": "x" * 1_001}, "characters"),
    ]:
        with subtests.test(form=form, sentence=sentence):
            reply = await vera.ask("POST", BLOCKS, data=form)
            assert (reply.status, sentence in reply.json["error"]) == (422, True), reply.text


async def test_what_is_blocked_already_is_named(stadt: Town) -> None:
    vera = await boss_of(stadt)
    made = await vera.post(BLOCKS, data={"domain": "x.example", "severity": "silence"})
    for name, severity in (("x.example", "suspend"), ("a.x.example", "silence"), ("a.x.example", "noop")):
        reply = await vera.ask("POST", BLOCKS, data={"domain": name, "severity": severity})
        assert (reply.status, reply.json["existing_domain_block"]) == (422, made)
    assert (await vera.post(BLOCKS, data={"domain": "a.x.example", "severity": "suspend"}))["severity"] == "suspend"


async def test_the_list_goes_on_page_by_page(stadt: Town) -> None:
    vera = await boss_of(stadt)
    for number in range(3):
        await vera.post(BLOCKS, data={"domain": f"d{number}.example"})
    reply = await vera.ask("GET", f"{BLOCKS}?limit=2")
    assert [block["domain"] for block in reply.json] == ["d2.example", "d1.example"]
    path = reply.link("next")
    assert path is not None
    assert [block["domain"] for block in await vera.get(path)] == ["d0.example"]


# ----------------------------------------------------------------------------------------------- suspending


async def _acquainted(stadt: Town, nachbar: Remote) -> tuple[Client, Client, Any]:
    """Anna follows Emil and Berta of the neighbour, and Emil follows Anna; Emil has written something."""
    vera, anna = await boss_of(stadt), await app_of(stadt, "anna")
    emil, berta = nachbar.person("emil"), nachbar.person("berta")
    for number, person in enumerate((emil, berta), start=1):
        known = await stadt.meet(person)
        await anna.post(f"/api/v1/accounts/{known.id}/follow")
        (asked,) = [
            item for item in await nachbar.until_received("Follow", number) if item.activity["object"] == person.uri
        ]
        await stadt.accept(person, person.activity("Accept", asked.activity))
    await stadt.accept(emil, emil.activity("Follow", f"{stadt.origin}/users/anna"))
    await stadt.accept(emil, emil.create(emil.note(attachment=[PICTURE])))
    return vera, anna, emil


async def test_a_suspended_domain_is_gone_at_once_and_its_follows_with_it(
    stadt: Town, nachbar: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(farewell, "AT_ONCE", 1)  # as if there were thousands
    vera, anna, emil = await _acquainted(stadt, nachbar)
    (post,) = await anna.get("/api/v1/timelines/home")
    await vera.post(BLOCKS, data={"domain": "nachbar.test", "severity": "suspend"})

    assert await anna.get("/api/v1/timelines/home") == []
    assert (await anna.ask("GET", f"/api/v1/statuses/{post['id']}")).status == 404
    assert await stadt.count(Follow) == 0
    me = await anna.get(f"/api/v1/accounts/{anna.id}")
    assert (me["followers_count"], me["following_count"]) == (0, 0)
    (told,) = [each for each in await anna.get("/api/v1/notifications") if each["type"] == "severed_relationships"]
    event = told["event"]
    assert (event["type"], event["target_name"]) == ("domain_block", "nachbar.test")
    assert (event["followers_count"], event["following_count"]) == (1, 2)
    assert await stadt.count(Severance) == 1
    # The last it hears: what has ended, by the ids it knows.
    (asked,) = [item.activity for item in nachbar.received if item.activity["type"] == "Accept"]
    (rejected,) = await nachbar.until_received("Reject")
    undone = await nachbar.until_received("Undo", 2)
    assert rejected.activity["object"] == asked["object"]
    followed = {item.activity["id"] for item in nachbar.received if item.activity["type"] == "Follow"}
    assert {item.activity["object"]["id"] for item in undone} == followed
    # Nothing comes in …
    assert await stadt.deliver(emil, emil.create()) == 403
    # … and nothing is fetched, by whatever name it is asked for (row I02).
    nachbar.requested.clear()
    for wanted in (nachbar.person("neu").uri, f"neu@nachbar.test:{nachbar.port}"):
        found = await anna.get(f"/api/v2/search?q={wanted}&resolve=true")
        assert found["accounts"] == []
    assert nachbar.requested == []


async def test_what_is_passed_on_by_others_is_not_fetched_from_a_suspended_domain(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    vera, _, emil = await _acquainted(stadt, nachbar)
    await vera.post(BLOCKS, data={"domain": "boese.test", "severity": "suspend"})
    note = boese.person("mallory").note()
    boese.requested.clear()
    await stadt.accept(emil, emil.activity("Announce", note["id"], to=[PUBLIC], cc=[emil.followers]))
    await stadt.accept(emil, emil.create(emil.note(inReplyTo=note["id"])))
    assert boese.requested == []
    assert await stadt.count(Status, Status.uri == note["id"]) == 0


async def test_nothing_goes_out_to_a_suspended_domain(stadt: Town, nachbar: Remote) -> None:
    vera, anna, _ = await _acquainted(stadt, nachbar)
    await vera.post(BLOCKS, data={"domain": "nachbar.test", "severity": "suspend"})
    await nachbar.until_received("Reject")
    await nachbar.until_received("Undo", 2)
    nachbar.received.clear()
    await anna.write(f"@emil@nachbar.test:{nachbar.port} Hallo")
    await stadt.rest()
    assert nachbar.received == []


async def test_lifting_a_block_shows_what_it_hid_and_leaves_single_decisions(stadt: Town, nachbar: Remote) -> None:
    vera, _, _ = await _acquainted(stadt, nachbar)
    berta = await stadt.known(nachbar.person("berta"))
    assert berta is not None
    await vera.post(f"/api/v1/admin/accounts/{berta.id}/action", data={"type": "suspend"})
    block = await vera.post(BLOCKS, data={"domain": "nachbar.test", "severity": "suspend"})
    assert await stadt.read(_suspended) == {"emil", "berta"}
    await vera.delete(f"{BLOCKS}/{block['id']}")
    assert await stadt.read(_suspended) == {"berta"}
    emil = nachbar.person("emil")
    assert await stadt.deliver(emil, emil.activity("Follow", f"{stadt.origin}/users/anna")) == 202
    await stadt.settle()
    assert await stadt.count(Follow) == 1


def _suspended(session: Session) -> set[str]:
    return set(session.scalars(select(Actor.username).where(Actor.suspended_at.is_not(None))))


async def test_a_block_of_a_domain_above_stays_when_the_one_below_is_lifted(stadt: Town, nachbar: Remote) -> None:
    vera, _, _ = await _acquainted(stadt, nachbar)
    below = await vera.post(BLOCKS, data={"domain": "nachbar.test", "severity": "silence"})
    await vera.post(BLOCKS, data={"domain": "test", "severity": "suspend"})
    await vera.delete(f"{BLOCKS}/{below['id']}")
    assert await stadt.read(_suspended) == {"emil", "berta"}


async def test_a_domain_that_is_allowed_is_an_exception_from_a_block_above(stadt: Town, nachbar: Remote) -> None:
    """Its posts are shown, its actors may write, and its files come; when the exception ends, the block holds again."""
    vera, anna, emil = await _acquainted(stadt, nachbar)
    block = {"domain": "test", "severity": "suspend", "reject_media": True, "reject_reports": True}
    allow = await vera.post(ALLOWS, data={"domain": "nachbar.test"})
    made = await vera.post(BLOCKS, data=block)
    assert (await stadt.read(_suspended), await stadt.count(Follow), await stadt.count(Media)) == (set(), 3, 1)
    await stadt.accept(emil, emil.create(emil.note(attachment=[PICTURE])))
    assert await stadt.count(Media) == 2
    assert await stadt.read(rejects_reports, ["a.nachbar.test"]) is False
    assert await stadt.read(rejects_reports, ["bachbar.test"]) is True
    assert len(await anna.get("/api/v1/timelines/home")) == 2
    new = nachbar.person("neu")
    assert (await stadt.meet(new)).suspended_at is None
    await vera.delete(f"{ALLOWS}/{allow['id']}")
    assert (await stadt.read(_suspended), await stadt.count(Follow)) == ({"emil", "berta", "neu"}, 0)
    assert await stadt.deliver(emil, emil.create()) == 403
    await vera.post(ALLOWS, data={"domain": "nachbar.test"})
    assert await stadt.read(_suspended) == set()
    assert await stadt.deliver(emil, emil.create()) == 202
    await vera.put(f"{BLOCKS}/{made['id']}", json={"severity": "silence"})
    timeline = "/api/v1/timelines/public?remote=true"
    assert len(await anna.get(timeline)) == 2
    await vera.post(BLOCKS, data={"domain": "nachbar.test", "severity": "silence"})
    assert await anna.get(timeline) == []


# ------------------------------------------------------------------------------------- silencing and files


async def test_a_silenced_domain_marks_those_who_are_known_and_those_who_come(stadt: Town, nachbar: Remote) -> None:
    vera, anna, _ = await _acquainted(stadt, nachbar)
    await vera.post(BLOCKS, data={"domain": "nachbar.test"})
    new = await stadt.meet(nachbar.person("neu"))
    assert (await anna.get(f"/api/v1/accounts/{new.id}"))["limited"] is True
    known = await stadt.known(nachbar.person("emil"))
    assert known is not None
    assert (await anna.get(f"/api/v1/accounts/{known.id}"))["limited"] is True
    stranger = nachbar.person("neu")
    await stadt.accept(stranger, stranger.activity("Follow", f"{stadt.origin}/users/anna"))
    assert [account["username"] for account in await anna.get("/api/v1/follow_requests")] == ["neu"]


async def test_files_of_a_domain_can_be_refused(stadt: Town, nachbar: Remote) -> None:
    vera, anna, emil = await _acquainted(stadt, nachbar)
    assert await stadt.count(Media) == 1
    await vera.post(BLOCKS, data={"domain": "nachbar.test", "severity": "noop", "reject_media": True})
    assert await stadt.count(Media) == 0
    await stadt.accept(emil, emil.create(emil.note(attachment=[PICTURE])))
    assert await stadt.count(Media) == 0
    assert [post["media_attachments"] for post in await anna.get("/api/v1/timelines/home")] == [[], []]


# ----------------------------------------------------------------------------------------------- allowlist


async def test_domains_are_allowed_and_no_longer(stadt: Town) -> None:
    vera = await boss_of(stadt)
    made = await vera.post(ALLOWS, data={"domain": "freund.example"})
    assert made == {"id": made["id"], "domain": "freund.example", "created_at": made["created_at"]}
    assert await vera.post(ALLOWS, data={"domain": "freund.example"}) == made
    assert await vera.get(ALLOWS) == [made]
    assert await vera.get(f"{ALLOWS}/{made['id']}") == made
    assert await vera.delete(f"{ALLOWS}/{made['id']}") == {}
    assert (await vera.ask("GET", f"{ALLOWS}/{made['id']}")).status == 404
    assert (await vera.ask("POST", ALLOWS, data={"domain": " "})).status == 422
    assert (await vera.ask("POST", ALLOWS, data={"domain": "a b"})).status == 422


async def test_with_an_allowlist_nobody_else_is_heard_read_or_written_to(
    database_url: str, tmp_path: Any, nachbar: Remote
) -> None:
    async with town(database_url, tmp_path, limited=True) as stadt:
        vera, anna = await boss_of(stadt), await app_of(stadt, "anna")
        emil = nachbar.person("emil")
        follow = emil.activity("Follow", f"{stadt.origin}/users/anna")
        assert (await vera.get("/api/v2/instance"))["configuration"]["limited_federation"] is True
        assert await stadt.deliver(emil, follow) == 403
        assert nachbar.requested == []
        allowed = await vera.post(ALLOWS, data={"domain": "nachbar.test"})
        await stadt.accept(emil, follow)
        assert await stadt.count(Follow) == 1
        await anna.write("Für alle")
        await nachbar.until_received("Create")
        note = emil.note(to=[PUBLIC, f"{stadt.origin}/users/anna"])
        await stadt.accept(emil, emil.create(note))
        heard = "/api/v1/timelines/public?remote=true"
        assert len(await anna.get(heard)) == 1
        await vera.delete(f"{ALLOWS}/{allowed['id']}")
        assert await stadt.count(Follow) == 0
        assert await anna.get(heard) == []  # what came before is not shown either
        await vera.post(ALLOWS, data={"domain": "test"})
        assert len(await anna.get(heard)) == 1
        await vera.delete(f"{ALLOWS}/{(await vera.get(ALLOWS))[0]['id']}")
        assert await stadt.deliver(emil, emil.create()) == 403


async def test_a_change_of_the_mode_hides_and_shows_and_ends_nothing(
    database_url: str, tmp_path: Any, nachbar: Remote
) -> None:
    async with town(database_url, tmp_path) as stadt:
        await _acquainted(stadt, nachbar)
    for limited, seen in ((True, 0), (False, 1)):
        async with town(database_url, tmp_path, limited=limited) as stadt:
            assert len(await stadt.read(_suspended)) == (2 if limited else 0)
            assert await stadt.count(Follow) == 3
            assert len(await Client(stadt).get("/api/v1/timelines/public?remote=true")) == seen
