"""C09: one audience has one meaning, however it is spelt, and one activity has one actor."""

from itertools import product
from typing import Any

import pytest

from activitypub.addressing import visibility
from activitypub.parse import Unreadable, parse_activity, parse_status
from activitypub.vocabulary import Visibility

ANA = "https://nachbar.example/users/ana"
FOLLOWERS = f"{ANA}/followers"
SPELLINGS = ("https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public")
SHAPES: tuple[Any, ...] = (lambda uri: uri, lambda uri: [uri], lambda uri: [{"id": uri}, None], lambda uri: [uri, uri])


def seen_by(**audience: Any) -> Visibility:
    note = {"id": f"{ANA}/1", "type": "Note", "attributedTo": ANA, "content": "Guten Tag", **audience}
    status = parse_status(note)
    return visibility(status.to, status.cc, FOLLOWERS)


@pytest.mark.parametrize(("spelling", "shape"), product(SPELLINGS, SHAPES))
def test_the_public_is_the_public(spelling: str, shape: Any) -> None:
    assert seen_by(to=shape(spelling), cc=FOLLOWERS) is Visibility.PUBLIC
    assert seen_by(to=shape(FOLLOWERS), cc=shape(spelling)) is Visibility.UNLISTED


@pytest.mark.parametrize("near", ["as:public", "PUBLIC", "as:Public ", "https://www.w3.org/ns/activitystreams#public"])
def test_what_only_looks_like_the_public_opens_nothing(near: str) -> None:
    assert seen_by(to=near, cc=[]) is Visibility.DIRECT


@pytest.mark.parametrize("actor", [[ANA, f"{ANA}2"], [{"id": ANA}, f"{ANA}2"], [], None, {"id": None}, [[ANA]]])
def test_an_activity_of_several_or_of_nobody_is_refused(actor: Any) -> None:
    with pytest.raises(Unreadable):
        parse_activity({"id": f"{ANA}/2", "type": "Like", "actor": actor, "object": f"{ANA}/1"})
