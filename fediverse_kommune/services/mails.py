"""Mail on its way: written in the transaction of what it tells of, tried again until a mail server takes it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from activitypub.models import new_id
from activitypub.tasks import LEASE
from activitypub.unit import Unit
from fediverse_kommune.models import Mail
from fediverse_kommune.services.leases import Waiting

# How long to wait after each failure: two days in all, and then nobody waits for the mail any more.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1_440))
MAILS = Waiting(Mail.id, Mail.due_at)
"""The mails to be sent."""


def queue_mail(
    unit: Unit,
    to_address: str,
    template: str,
    locale: str,
    details: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send a mail once this unit is committed."""
    unit.add(
        Mail(
            id=new_id(unit.now),
            to_address=to_address,
            template=template,
            locale=locale,
            details=dict(details),
            headers=dict(headers or {}),
            created_at=unit.now,
            due_at=unit.now,
            attempts=0,
        )
    )
    unit.flush()


def claim(unit: Unit, room: int) -> Sequence[Mail]:
    """Take due mails in hand: until the lease runs out nobody else does."""
    due = select(Mail).where(Mail.due_at <= unit.now).order_by(Mail.due_at).limit(room)
    mails = unit.scalars(due.with_for_update(skip_locked=True)).all()
    for mail in mails:
        mail.due_at = unit.now + LEASE
        mail.attempts += 1
    unit.flush()
    return mails


def sent(unit: Unit, mail_id: int) -> None:
    """Forget a mail that was taken, or that nobody will ever take."""
    unit.execute(delete(Mail).where(Mail.id == mail_id))


def postpone(unit: Unit, mail_id: int, attempts: int, reason: str) -> bool:
    """Try a mail again later; False if it has been tried often enough, and is forgotten."""
    if attempts > len(PAUSES):
        sent(unit, mail_id)
        return False
    due_at = unit.now + PAUSES[attempts - 1]
    unit.execute(update(Mail).where(Mail.id == mail_id).values(due_at=due_at, last_error=reason[:500]))
    return True
