"""InteractionRequest and the default policies, whole. https://docs.gotosocial.org/en/latest/api/swagger/"""

from typing import Any

import pytest

from activitypub.access import part_of_policy
from activitypub.models import InteractionRequest, Wish
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities.interaction_policy import default_policies_entity
from fediverse_kommune.api.entities.interaction_request import interaction_request_entity
from tests.unit.api.rows import NOON
from tests.unit.api.test_entities import as_json

EVERYBODY = {"automatic_approval": ["public"], "manual_approval": [], "always": ["public"], "with_approval": []}


def request(wish: Wish, **changes: Any) -> InteractionRequest:
    return InteractionRequest(id=51, wish=wish, status_id=21, author_id=11, actor_id=12, created_at=NOON, **changes)


@pytest.mark.parametrize(
    ("wish", "kind"),
    [(Wish.LIKE, "favourite"), (Wish.REPLY, "reply"), (Wish.ANNOUNCE, "reblog"), (Wish.QUOTE, "quote")],
)
def test_a_request_that_waits(wish: Wish, kind: str) -> None:
    reply = {"id": "22"} if wish in (Wish.REPLY, Wish.QUOTE) else None
    found = as_json(interaction_request_entity(request(wish), account={"id": "12"}, status={"id": "21"}, reply=reply))
    assert found == {
        "id": "51",
        "type": kind,
        "created_at": "2026-05-04T12:30:15.250Z",
        "account": {"id": "12"},
        "status": {"id": "21"},
        **({"reply": {"id": "22"}} if reply else {}),
    }


@pytest.mark.parametrize("decided", ["accepted_at", "rejected_at"])
def test_a_request_that_was_decided(decided: str) -> None:
    row = request(Wish.LIKE, **{decided: NOON})
    found = as_json(interaction_request_entity(row, account={}, status={}, reply=None))
    assert found[decided] == "2026-05-04T12:30:15.250Z"
    assert len({"accepted_at", "rejected_at"} & found.keys()) == 1


def test_default_policies() -> None:
    reply = {"canReply": part_of_policy("followers", "https://nord.example/users/emil", manual=["public"])}
    policies = {visibility: reply if visibility is Visibility.PUBLIC else {} for visibility in Visibility}
    author = EVERYBODY | {"automatic_approval": ["author"], "always": ["author"]}
    # Without a word about quotes nobody may.
    everybody = {"can_favourite": EVERYBODY, "can_reply": EVERYBODY, "can_reblog": EVERYBODY, "can_quote": author}
    some = {
        "automatic_approval": ["followers", "https://nord.example/users/emil"],
        "manual_approval": ["public"],
        "always": ["followers", "https://nord.example/users/emil"],
        "with_approval": ["public"],
    }
    assert as_json(default_policies_entity(policies)) == {
        "public": {**everybody, "can_reply": some},
        "unlisted": everybody,
        "private": everybody,
        "direct": everybody,
    }
