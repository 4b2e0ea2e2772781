"""Posts by mail, for people without a login: they subscribe to an actor, confirm, and end it by a link in each mail.

Mastodon has it since 4.6; its documentation does not name it yet: https://github.com/mastodon/mastodon/pull/38163
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from activitypub.models import Actor, Status, new_id
from activitypub.sanitize import plain_text
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.inserts import insert_new_row, insert_new_rows
from fediverse_kommune.models import EmailSubscription, Mail, Preference
from fediverse_kommune.services.accounts import folded_email
from fediverse_kommune.services.mails import queue_mail
from fediverse_kommune.services.refusals import Findings, Invalid, NotFound

LASTS = timedelta(days=7)  # an unconfirmed subscription
AGAIN = timedelta(hours=1)  # after that a second mail asks for confirmation, if somebody wants one
LATER = timedelta(minutes=5)  # what is deleted or corrected at once reaches nobody
ONE_CLICK = "List-Unsubscribe=One-Click"


def find_publisher(session: Session, actor_id: int) -> Actor:
    """Return an actor of ours that can be subscribed to. Raises `NotFound` for every other."""
    actor = session.get(Actor, actor_id)
    if actor is None or not actor.is_local or actor.suspended_at is not None:
        raise NotFound
    preference = session.get(Preference, actor_id)
    if preference is None or not preference.email_subscriptions:
        raise NotFound
    return actor


def subscribe(unit: Unit, actor_id: int, email: str, locale: str) -> None:
    """Ask an address whether it wants the posts of an actor. Raises `NotFound`, and `Invalid` for what is no address.

    Nobody learns here whether somebody has subscribed: the answer is the same.
    """
    actor = find_publisher(unit, actor_id)
    address = _address(email)
    row: dict[str, Any] = {"email": address, "locale": locale, "token": secrets.token_urlsafe(32)}
    is_new = insert_new_row(
        unit, EmailSubscription, id=new_id(unit.now), actor_id=actor_id, created_at=unit.now, confirmed_at=None, **row
    )
    known = unit.scalars(
        select(EmailSubscription).where(EmailSubscription.actor_id == actor_id, EmailSubscription.email == address)
    ).one()
    if known.confirmed_at is None and (is_new or known.created_at <= unit.now - AGAIN):
        known.created_at = unit.now
        unit.flush()
        details = {"town": unit.instance.name, "name": _name(actor), "url": _link(unit, "confirm", known.token)}
        queue_mail(unit, address, "subscription", locale, details)


def publisher_of(session: Session, token: str) -> Actor:
    """Return whose posts a link of a mail is about. Raises `NotFound`."""
    return session.get_one(Actor, _of(session, token).actor_id)


def confirm(unit: Unit, token: str) -> Actor:
    """Let the posts come. Raises `NotFound`."""
    row = _of(unit, token)
    row.confirmed_at = row.confirmed_at or unit.now
    unit.flush()
    return unit.get_one(Actor, row.actor_id)


def end(unit: Unit, token: str) -> None:
    """Let no more posts come, nor those that wait to be sent. What is over already stays so."""
    row = unit.scalar(select(EmailSubscription).where(EmailSubscription.token == token))
    if row is not None:
        unit.execute(delete(Mail).where(Mail.to_address == row.email, _posts_of(row.actor_id)))
        unit.execute(delete(EmailSubscription).where(EmailSubscription.id == row.id))


def call_back(unit: Unit, actor_id: int) -> None:
    """Send none of an actor's posts that still wait."""
    unit.execute(delete(Mail).where(_posts_of(actor_id)))


def mail_post(unit: Unit, status: Status) -> None:
    """Send a post to all who subscribed to its author: an open one, of ours, that answers nobody."""
    if not status.local or status.local_only or status.in_reply_to_uri or status.visibility is not Visibility.PUBLIC:
        return
    rows = unit.scalars(
        select(EmailSubscription)
        .join(Preference, Preference.actor_id == EmailSubscription.actor_id)
        .where(
            EmailSubscription.actor_id == status.actor_id,
            EmailSubscription.confirmed_at.is_not(None),
            Preference.email_subscriptions,
        )
    ).all()
    if rows:
        said = _words(unit.get_one(Actor, status.actor_id), status)
        insert_new_rows(unit, Mail, [_mail(unit, row, status, said) for row in rows])


def correct(unit: Unit, status: Status) -> None:
    """Let the mails that still wait say what a post says now."""
    waiting = unit.scalars(select(Mail).where(Mail.status_id == status.id)).all()
    if waiting:
        said = _words(unit.get_one(Actor, status.actor_id), status)
        for mail in waiting:
            unit.execute(update(Mail).where(Mail.id == mail.id).values(details={**mail.details, **said}))


def forget_unconfirmed(unit: Unit) -> None:
    """Delete the addresses that nobody confirmed in time. Housekeeping."""
    too_old = EmailSubscription.created_at < unit.now - LASTS
    unit.execute(delete(EmailSubscription).where(EmailSubscription.confirmed_at.is_(None), too_old))


def _address(email: str) -> str:
    findings = Findings()
    if not email.strip():
        findings.add("email", "ERR_BLANK", "can't be blank")
    else:
        try:
            return folded_email(email)
        except Invalid:
            findings.add("email", "ERR_INVALID", "is invalid")
    findings.settle()
    raise AssertionError("an address that is none was found")


def _of(session: Session, token: str) -> EmailSubscription:
    row = session.scalar(select(EmailSubscription).where(EmailSubscription.token == token))
    if row is None:
        raise NotFound
    return row


def _posts_of(actor_id: int) -> ColumnElement[bool]:
    return Mail.status_id.in_(select(Status.id).where(Status.actor_id == actor_id))


def _mail(unit: Unit, row: EmailSubscription, status: Status, said: Mapping[str, str]) -> dict[str, Any]:
    end_url = _link(unit, "end", row.token)
    return {
        "id": new_id(unit.now),
        "to_address": row.email,
        "template": "post",
        "locale": row.locale,
        "details": {**said, "town": unit.instance.name, "end_url": end_url},
        # RFC 8058: the mail program ends it with one press of a button, without a page.
        "headers": {"List-Unsubscribe": f"<{end_url}>", "List-Unsubscribe-Post": ONE_CLICK},
        "status_id": status.id,
        "created_at": unit.now,
        "due_at": unit.now + LATER,
        "attempts": 0,
    }


def _words(actor: Actor, status: Status) -> Mapping[str, str]:
    """Return what a mail says of a post; of one that warns, only the warning."""
    text = status.summary or plain_text(status.content)
    return {"name": _name(actor), "text": text, "url": status.url or status.uri}


def _name(actor: Actor) -> str:
    return actor.name or actor.username


def _link(unit: Unit, deed: str, token: str) -> str:
    return f"{unit.instance.origin}/subscriptions/{deed}?token={token}"
