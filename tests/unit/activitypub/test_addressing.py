"""From `to` and `cc` to a visibility, and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.addressing import audience, visibility
from activitypub.vocabulary import PUBLIC, Visibility

FOLLOWERS = "https://a.example/users/anna/followers"
OTHERS = "https://b.example/users/bert/followers"
BERT = "https://b.example/users/bert"


@pytest.mark.parametrize(
    ("to", "cc", "expected"),
    [
        ([PUBLIC], [FOLLOWERS], Visibility.PUBLIC),
        ([PUBLIC], [], Visibility.PUBLIC),
        ([BERT, PUBLIC], [], Visibility.PUBLIC),
        ([PUBLIC], [PUBLIC], Visibility.PUBLIC),
        ([FOLLOWERS], [PUBLIC], Visibility.UNLISTED),
        ([], [PUBLIC], Visibility.UNLISTED),
        ([FOLLOWERS], [BERT], Visibility.PRIVATE),
        ([BERT], [FOLLOWERS], Visibility.PRIVATE),
        ([BERT], [], Visibility.DIRECT),
        ([OTHERS], [BERT], Visibility.DIRECT),
        ([], [], Visibility.DIRECT),
    ],
)
def test_visibility(to: list[str], cc: list[str], expected: Visibility) -> None:
    assert visibility(to, cc, FOLLOWERS) is expected


def test_without_a_followers_collection_nothing_is_private() -> None:
    assert visibility([FOLLOWERS], [], None) is Visibility.DIRECT


def test_the_local_scope_of_akkoma_is_not_public() -> None:
    assert visibility(["https://akkoma.example/#Public"], [], FOLLOWERS) is Visibility.DIRECT


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Visibility.PUBLIC, ((PUBLIC,), (FOLLOWERS, BERT))),
        (Visibility.UNLISTED, ((FOLLOWERS,), (PUBLIC, BERT))),
        (Visibility.PRIVATE, ((FOLLOWERS,), (BERT,))),
        (Visibility.DIRECT, ((BERT,), ())),
    ],
)
def test_audience(scope: Visibility, expected: tuple[tuple[str, ...], tuple[str, ...]]) -> None:
    assert audience(scope, followers_uri=FOLLOWERS, mentioned=[BERT, BERT]) == expected


@given(st.sampled_from(Visibility), st.lists(st.sampled_from([BERT, OTHERS, "https://c.example/c"]), max_size=5))
def test_reading_an_audience_gives_the_visibility_back(scope: Visibility, mentioned: list[str]) -> None:
    to, cc = audience(scope, followers_uri=FOLLOWERS, mentioned=mentioned)
    assert visibility(to, cc, FOLLOWERS) is scope
    assert set(mentioned) <= {*to, *cc}
    assert len({*to, *cc}) == len(to) + len(cc)
