"""Quote, ShallowQuote and QuoteApproval, whole. https://docs.joinmastodon.org/entities/Quote/"""

from typing import Any

import pytest

from activitypub.models import Quote, QuoteState, Status, attach
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities.status import ViewerState, status_entity
from tests.unit.api.rows import INSTANCE, NOON, remote_actor, status
from tests.unit.api.test_entities import HALLO, as_json


def quoting(state: QuoteState, quoted_id: int | None = 22, **changes: Any) -> Status:
    """Return a status that quotes another one."""
    uri = "https://nord.example/notes/22"
    row = Quote(id=41, status_id=21, quoted_uri=uri, quoted_id=quoted_id, state=state, created_at=NOON)
    return attach(status(**changes), quote=row)


@pytest.mark.parametrize("state", [state for state in QuoteState if state is not QuoteState.ACCEPTED])
def test_a_quote_that_does_not_hold_shows_nothing(state: QuoteState) -> None:
    quoted = {22: status(id=22)}
    found = as_json(status_entity(quoting(state), INSTANCE, ViewerState(quoted=quoted)))
    assert found == HALLO | {"quote": {"state": state.value, "quoted_status": None}}


def test_a_quote_that_holds_shows_the_status() -> None:
    found = as_json(status_entity(quoting(QuoteState.ACCEPTED), INSTANCE, ViewerState(quoted={22: status(id=22)})))
    assert found == HALLO | {"quote": {"state": "accepted", "quoted_status": HALLO | {"id": "22"}}}


def test_a_quote_of_what_may_not_be_read_or_is_gone() -> None:
    hidden, gone = quoting(QuoteState.ACCEPTED), quoting(QuoteState.ACCEPTED, quoted_id=None)
    assert status_entity(hidden, INSTANCE, ViewerState())["quote"] == {"state": "unauthorized", "quoted_status": None}
    assert status_entity(gone, INSTANCE, ViewerState())["quote"] == {"state": "deleted", "quoted_status": None}


@pytest.mark.parametrize("readable", [True, False])
def test_a_quote_in_a_quote_is_only_named(readable: bool) -> None:
    inner = quoting(QuoteState.ACCEPTED, quoted_id=23, id=22)
    facts = {"readable": frozenset({23})} if readable else {}
    found = status_entity(quoting(QuoteState.ACCEPTED), INSTANCE, ViewerState(quoted={22: inner}, facts=facts))
    expected = ("accepted", "23") if readable else ("unauthorized", None)
    assert as_json(found["quote"]["quoted_status"]["quote"]) == dict(
        zip(("state", "quoted_status_id"), expected, strict=True)
    )


@pytest.mark.parametrize("why", ["blocked_account", "blocked_domain", "muted_account"])
def test_a_viewer_who_wants_nothing_of_the_author_is_asked_first(why: str) -> None:
    state = ViewerState(12, quoted={22: status(id=22)}, facts={why: frozenset({22})})
    found = as_json(status_entity(quoting(QuoteState.ACCEPTED), INSTANCE, state)["quote"])
    assert (found["state"], found["quoted_status"]["id"]) == (why, "22")


FOLLOWS = ViewerState(12, facts={"follows": frozenset({21})})


@pytest.mark.parametrize(
    ("automatic", "manual", "state", "expected"),
    [
        (["public"], [], ViewerState(12), {"automatic": ["public"], "manual": [], "current_user": "automatic"}),
        (["public"], [], ViewerState(), {"automatic": ["public"], "manual": [], "current_user": "denied"}),
        (["author"], [], ViewerState(12), {"automatic": [], "manual": [], "current_user": "denied"}),
        (["author"], [], ViewerState(11), {"automatic": [], "manual": [], "current_user": "automatic"}),
        (["followers"], [], FOLLOWS, {"automatic": ["followers"], "manual": [], "current_user": "automatic"}),
        (
            ["author", "followers"],
            ["public", "following"],
            ViewerState(12),
            {"automatic": ["followers"], "manual": ["public", "following"], "current_user": "manual"},
        ),
        (
            ["https://nord.example/circle", "https://nord.example/other"],
            [],
            ViewerState(12),
            {"automatic": ["unsupported_policy"], "manual": [], "current_user": "unknown"},
        ),
        (
            [remote_actor().uri],
            [],
            ViewerState(12, remote_actor().uri),
            {"automatic": ["unsupported_policy"], "manual": [], "current_user": "automatic"},
        ),
    ],
)
def test_who_may_quote_as_a_whole(
    automatic: list[str], manual: list[str], state: ViewerState, expected: dict[str, Any]
) -> None:
    row = status(interaction_policy={"canQuote": {"automatic": automatic, "manual": manual}})
    assert as_json(status_entity(row, INSTANCE, state)["quote_approval"]) == expected


@pytest.mark.parametrize(
    ("visibility", "author", "others"),
    [
        (Visibility.UNLISTED, "automatic", "automatic"),
        (Visibility.PRIVATE, "automatic", "denied"),
        (Visibility.DIRECT, "denied", "denied"),
    ],
)
def test_what_is_not_for_everybody_is_for_its_author_to_quote(visibility: Visibility, author: str, others: str) -> None:
    row = status(visibility=visibility, interaction_policy={"canQuote": {"automatic": ["public"], "manual": []}})
    found = [status_entity(row, INSTANCE, ViewerState(viewer))["quote_approval"]["current_user"] for viewer in (11, 12)]
    assert found == [author, others]
