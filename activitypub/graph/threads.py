"""A thread as a tree of what answers what: all that is above a status, and all that is open below one of ours."""

from functools import cache

from sqlalchemy import CTE, Select, bindparam, literal, select
from sqlalchemy.orm import Session, aliased

from activitypub.access import OPEN, readable_by
from activitypub.caps import CAPS
from activitypub.models import Actor, Status
from activitypub.models.base import Id


def upwards_from(status_id: int) -> CTE:
    """Return the rows (id, in_reply_to_id) of a status and of all that is above it. A circle ends where it began."""
    start = select(Status.id, Status.in_reply_to_id).where(Status.id == status_id).cte("above", recursive=True)
    parent = aliased(Status)
    return start.union(select(parent.id, parent.in_reply_to_id).join(start, start.c.in_reply_to_id == parent.id))


def open_thread(session: Session, root: Status, viewer: Actor | None) -> list[tuple[int, str]]:
    """Return (id, URI) of a status and of all open ones below it that `viewer` may read, the oldest first.

    What belongs to a thread follows from what answers what, and not from what somebody calls their conversation.
    """
    tree = _downwards().subquery()
    found = (
        select(Status.id, Status.uri)
        .join(tree, tree.c.id == Status.id)
        .where(Status.visibility.in_(OPEN), Status.held.is_(False), readable_by(viewer))
        .order_by(Status.id)
    )
    rows = session.execute(found, {"root_id": root.id, "most": CAPS.context_statuses, "deepest": CAPS.context_depth})
    return [(row_id, uri) for row_id, uri in rows]


@cache
def _downwards() -> Select[int, int]:
    root = select(Status.id, literal(0).label("depth")).where(Status.id == bindparam("root_id", type_=Id))
    tree = root.cte("thread", recursive=True)
    child = aliased(Status)
    tree = tree.union_all(
        select(child.id, tree.c.depth + 1)
        .join(tree, child.in_reply_to_id == tree.c.id)
        .where(tree.c.depth < bindparam("deepest"))
    )
    return select(tree.c.id, tree.c.depth).order_by(tree.c.depth, tree.c.id).limit(bindparam("most"))
