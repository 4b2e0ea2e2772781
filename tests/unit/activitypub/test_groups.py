"""Whose posts a group passes on, and what a group elsewhere has a say in."""

import pytest

from activitypub.graph.groups import has_say, passes_on
from activitypub.models import Actor, Status
from activitypub.vocabulary import Posting

GROUP = "https://lemmy.example/c/garten"


@pytest.mark.parametrize(
    ("posting", "thread", "thread_of_follower", "answer", "answer_of_follower"),
    [
        (Posting.EVERYBODY, True, True, True, True),
        (Posting.MEMBERS, False, True, False, True),
        (None, False, True, False, True),
        (Posting.APPROVAL, False, False, False, True),
        (Posting.TEAM, False, False, False, True),
    ],
)
def test_a_group_passes_on_what_its_team_has_settled(
    posting: Posting | None, *, thread: bool, thread_of_follower: bool, answer: bool, answer_of_follower: bool
) -> None:
    found = [passes_on(posting, follows=follows, is_answer=late) for late in (False, True) for follows in (False, True)]
    assert found == [thread, thread_of_follower, answer, answer_of_follower]


@pytest.mark.parametrize(
    ("kind", "uri", "audience", "says"),
    [
        ("Group", "https://nord.example/notes/1", GROUP, True),
        ("Group", "https://lemmy.example/post/1", GROUP, True),
        ("Group", "https://lemmy.example/post/1", None, False),
        ("Group", "https://lemmy.example/post/1", "https://lemmy.example/c/hof", False),
        ("Person", "https://nord.example/notes/1", GROUP, False),
    ],
)
def test_a_group_has_a_say_in_what_its_author_has_posted_in_it(
    kind: str, uri: str, audience: str | None, *, says: bool
) -> None:
    assert has_say(Actor(uri=GROUP, type=kind), Status(uri=uri, audience_uri=audience)) is says
