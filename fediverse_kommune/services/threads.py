"""What stands above and below a post: two recursive queries, however deep the conversation is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from msgspec import Struct
from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from activitypub.models import Status
from activitypub.models.base import Id

FIRST: BindParameter[Any] = bindparam("first_id", type_=Id)


class Bounds(Struct, frozen=True):
    """How much of a conversation is shown; Mastodon's figures for visitors."""

    ancestors: int
    descendants: int
    depth: int


VISITOR = Bounds(ancestors=40, descendants=60, depth=20)
SIGNED_IN = Bounds(ancestors=500, descendants=2_000, depth=500)


class Thread(Struct, frozen=True):
    """Ids of statuses: `ancestors` from the first on, `descendants` each followed by what answers it.

    Whether somebody may read them is asked when they are loaded.
    """

    ancestors: list[int]
    descendants: list[int]


def load_thread(session: Session, status: Status, *, signed_in: bool) -> Thread:
    """Return the conversation around a status."""
    bounds = SIGNED_IN if signed_in else VISITOR
    return Thread(_above(session, status, bounds), _below(session, status, bounds))


def _above(session: Session, status: Status, bounds: Bounds) -> list[int]:
    if status.in_reply_to_id is None:
        return []
    return list(session.scalars(_chain_above(bounds), {"first_id": status.in_reply_to_id}))


def _below(session: Session, status: Status, bounds: Bounds) -> list[int]:
    found = session.execute(_tree_below(bounds), {"first_id": status.id})
    return list(_depth_first(status.id, ((row_id, parent_id) for row_id, parent_id in found)))


@cache
def _chain_above(bounds: Bounds) -> Select[int]:
    """Select the status `first_id` and what it answers, and what that answers, from the first of them on."""
    chain = _first(Status.id == FIRST).cte("above", recursive=True)
    parent = aliased(Status)
    chain = chain.union_all(
        select(parent.id, parent.in_reply_to_id, chain.c.depth + 1)
        .join(chain, parent.id == chain.c.in_reply_to_id)
        .where(chain.c.depth < bounds.ancestors)
    )
    return select(chain.c.id).order_by(chain.c.depth.desc())


@cache
def _tree_below(bounds: Bounds) -> Select[*tuple[Any, ...]]:
    """Select what answers the status `first_id`, and what answers that, with what each answers."""
    tree = _first(Status.in_reply_to_id == FIRST).cte("below", recursive=True)
    child = aliased(Status)
    tree = tree.union_all(
        select(child.id, child.in_reply_to_id, tree.c.depth + 1)
        .join(tree, child.in_reply_to_id == tree.c.id)
        .where(tree.c.depth < bounds.depth)
    )
    return select(tree.c.id, tree.c.in_reply_to_id).order_by(tree.c.depth, tree.c.id).limit(bounds.descendants)


def _first(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return select(Status.id, Status.in_reply_to_id, literal(1).label("depth")).where(condition)


def _depth_first(root: int, found: Iterable[tuple[int, int]]) -> Iterable[int]:
    """Order answers as people read them: each answer, then all that answers it, then the next one."""
    answers: Mapping[int, list[int]] = defaultdict(list)
    for row_id, parent_id in found:
        answers[parent_id].append(row_id)
    waiting = list(reversed(answers[root]))
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(answers[current]))
