"""What stands above and below a post: two recursive queries, however deep the conversation is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import literal, select
from sqlalchemy.orm import Session, aliased

from activitypub.models import Status


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a conversation is shown; Mastodon's figures for visitors."""

    ancestors: int
    descendants: int
    depth: int


VISITOR = Bounds(ancestors=40, descendants=60, depth=20)
SIGNED_IN = Bounds(ancestors=500, descendants=2_000, depth=500)


@dataclass(frozen=True, slots=True)
class Thread:
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
    start = select(Status.id, Status.in_reply_to_id, literal(1).label("depth")).where(
        Status.id == status.in_reply_to_id
    )
    chain = start.cte("above", recursive=True)
    parent = aliased(Status)
    chain = chain.union_all(
        select(parent.id, parent.in_reply_to_id, chain.c.depth + 1)
        .join(chain, parent.id == chain.c.in_reply_to_id)
        .where(chain.c.depth < bounds.ancestors)
    )
    return list(session.scalars(select(chain.c.id).order_by(chain.c.depth.desc())))


def _below(session: Session, status: Status, bounds: Bounds) -> list[int]:
    start = select(Status.id, Status.in_reply_to_id, literal(1).label("depth")).where(
        Status.in_reply_to_id == status.id
    )
    tree = start.cte("below", recursive=True)
    child = aliased(Status)
    tree = tree.union_all(
        select(child.id, child.in_reply_to_id, tree.c.depth + 1)
        .join(tree, child.in_reply_to_id == tree.c.id)
        .where(tree.c.depth < bounds.depth)
    )
    found = session.execute(
        select(tree.c.id, tree.c.in_reply_to_id).order_by(tree.c.depth, tree.c.id).limit(bounds.descendants)
    )
    return list(_depth_first(status.id, ((row_id, parent_id) for row_id, parent_id in found)))


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
