"""What a policy makes of a notification. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fediverse_kommune.fanout.policies import DEFAULTS, UNFILTERED, Facts, decide
from fediverse_kommune.models import Decision, NotificationType

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
STRANGER = Facts(
    *[None] * 5,
    is_let_in=False,
    follows=False,
    follower_since=None,
    is_answer=False,
    is_private=False,
    sender_created_at=NOW - timedelta(days=400),
    sender_silenced_at=None,
)
KIND = NotificationType.MENTION


@pytest.mark.parametrize(
    ("name", "reason", "exception"),
    [
        ("for_not_following", {}, {"follows": True}),
        ("for_not_followers", {}, {"follower_since": NOW - timedelta(days=3)}),
        ("for_new_accounts", {"sender_created_at": NOW - timedelta(days=29)}, {"follows": True}),
        ("for_private_mentions", {"is_private": True}, {"is_answer": True}),
        ("for_private_mentions", {"is_private": True}, {"follows": True}),
        ("for_limited_accounts", {"sender_silenced_at": NOW}, {"follows": True}),
    ],
)
@pytest.mark.parametrize("decision", list(Decision))
def test_each_reason_decides_alone(
    name: str, reason: dict[str, Any], exception: dict[str, Any], decision: Decision
) -> None:
    open_policy = dict.fromkeys(DEFAULTS, Decision.ACCEPT)
    facts = replace(STRANGER, **open_policy | {name: decision}, **reason)
    assert decide(facts, KIND, NOW) is decision
    assert decide(replace(facts, **exception), KIND, NOW) is Decision.ACCEPT


@pytest.mark.parametrize(
    "changes",
    [{"follower_since": NOW - timedelta(days=2, hours=23)}, {"sender_created_at": NOW - timedelta(days=30)}],
)
def test_the_ages_that_count(changes: dict[str, Any]) -> None:
    facts = replace(STRANGER, for_not_followers=Decision.FILTER, for_new_accounts=Decision.DROP, **changes)
    assert decide(facts, KIND, NOW) is Decision.FILTER


def test_without_a_policy_private_mentions_and_limited_accounts_are_held_back() -> None:
    assert decide(STRANGER, KIND, NOW) is Decision.ACCEPT
    assert decide(replace(STRANGER, is_private=True), KIND, NOW) is Decision.FILTER
    assert decide(replace(STRANGER, sender_silenced_at=NOW), KIND, NOW) is Decision.FILTER


def test_the_strictest_decision_counts_and_who_is_let_in_passes_them_all() -> None:
    facts = replace(STRANGER, for_not_following=Decision.FILTER, for_not_followers=Decision.DROP)
    assert decide(facts, KIND, NOW) is Decision.DROP
    assert decide(replace(facts, is_let_in=True), KIND, NOW) is Decision.ACCEPT


@pytest.mark.parametrize("kind", sorted(UNFILTERED))
def test_what_is_no_strangers_doing_is_always_shown(kind: NotificationType) -> None:
    assert decide(replace(STRANGER, for_not_following=Decision.DROP), kind, NOW) is Decision.ACCEPT
