"""A17: a stamp of consent is good for the very two posts it names, and only where its author keeps it."""

import pytest

from activitypub.models import QuoteState
from tests.client import app_of
from tests.fediverse import Remote
from tests.quotes import following, stamp, state
from tests.town import Town


@pytest.mark.parametrize(
    "forged",
    ["none", "other quoting post", "other quoted post", "other author", "other type", "own server", "gone"],
)
async def test_a_stamp_for_something_else_is_worth_nothing_and_stands_in_nobodys_way(
    stadt: Town, nachbar: Remote, boese: Remote, forged: str
) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    await following(stadt, anna, bob)
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
    (shown,) = await anna.get("/api/v1/timelines/home")
    assert shown["quote"] == {"state": "pending", "quoted_status": None}

    note["quoteAuthorization"] = stamp(carl, note, quoted)
    await stadt.accept(bob, bob.activity("Update", note, to=note["to"], cc=note["cc"]))
    assert await state(stadt, note["id"]) is QuoteState.ACCEPTED
