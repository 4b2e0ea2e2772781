"""What the document of an event says in Mobilizon's words."""

from typing import Any

import pytest

from activitypub.access import Group, Interaction, part_of_policy
from activitypub.documents import note_document
from tests.specimens import INSTANCE, event_status


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ({}, "allow_all"),
        (part_of_policy(Group.PUBLIC), "allow_all"),
        (part_of_policy(Group.AUTHOR), "closed"),
        (part_of_policy(Group.AUTHOR, Group.MENTIONED), "closed"),
        (part_of_policy(Group.FOLLOWERS), "moderated"),
        (part_of_policy(Group.AUTHOR, manual=[Group.PUBLIC]), "moderated"),
    ],
)
def test_who_may_comment_is_said_as_it_is_held(part: dict[str, Any], word: str) -> None:
    status = event_status()
    status.interaction_policy = {Interaction.REPLY: part} if part else {}
    assert note_document(status, INSTANCE)["repliesModerationOption"] == word
