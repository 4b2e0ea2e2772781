"""Notifications, their groups, policies and requests as JSON, whole. The accounts in them have a test of their own."""

import json
from typing import Any

import msgspec

from activitypub.models import attach
from fediverse_kommune.api.entities.account import account_entity, partial_account_entity
from fediverse_kommune.api.entities.account_warning import account_warning_entity
from fediverse_kommune.api.entities.notification import notification_entity
from fediverse_kommune.api.entities.notification_group import (
    notification_group_entity,
    paged_group_entity,
)
from fediverse_kommune.api.entities.notification_policy import (
    notification_policy_entity,
    v1_notification_policy_entity,
)
from fediverse_kommune.api.entities.notification_request import notification_request_entity
from fediverse_kommune.api.entities.relationship_severance_event import relationship_severance_event_entity
from fediverse_kommune.models import (
    AccountWarning,
    Decision,
    Notification,
    NotificationRequest,
    NotificationType,
    Severance,
    WarningAction,
)
from fediverse_kommune.services.notification_policies import Policy
from fediverse_kommune.services.notifications import Group
from tests.unit.api.rows import INSTANCE, NOON, local_actor

ORIGIN = "https://social.musterstadt.example"
TIME = "2026-05-04T12:30:15.250Z"


def as_json(entity: Any) -> Any:
    return json.loads(msgspec.json.encode(entity))


ANNA = as_json(account_entity(local_actor(), INSTANCE))
LIKE = attach(
    Notification(id=51, type=NotificationType.FAVOURITE, group_key="favourite-21-493860", created_at=NOON),
    from_actor=local_actor(),
)


def test_notification() -> None:
    expected = {
        "id": "51",
        "type": "favourite",
        "created_at": TIME,
        "group_key": "favourite-21-493860",
        "account": ANNA,
    }
    assert as_json(notification_entity(LIKE, {}, INSTANCE)) == expected
    assert as_json(notification_entity(LIKE, {"status": {"id": "21"}}, INSTANCE)) == expected | {"status": {"id": "21"}}


def test_notification_group() -> None:
    group = Group("favourite-21-493860", LIKE, size=3, oldest_id=42, actor_ids=(11, 12))
    expected = {
        "group_key": "favourite-21-493860",
        "notifications_count": 3,
        "type": "favourite",
        "most_recent_notification_id": 51,
        "sample_account_ids": ["11", "12"],
        "status_id": "21",
    }
    assert as_json(notification_group_entity(group, {"status_id": "21"})) == expected
    assert as_json(paged_group_entity(group, {"status_id": "21"})) == expected | {
        "page_min_id": "42",
        "page_max_id": "51",
        "latest_page_notification_at": TIME,
    }


def test_partial_account() -> None:
    picture = f"{ORIGIN}/media/{'a' * 64}.png"
    assert as_json(partial_account_entity(local_actor(), INSTANCE)) == {
        "id": "11",
        "acct": "anna",
        "locked": False,
        "bot": False,
        "url": f"{ORIGIN}/@anna",
        "avatar": picture,
        "avatar_static": picture,
        "avatar_description": ANNA["avatar_description"],
    }


def test_notification_policy() -> None:
    decisions = {
        "for_not_following": Decision.ACCEPT,
        "for_not_followers": Decision.DROP,
        "for_new_accounts": Decision.FILTER,
        "for_private_mentions": Decision.FILTER,
        "for_limited_accounts": Decision.ACCEPT,
    }
    summary = {"pending_requests_count": 2, "pending_notifications_count": 7}
    policy = Policy(decisions, requests=2, notifications=7)
    assert as_json(notification_policy_entity(policy)) == {
        "for_not_following": "accept",
        "for_not_followers": "drop",
        "for_new_accounts": "filter",
        "for_private_mentions": "filter",
        "for_limited_accounts": "accept",
        "summary": summary,
    }
    assert as_json(v1_notification_policy_entity(policy)) == {
        "filter_not_following": False,
        "filter_not_followers": True,
        "filter_new_accounts": True,
        "filter_private_mentions": True,
        "summary": summary,
    }


def test_notification_request() -> None:
    row = attach(NotificationRequest(id=61, created_at=NOON, updated_at=NOON), from_actor=local_actor())
    assert as_json(notification_request_entity(row, 3, None, INSTANCE)) == {
        "id": "61",
        "created_at": TIME,
        "updated_at": TIME,
        "notifications_count": "3",
        "account": ANNA,
        "last_status": None,
    }


def test_account_warning() -> None:
    row = AccountWarning(id=71, action=WarningAction.SILENCE, text="So nicht.", status_ids=[21], created_at=NOON)
    assert as_json(account_warning_entity(row, local_actor(), INSTANCE)) == {
        "id": "71",
        "action": "silence",
        "text": "So nicht.",
        "status_ids": ["21"],
        "created_at": TIME,
        "target_account": ANNA,
        "appeal": None,
    }


def test_relationship_severance_event() -> None:
    row = Severance(
        id=81, type="domain_block", target_name="x.example", followers_count=1, following_count=2, created_at=NOON
    )
    assert as_json(relationship_severance_event_entity(row)) == {
        "id": "81",
        "type": "domain_block",
        "purged": True,
        "target_name": "x.example",
        "followers_count": 1,
        "following_count": 2,
        "created_at": TIME,
    }
