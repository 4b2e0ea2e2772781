"""How many reactions of each kind a status has: counted from their rows, and kept beside the status."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update

from activitypub.models import EmojiReaction, Status
from activitypub.unit import Unit

QUIET = {"synchronize_session": False}
_AT_ONCE = 500  # statuses that are counted in one statement


def count_reactions(unit: Unit, status_ids: Collection[int]) -> None:
    """Write down how many there are of each emoji below these statuses, by counting them."""
    ordered = sorted(status_ids)
    for begin in range(0, len(ordered), _AT_ONCE):
        some = ordered[begin : begin + _AT_ONCE]
        counted: dict[int, list[dict[str, Any]]] = {status_id: [] for status_id in some}
        for status_id, name, url, static_url, count in unit.execute(
            select(
                EmojiReaction.status_id,
                EmojiReaction.name,
                func.min(EmojiReaction.url),
                func.min(EmojiReaction.static_url),
                func.count(),
            )
            .where(EmojiReaction.status_id.in_(some))
            .group_by(EmojiReaction.status_id, EmojiReaction.name)
            .order_by(func.min(EmojiReaction.id))
        ):
            picture = {"url": url, "static_url": static_url} if url else {}
            counted[status_id].append({"name": name, "count": count, **picture})
        for status_id, reactions in counted.items():
            changed = update(Status).where(Status.id == status_id).values(reactions=reactions)
            unit.execute(changed.execution_options(**QUIET))


def forget_reactions(unit: Unit, reactions: ColumnElement[bool]) -> None:
    """Remove the reactions that this condition on `EmojiReaction` holds for, and count anew what is left."""
    status_ids = set(unit.scalars(select(EmojiReaction.status_id).where(reactions).distinct()))
    if status_ids:
        unit.execute(delete(EmojiReaction).where(reactions).execution_options(**QUIET))
        count_reactions(unit, status_ids)
