"""What moderators do about accounts: warn, mark, silence, disable, suspend, and take it back.

All of it is a `Deed` (`services/staff.py`): who may, against whom, and the log are dealt with there.

https://docs.joinmastodon.org/methods/admin/accounts/ and https://docs.joinmastodon.org/admin/moderation/
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct
from sqlalchemy import delete as remove
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.events import ActorUpdated
from activitypub.graph import moderation as graph
from activitypub.models import Actor, Media, Report, new_id
from activitypub.unit import Unit
from fediverse_kommune.events import ActorWarned
from fediverse_kommune.models import AccountWarning, User, WarningAction
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from fediverse_kommune.services.staff import NOT_ALLOWED, Deed, Done, Officer, Permission, deed, require_lower
from fediverse_kommune.services.tokens import end_sessions, revoke_all, revoke_for_actor
from fediverse_kommune.streaming.signals import AccessChanged
from outbox import send
from outbox.publish import cancel_all_of

TEXT_LENGTH = 10_000
KEPT = timedelta(days=30)  # how long what a suspended actor had can be brought back


class Sanction(Struct, frozen=True):
    """What moderators say when they act against an account, and the report that led to it."""

    text: str = ""
    report_id: int | None = None
    tells: bool = True


Effect = Callable[[Unit, Actor], None]


def find_account(session: Session, account_id: int) -> Actor:
    """Return any account, however it stands. Raises `NotFound` for nobody and for the server's own."""
    actor = session.get(Actor, account_id)
    if actor is None or (actor.is_local and actor.type == "Application"):
        raise NotFound
    return actor


def find_person(session: Session, actor: Actor) -> User | None:
    """Return who logs in as this actor itself; None for teams and for actors elsewhere."""
    return session.scalar(select(User).where(User.actor_id == actor.id))


# ------------------------------------------------------------------------------------------------ against


def _warn(_unit: Unit, _target: Actor) -> None:
    """Say something, and change nothing."""


def _mark_sensitive(unit: Unit, target: Actor) -> None:
    target.sensitized_at = target.sensitized_at or unit.now


def _silence(unit: Unit, target: Actor) -> None:
    target.silenced_at = target.silenced_at or unit.now


def _disable(unit: Unit, target: Actor) -> None:
    """Let a person log in no longer. Their apps find the door shut, too, as long as it lasts."""
    person = _person(unit, target)
    person.disabled_at = person.disabled_at or unit.now
    end_sessions(unit, person.id)
    unit.publish(AccessChanged())


def _suspend(unit: Unit, target: Actor) -> None:
    if target.is_local and target.suspended_at is not None:
        return
    if not target.is_local:
        for follow in graph.end_follows_of_ours(unit, target):
            send.send_reject(unit, follow)
    graph.suspend(unit, target)
    if target.is_local:
        _log_out(unit, target)
        # What it said a moment ago is not sent any more; then its followers' servers hear that it is suspended.
        cancel_all_of(unit, target)
        send.send_actor_update(unit, target)


def _log_out(unit: Unit, target: Actor) -> None:
    """Take back every token by which anybody acts as this actor, and all that its own person has."""
    revoke_for_actor(unit, target.id)
    person = find_person(unit, target)
    if person is not None:
        revoke_all(unit, person.id)
        end_sessions(unit, person.id)


def _act(
    unit: Unit, officer: Officer, target_id: int, sanction: Sanction, *, action: WarningAction, effect: Effect
) -> Done[AccountWarning]:
    """Act against an account: the effect, the warning, and the end of the reports about it."""
    target = find_account(unit, target_id)
    require_lower(unit, officer, target)
    report = _report(unit, target, sanction.report_id)
    effect(unit, target)
    unit.flush()
    warning = AccountWarning(
        id=new_id(unit.now),
        target_id=target.id,
        action=action,
        text=_text(sanction.text),
        status_ids=list(report.status_ids) if report else [],
        report_id=report.id if report else None,
        created_at=unit.now,
    )
    unit.add(warning)
    unit.flush()
    _resolve(unit, officer, target, report, all_of_them=action is not WarningAction.NONE)
    if target.is_local and sanction.tells:
        unit.publish(ActorWarned(warning))
    return Done(target.handle, warning, {"text": warning.text, "report": report and str(report.id)})


def _deed_of(action: WarningAction, effect: Effect) -> Deed[[int, Sanction], AccountWarning]:
    needed = Permission.MANAGE_USERS | Permission.MANAGE_REPORTS
    return deed(f"account.{action}", needed)(partial(_act, action=action, effect=effect))


ACTIONS: Mapping[str, Deed[[int, Sanction], AccountWarning]] = {
    action: _deed_of(action, effect)
    for action, effect in (
        (WarningAction.NONE, _warn),
        (WarningAction.SENSITIVE, _mark_sensitive),
        (WarningAction.DISABLE, _disable),
        (WarningAction.SILENCE, _silence),
        (WarningAction.SUSPEND, _suspend),
    )
}
"""What can be done against an account, by the `type` of the method."""


# -------------------------------------------------------------------------------------------- and back again


@deed("account.approve", Permission.MANAGE_USERS)
def approve(unit: Unit, officer: Officer, target_id: int) -> Done[None]:
    """Let somebody in who waits for it. Raises `Forbidden` if nobody does."""
    target, person = _waiting(unit, officer, target_id)
    person.approved_at = unit.now
    return Done(target.handle, None)


@deed("account.reject", Permission.MANAGE_USERS)
def reject(unit: Unit, officer: Officer, target_id: int) -> Done[None]:
    """Turn somebody away who waits to be let in, and forget them. Raises `Forbidden` if nobody does."""
    target, person = _waiting(unit, officer, target_id)
    handle = target.handle
    unit.delete(person)
    unit.flush()
    # Nobody has ever seen this actor, so no name has to be kept.
    unit.execute(remove(Actor).where(Actor.id == target.id).execution_options(synchronize_session=False))
    unit.expunge(target)
    return Done(handle, None)


@deed("account.enable", Permission.MANAGE_USERS)
def enable(unit: Unit, officer: Officer, target_id: int) -> Done[None]:
    """Let a person log in again."""
    target = _target(unit, officer, target_id)
    _person(unit, target).disabled_at = None
    return Done(target.handle, None)


@deed("account.unsilence", Permission.MANAGE_USERS)
def unsilence(unit: Unit, officer: Officer, target_id: int) -> Done[None]:
    """Show an account in public again."""
    target = _target(unit, officer, target_id)
    target.silenced_at = None
    return Done(target.handle, None)


@deed("account.unsensitive", Permission.MANAGE_USERS)
def unmark_sensitive(unit: Unit, officer: Officer, target_id: int) -> Done[None]:
    """Let an account decide again which of its media are sensitive."""
    target = _target(unit, officer, target_id)
    target.sensitized_at = None
    return Done(target.handle, None)


@deed("account.unsuspend", Permission.MANAGE_USERS)
def unsuspend(unit: Unit, officer: Officer, target_id: int) -> Done[None]:
    """Show a suspended account again. Raises `Forbidden` if it is not, or if nothing is left of it."""
    target = _target(unit, officer, target_id)
    if target.suspended_at is None or (target.is_local and target.purged_at is not None):
        raise Forbidden(NOT_ALLOWED)
    graph.restore(unit, target)
    if target.is_local:
        unit.publish(ActorUpdated(target))
        send.send_actor_update(unit, target)
    return Done(target.handle, None)


@deed("account.delete", Permission.DELETE_USER_DATA)
def delete(unit: Unit, officer: Officer, target_id: int) -> Done[Sequence[str]]:
    """Remove all that a suspended account has for good; return the keys of its files, to be removed afterwards."""
    target = _target(unit, officer, target_id)
    if target.suspended_at is None or target.purged_at is not None:
        raise Forbidden(NOT_ALLOWED)
    return Done(target.handle, _purge(unit, target))


@deed("account.expire", Permission.DELETE_USER_DATA)
def purge_expired(unit: Unit, _officer: Officer, target_id: int) -> Done[Sequence[str]]:
    """Do the same when the time to bring a suspended account back is over. Raises `Forbidden` before."""
    target = find_account(unit, target_id)
    if target.suspended_at is None or target.purged_at is not None or target.suspended_at > unit.now - KEPT:
        raise Forbidden(NOT_ALLOWED)
    return Done(target.handle, _purge(unit, target), {"suspended_at": str(target.suspended_at)})


def expired(session: Session, now: datetime, limit: int) -> list[int]:
    """Return suspended accounts whose time is over, the longest first."""
    over = select(Actor.id).where(Actor.suspended_at <= now - KEPT, Actor.purged_at.is_(None))
    return list(session.scalars(over.order_by(Actor.suspended_at).limit(limit)))


def _purge(unit: Unit, target: Actor) -> list[str]:
    stored = select(Media.storage_key, Media.thumbnail_key).where(Media.actor_id == target.id)
    keys = [key for row in unit.execute(stored) for key in row if key]
    keys += [key for key in (target.avatar_key, target.header_key) if key]
    if target.is_local:
        send.send_actor_delete(unit, target)
        person = find_person(unit, target)
        if person is not None:
            unit.delete(person)
            unit.flush()
    graph.purge(unit, target)
    return keys


# ----------------------------------------------------------------------------------------------------- steps


def _target(unit: Unit, officer: Officer, target_id: int) -> Actor:
    target = find_account(unit, target_id)
    require_lower(unit, officer, target)
    return target


def _person(unit: Unit, target: Actor) -> User:
    person = find_person(unit, target)
    if person is None:
        raise Forbidden(NOT_ALLOWED)
    return person


def _waiting(unit: Unit, officer: Officer, target_id: int) -> tuple[Actor, User]:
    target = _target(unit, officer, target_id)
    person = _person(unit, target)
    if person.approved_at is not None:
        raise Forbidden(NOT_ALLOWED)
    return target, person


def _report(unit: Unit, target: Actor, report_id: int | None) -> Report | None:
    """Return the report that is named, if it is about this account. Raises `NotFound`."""
    if report_id is None:
        return None
    report = unit.get(Report, report_id)
    if report is None or report.target_id != target.id:
        raise NotFound
    return report


def _resolve(unit: Unit, officer: Officer, target: Actor, report: Report | None, *, all_of_them: bool) -> None:
    """Close the reports that led to this: the one that is named, or every open one about the account."""
    named = Report.id == (report.id if report else None)
    concerned = Report.target_id == target.id if all_of_them else named
    unit.execute(
        update(Report)
        .where(concerned, Report.resolved_at.is_(None))
        .values(resolved_at=unit.now, resolved_by_id=officer.actor_id, updated_at=unit.now)
        .execution_options(synchronize_session=False)
    )


def _text(text: str) -> str:
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"The text has more than {TEXT_LENGTH} characters.")
    return text.strip()
