"""Entities about people and what one keeps of them, whole. https://docs.joinmastodon.org/entities/"""

import json
from datetime import date
from typing import Any

import msgspec

from activitypub.models import FeaturedTag, Follow, attach
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.conversation import conversation_entity
from fediverse_kommune.api.entities.featured_tag import featured_tag_entity
from fediverse_kommune.api.entities.list import list_entity
from fediverse_kommune.api.entities.muted_account import muted_account_entity
from fediverse_kommune.api.entities.relationship import Ties, relationship_entity
from fediverse_kommune.api.entities.suggestion import suggestion_entity
from fediverse_kommune.api.entities.tag import tag_entity
from fediverse_kommune.models import Conversation, List, Mute, RepliesPolicy
from fediverse_kommune.services.discovery import Source, Suggestion
from fediverse_kommune.services.tags import FeaturedUse, Use
from tests.unit.api.rows import INSTANCE, NOON, local_actor, remote_actor

ORIGIN = "https://social.musterstadt.example"


def as_json(entity: Any) -> Any:
    return json.loads(msgspec.json.encode(entity))


ANNA = as_json(account_entity(local_actor(), INSTANCE))
EMIL = as_json(account_entity(remote_actor(), INSTANCE))


def test_relationship_with_everything_between_the_two() -> None:
    out = Follow(accepted_at=NOON, show_announces=False, notify=True, languages=["de", "en"])
    back = Follow(accepted_at=None, show_announces=True, notify=False)
    mute = Mute(target_id=12, hides_notifications=True, expires_at=NOON)
    ties = Ties(
        following={12: out},
        followers={12: back},
        blocking={12},
        blocked_by={12},
        muting={12: mute},
        domain_blocking={12},
        endorsed={12},
        notes={12: "vom Verein"},
    )
    assert as_json(relationship_entity(12, ties)) == {
        "id": "12",
        "following": True,
        "showing_reblogs": False,
        "notifying": True,
        "languages": ["de", "en"],
        "followed_by": False,
        "blocking": True,
        "blocked_by": True,
        "muting": True,
        "muting_notifications": True,
        "muting_expires_at": "2026-05-04T12:30:15.250Z",
        "requested": False,
        "requested_by": True,
        "domain_blocking": True,
        "endorsed": True,
        "note": "vom Verein",
    }
    assert relationship_entity(12, Ties(muting={12: Mute(hides_notifications=False)}))["muting_expires_at"] is None


def test_muted_account() -> None:
    mute = attach(Mute(target_id=11, hides_notifications=True, expires_at=NOON), target=local_actor())
    assert as_json(muted_account_entity(mute, INSTANCE)) == ANNA | {"mute_expires_at": "2026-05-04T12:30:15.250Z"}
    mute = attach(Mute(target_id=11, hides_notifications=True), target=local_actor())
    assert as_json(muted_account_entity(mute, INSTANCE)) == ANNA | {"mute_expires_at": None}


def test_list() -> None:
    row = List(id=41, actor_id=11, title="Vereine", replies_policy=RepliesPolicy.FOLLOWED, exclusive=True)
    assert as_json(list_entity(row)) == {
        "id": "41",
        "title": "Vereine",
        "replies_policy": "followed",
        "exclusive": True,
    }


def test_tag_with_its_history() -> None:
    entity = tag_entity("fest", "Fest", INSTANCE, [Use(date(2026, 5, 4), 3, 2)], following=True, featuring=True)
    assert as_json(entity) == {
        "id": "fest",
        "name": "Fest",
        "url": f"{ORIGIN}/tags/fest",
        "history": [{"day": "1777852800", "accounts": "2", "uses": "3"}],
        "following": True,
        "featuring": True,
    }


def test_featured_tag() -> None:
    row = FeaturedTag(id=51, actor_id=11, tag="straßenfest", name="Straßenfest")
    assert as_json(featured_tag_entity(row, FeaturedUse(4, NOON), INSTANCE)) == {
        "id": "51",
        "name": "Straßenfest",
        "url": f"{ORIGIN}/tags/stra%C3%9Fenfest",
        "statuses_count": "4",
        "last_status_at": "2026-05-04",
    }
    assert featured_tag_entity(row, FeaturedUse(), INSTANCE)["last_status_at"] is None


def test_suggestion() -> None:
    suggestion = Suggestion(remote_actor(), (Source.FRIENDS_OF_FRIENDS, Source.MOST_FOLLOWED))
    assert as_json(suggestion_entity(suggestion, INSTANCE)) == {
        "source": "past_interactions",
        "sources": ["friends_of_friends", "most_followed"],
        "account": EMIL,
    }


def test_conversation() -> None:
    row = Conversation(id=61, actor_id=11, participant_ids=[12], unread=True)
    assert as_json(conversation_entity(row, [remote_actor()], {"id": "21"}, INSTANCE)) == {
        "id": "61",
        "unread": True,
        "accounts": [EMIL],
        "last_status": {"id": "21"},
    }
