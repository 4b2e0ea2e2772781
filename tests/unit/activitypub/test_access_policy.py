"""Interaction policies as a pure function: policy × actor → what becomes of it. FEP-044f and GoToSocial."""

import itertools

import pytest

from activitypub.access import Approval, Bond, Group, Interaction, approval, part_of_policy

ME = "https://nord.example/users/emil"
OTHER = "https://nord.example/users/else"
COLLECTION = "https://nord.example/users/anna/circle"

AUTHOR = Bond(ME, is_author=True)
STRANGER = Bond(ME)
FOLLOWER = Bond(ME, follows=True)
FOLLOWED = Bond(ME, followed=True)
MUTUAL = Bond(ME, follows=True, followed=True)
MENTIONED = Bond(ME, mentioned=True)
EVERYBODY = (AUTHOR, STRANGER, FOLLOWER, FOLLOWED, MUTUAL, MENTIONED)

A, M, D, U = Approval.AUTOMATIC, Approval.MANUAL, Approval.DENIED, Approval.UNKNOWN

# automatic, manual → author, stranger, follower, followed, mutual, mentioned
TABLE: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[Approval, ...]], ...] = (
    (("public",), (), (A, A, A, A, A, A)),
    (("followers",), (), (A, D, A, D, A, D)),
    (("following",), (), (A, D, D, A, A, D)),
    (("mutuals",), (), (A, D, D, D, A, D)),
    (("mentioned",), (), (A, D, D, D, D, A)),
    (("author",), (), (A, D, D, D, D, D)),
    ((ME,), (), (A, A, A, A, A, A)),
    ((OTHER,), (), (A, U, U, U, U, U)),
    ((COLLECTION, "followers"), (), (A, U, A, U, A, U)),
    ((), ("public",), (A, M, M, M, M, M)),
    (("author",), ("followers",), (A, D, M, D, M, D)),
    (("followers",), ("public",), (A, M, A, M, A, M)),
    # the more particular entry wins …
    (("public",), (ME,), (A, M, M, M, M, M)),
    (("public",), ("followers",), (A, A, M, A, M, A)),
    ((ME,), ("public", "followers"), (A, A, A, A, A, A)),
    # … and of two alike the permission
    (("followers",), ("following",), (A, D, A, M, A, D)),
    (("public",), ("public",), (A, A, A, A, A, A)),
)


@pytest.mark.parametrize(("automatic", "manual", "expected"), TABLE)
def test_who_may_quote(automatic: tuple[str, ...], manual: tuple[str, ...], expected: tuple[Approval, ...]) -> None:
    policy = {"canQuote": part_of_policy(*automatic, manual=manual)}
    assert tuple(approval(policy, Interaction.QUOTE, bond) for bond in EVERYBODY) == expected


@pytest.mark.parametrize("policy", [{}, {"canReply": part_of_policy("public")}, {"canQuote": part_of_policy()}])
def test_where_nothing_is_said_nobody_may_quote(policy: dict[str, dict[str, list[str]]]) -> None:
    found = [approval(policy, Interaction.QUOTE, bond) for bond in EVERYBODY]
    assert found == [A, D, D, D, D, D]


@pytest.mark.parametrize("interaction", [Interaction.LIKE, Interaction.REPLY, Interaction.ANNOUNCE])
def test_where_nothing_is_said_everybody_may_do_the_rest(interaction: Interaction) -> None:
    assert {approval({}, interaction, bond) for bond in EVERYBODY} == {A}


def test_who_is_mentioned_may_always_answer_and_no_more_than_that() -> None:
    policy = {name.value: part_of_policy(Group.AUTHOR) for name in Interaction}
    found = {name: approval(policy, name, MENTIONED) for name in Interaction}
    assert found == {**dict.fromkeys(Interaction, D), Interaction.REPLY: A}


def test_each_part_is_its_own() -> None:
    for allowed, asked in itertools.product(Interaction, Interaction):
        policy = {name.value: part_of_policy(Group.PUBLIC if name is allowed else Group.AUTHOR) for name in Interaction}
        assert approval(policy, asked, STRANGER) is (A if asked is allowed else D)
