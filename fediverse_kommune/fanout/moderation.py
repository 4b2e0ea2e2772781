"""What moderators hear of, and what people here hear of their decisions.

https://docs.joinmastodon.org/entities/Notification/#type
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from activitypub.events import ReportFiled, TiesSevered
from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.events import ActorWarned, SignedUp
from fediverse_kommune.fanout.telling import News, tell
from fediverse_kommune.models import NotificationType, Role, Severance, User
from fediverse_kommune.services.staff import PERMISSIONS, Permission


def on_report_filed(unit: Unit, event: ReportFiled) -> None:
    """Tell those who deal with reports."""
    report = event.report
    kind = NotificationType.ADMIN_REPORT
    tell(unit, staff(unit, Permission.MANAGE_REPORTS), News(kind, report.actor_id, report_id=report.id))


def on_actor_warned(unit: Unit, event: ActorWarned) -> None:
    """Tell the one whom it concerns."""
    warning = event.warning
    tell(unit, [warning.target_id], News(NotificationType.MODERATION_WARNING, warning_id=warning.id))


def on_ties_severed(unit: Unit, event: TiesSevered) -> None:
    """Tell each of ours how many follows ended."""
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(unit.now),
            "actor_id": actor_id,
            "type": event.kind,
            "target_name": event.name,
            "followers_count": event.followers.get(actor_id, 0),
            "following_count": event.following.get(actor_id, 0),
            "created_at": unit.now,
        }
        for actor_id in sorted({*event.followers, *event.following})
    ]
    if not rows:
        return
    unit.execute(insert(Severance), rows)
    for row in rows:
        tell(unit, [row["actor_id"]], News(NotificationType.SEVERED_RELATIONSHIPS, severance_id=row["id"]))


def on_signed_up(unit: Unit, event: SignedUp) -> None:
    """Tell those who let people in."""
    tell(unit, staff(unit, Permission.MANAGE_USERS), News(NotificationType.ADMIN_SIGN_UP, event.actor_id))


def staff(session: Session, permission: Permission) -> Sequence[int]:
    """Return the actors of those whose role has a permission, and who can log in."""
    roles = [role for role in Role if permission in PERMISSIONS[role]]
    can_log_in = User.disabled_at.is_(None) & User.confirmed_at.is_not(None)
    return session.scalars(select(User.actor_id).where(User.role.in_(roles), can_log_in)).all()
