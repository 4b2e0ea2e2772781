"""A17: a stamp of consent is good for the very two posts it names, and only where its author keeps it."""

import pytest

from activitypub.models import QuoteState
from tests.client import Client, app_of
from tests.fediverse import Person, Remote
from tests.quotes import following, stamp, state
from tests.town import Town

FORGED = ["none", "other quoting post", "other quoted post", "other author", "other type", "own server", "gone"]


async def test_a_stamp_for_something_else_is_worth_nothing_and_stands_in_nobodys_way(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    for number, forged in enumerate(FORGED):
        with subtests.test(forged=forged):
            await is_worth_nothing(stadt, anna, bob, boese.person(f"carl{number}"), forged)


async def is_worth_nothing(stadt: Town, anna: Client, bob: Person, carl: Person, forged: str) -> None:
    """Bob quotes Carl with a stamp that is forged in one way, and later with the true one."""
    boese = carl.server
    quoted, other = carl.note("<p>Original</p>"), carl.note("<p>anderes</p>")
    note = bob.note("<p>Sehr wahr</p>", quote=quoted["id"])
    match forged:
        case "other quoting post":
            note["quoteAuthorization"] = stamp(carl, note, quoted, interactingObject=f"{note['id']}9")
        case "other quoted post":
            note["quoteAuthorization"] = stamp(carl, note, other)
        case "other author":
            note["quoteAuthorization"] = stamp(carl, note, quoted, attributedTo=boese.person("dora").uri)
        case "other type":
            note["quoteAuthorization"] = stamp(carl, note, quoted, type="LikeAuthorization")
        case "own server":
            note["quoteAuthorization"] = stamp(bob, note, quoted, attributedTo=carl.uri)
        case "gone":
            note["quoteAuthorization"] = f"{boese.origin}/stamps/404"
    await stadt.accept(bob, bob.create(note))
    assert await state(stadt, note["id"]) is QuoteState.PENDING
    shown = (await anna.get("/api/v1/timelines/home"))[0]
    assert shown["uri"] == note["id"]
    assert shown["quote"] == {"state": "pending", "quoted_status": None}

    note["quoteAuthorization"] = stamp(carl, note, quoted)
    await stadt.accept(bob, bob.activity("Update", note, to=note["to"], cc=note["cc"]))
    assert await state(stadt, note["id"]) is QuoteState.ACCEPTED
