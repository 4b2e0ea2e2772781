"""What posts can carry, whole: polls, previews, quotes, and posts that wait. https://docs.joinmastodon.org/entities/"""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from activitypub.models import EmojiReaction, Poll, Quote, QuoteState, attach
from fediverse_kommune.api.entities.emoji_reaction import chosen_emoji_entity
from fediverse_kommune.api.entities.poll import poll_entity
from fediverse_kommune.api.entities.preview_card import preview_card_entity
from fediverse_kommune.api.entities.scheduled_status import scheduled_status_entity
from fediverse_kommune.api.entities.status import ViewerState, status_entity
from fediverse_kommune.models import PreviewCard, ScheduledStatus
from tests.unit.api.rows import INSTANCE, NOON, media, remote_actor, status
from tests.unit.api.test_entities import ANNA, HALLO, TREE

ORIGIN = "https://social.musterstadt.example"
FISH = [{"shortcode": "fisch", "url": "https://nord.example/fisch.png"}]


def as_json(entity: Any) -> Any:
    return json.loads(msgspec.json.encode(entity))


def poll(**changes: Any) -> Poll:
    values: dict[str, Any] = {
        "status_id": 21,
        "multiple": True,
        "options": [{"title": "Linde", "votes": 2}, {"title": "Raps :fisch:", "votes": 3}],
        "voters_count": 4,
        "hides_totals": False,
        "expires_at": NOON + timedelta(hours=1),
    }
    return Poll(**values | changes)


POLL: dict[str, Any] = {
    "id": "21",
    "expires_at": "2026-05-04T13:30:15.250Z",
    "expired": False,
    "multiple": True,
    "votes_count": 5,
    "voters_count": 4,
    "options": [{"title": "Linde", "votes_count": 2}, {"title": "Raps :fisch:", "votes_count": 3}],
    "emojis": [
        {
            "shortcode": "fisch",
            "url": "https://nord.example/fisch.png",
            "static_url": "https://nord.example/fisch.png",
            "visible_in_picker": False,
        }
    ],
}
HIDDEN = [{"title": "Linde", "votes_count": None}, {"title": "Raps :fisch:", "votes_count": None}]


def test_poll_for_nobody_in_particular() -> None:
    entity = as_json(poll_entity(poll(), FISH, NOON, own_votes=None, is_author=False))
    assert entity | {"emojis": POLL["emojis"]} == POLL
    assert [emoji["shortcode"] for emoji in entity["emojis"]] == ["fisch"]


@pytest.mark.parametrize(
    ("changes", "hours", "shown"),
    [
        ({}, 1, {"expired": True}),
        ({"hides_totals": True}, 0, {"options": HIDDEN}),
        ({"hides_totals": True}, 1, {"expired": True}),
        ({"expires_at": None, "voters_count": None}, 99, {"expires_at": None, "voters_count": None}),
    ],
)
def test_poll_at_other_times(changes: dict[str, Any], hours: int, shown: dict[str, Any]) -> None:
    now = NOON + timedelta(hours=hours)
    entity = as_json(poll_entity(poll(**changes), [], now, own_votes=None, is_author=False))
    assert entity == POLL | {"emojis": []} | shown


@pytest.mark.parametrize(
    ("own_votes", "is_author", "voted"), [([], False, False), ([1, 0], False, True), ([], True, True)]
)
def test_poll_for_somebody(own_votes: list[int], is_author: bool, voted: bool) -> None:
    entity = as_json(poll_entity(poll(), [], NOON, own_votes=own_votes, is_author=is_author))
    assert entity == POLL | {"emojis": [], "voted": voted, "own_votes": sorted(own_votes)}


def card(**changes: Any) -> PreviewCard:
    values: dict[str, Any] = {
        "id": 51,
        "url": "https://zeitung.example/fest",
        "type": "link",
        "title": "Fest <b>",
        "description": "Am Samstag",
        "author_name": "Eva Feder",
        "author_url": "https://zeitung.example/eva",
        "provider_name": "Zeitung",
        "provider_url": "https://zeitung.example",
        "language": "de",
        "image_key": "d" * 64 + ".jpg",
        "image_description": "Ein Zelt",
        "width": 640,
        "height": 360,
        "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        "published_at": NOON,
    }
    author = changes.pop("author", None)
    return attach(PreviewCard(**values | changes), author=author)


CARD: dict[str, Any] = {
    "url": "https://zeitung.example/fest",
    "title": "Fest <b>",
    "description": "Am Samstag",
    "language": "de",
    "type": "link",
    "author_name": "Eva Feder",
    "author_url": "https://zeitung.example/eva",
    "provider_name": "Zeitung",
    "provider_url": "https://zeitung.example",
    "html": "",
    "width": 640,
    "height": 360,
    "image": f"{ORIGIN}/media/{'d' * 64}.jpg",
    "image_description": "Ein Zelt",
    "embed_url": "",
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
    "published_at": "2026-05-04T12:30:15.250Z",
    "authors": [{"name": "Eva Feder", "url": "https://zeitung.example/eva", "account": None}],
}


def test_preview_card() -> None:
    assert as_json(preview_card_entity(card(), INSTANCE)) == CARD


def test_preview_card_that_says_little() -> None:
    bare = card(author_name="", author_url="", language=None, image_key=None, published_at=None, blurhash=None)
    assert as_json(preview_card_entity(bare, INSTANCE)) == CARD | {
        "author_name": "",
        "author_url": "",
        "language": None,
        "image": None,
        "published_at": None,
        "blurhash": None,
        "authors": [],
    }


def test_preview_card_with_an_author_of_the_fediverse() -> None:
    entity = as_json(preview_card_entity(card(author=remote_actor()), INSTANCE))
    assert [(author["name"], author["account"]["acct"]) for author in entity["authors"]] == [
        ("Emil :fisch:", "emil@bürger.example")
    ]
    assert as_json(preview_card_entity(card(author=remote_actor(suspended_at=NOON)), INSTANCE)) == CARD


def test_status_with_all_that_one_can_carry() -> None:
    quote = Quote(status_id=21, quoted_id=22, state=QuoteState.ACCEPTED)
    row = attach(status(), poll=poll(), quote=quote)
    state = ViewerState(
        12,
        bookmarked=frozenset({21}),
        muted=frozenset({21}),
        votes={21: [1]},
        cards={21: card()},
        quoted={22: status(id=22)},
        now=NOON,
    )
    entity = as_json(status_entity(row, INSTANCE, state))
    assert (entity["bookmarked"], entity["muted"]) == (True, True)
    assert entity["poll"] == POLL | {"emojis": [], "voted": True, "own_votes": [1]}
    assert entity["card"] == CARD
    assert entity["quote"]["state"] == "accepted"
    inner = entity["quote"]["quoted_status"]
    assert (inner["id"], inner["account"], inner["bookmarked"]) == ("22", ANNA, False)
    assert inner.keys() >= HALLO.keys()


def test_a_quote_that_one_may_not_see_is_named_and_not_shown() -> None:
    row = attach(status(), quote=Quote(status_id=21, quoted_id=22, state=QuoteState.ACCEPTED))
    entity = as_json(status_entity(row, INSTANCE, ViewerState(12)))
    assert entity["quote"] == {"state": "unauthorized", "quoted_status": None}


def test_scheduled_status() -> None:
    params = {"text": "Bald", "visibility": "public", "media_ids": ["31", "32"], "poll": None}
    row = ScheduledStatus(id=61, params=params, media_ids=[31, 32], scheduled_at=NOON)
    assert as_json(scheduled_status_entity(row, {31: media()}, INSTANCE, 5)) == {
        "id": "61",
        "scheduled_at": "2026-05-04T12:30:15.250Z",
        "params": {**params, "scheduled_at": None, "application_id": 5, "with_rate_limit": False},
        "media_attachments": [TREE],
    }


def test_reactions_to_a_post() -> None:
    url, still = "https://nord.example/fisch.gif", "https://nord.example/fisch.png"
    counted = [{"name": "🔥", "count": 3}, {"name": "fisch@nord.example", "count": 1, "url": url, "static_url": still}]
    state = ViewerState(12, facts={"react:🔥": frozenset({21}), "react:fisch@nord.example": frozenset({22})})
    entity = as_json(status_entity(status(reactions=counted), INSTANCE, state))
    expected = [
        {"name": "🔥", "count": 3, "me": True},
        {"name": "fisch@nord.example", "count": 1, "me": False, "url": url, "static_url": still},
    ]
    assert entity["pleroma"] == {"emoji_reactions": expected}
    assert entity["emoji_reactions"] == entity["reactions"] == expected


def test_what_a_notification_says_of_a_reaction() -> None:
    fire, fish = (
        EmojiReaction(name="🔥"),
        EmojiReaction(name="fisch@nord.example", url="https://nord.example/fisch.png"),
    )
    assert as_json(chosen_emoji_entity(fire)) == {"emoji": "🔥", "emoji_url": None}
    assert as_json(chosen_emoji_entity(fish)) == {"emoji": ":fisch@nord.example:", "emoji_url": fish.url}
