"""The log of what staff did: a line for each deed, which nobody can change or remove, each sealing the one before.

The database refuses to change or delete a line (migration 0002). Whoever gets around that with the database's own
means breaks the chain of hashes: `fediverse-kommune log check` finds the first line that does not fit. Lines cut off
at the end leave no trace in what remains; for that the number of the last one has to be known elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.models import Actor, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import AuditEntry

_LOCK = 0x6B6F6D6D756E65  # any number that nobody else takes: "kommune"
AT_ONCE = 1_000  # lines that are checked at a time


def write_line(
    unit: Unit, *, user_id: int | None, actor_id: int | None, action: str, target: str, details: Mapping[str, Any]
) -> None:
    """Write a line, sealed with the one before. Who acted is also kept by name: people leave, the log stays."""
    last = _last_line(unit)
    actor = unit.get(Actor, actor_id) if actor_id is not None else None
    entry = AuditEntry(
        id=new_id(unit.now),
        number=last.number + 1 if last else 1,
        user_id=user_id,
        officer=actor.handle if actor else "",
        action=action,
        target=target,
        details=dict(details),
        created_at=unit.now,
    )
    entry.seal = _seal(entry, last.seal if last else "")
    unit.add(entry)
    unit.flush()


def lines(session: Session, *, after: int = 0, limit: int = AT_ONCE) -> Sequence[AuditEntry]:
    """Return lines in the order in which they were written, from the one after this number on."""
    return session.scalars(
        select(AuditEntry).where(AuditEntry.number > after).order_by(AuditEntry.number).limit(limit)
    ).all()


def first_broken(session: Session) -> int | None:
    """Return the number of the first line that is missing or says something else than was written; None if none is."""
    number, seal = 0, ""
    while batch := lines(session, after=number):
        for entry in batch:
            if entry.seal != _seal(entry, seal):
                return number + 1
            number, seal = entry.number, entry.seal
    return None


def _last_line(unit: Unit) -> AuditEntry | None:
    """Return the last line, and let nobody else write one until this unit is committed."""
    if unit.get_bind().dialect.name == "postgresql":
        unit.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    return unit.scalar(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1))


def _seal(entry: AuditEntry, former: str) -> str:
    content = [entry.number, entry.officer, entry.action, entry.target, entry.details, entry.created_at.isoformat()]
    written = json.dumps([former, *content], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
