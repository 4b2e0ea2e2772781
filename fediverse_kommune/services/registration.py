"""How somebody gets an account by themselves: they register, confirm their address, and perhaps wait for moderators.

Nobody learns from it whether an address is known here (row J13): a known one gets another mail, and the answer, the
account that waits and its end are the same.

https://docs.joinmastodon.org/methods/accounts/#create
"""

import re
from collections.abc import Collection
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from activitypub.graph.actors import find_by_handle
from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.config import InstanceConfig
from fediverse_kommune.events import SignedUp
from fediverse_kommune.models import User
from fediverse_kommune.services.accounts import USERNAME_LENGTH, NewUser, create_user, folded_email
from fediverse_kommune.services.admission import Verdict, judge_email, judge_network
from fediverse_kommune.services.mails import queue_mail
from fediverse_kommune.services.passwords import MAX_LENGTH, MIN_LENGTH
from fediverse_kommune.services.refusals import Findings, Forbidden, Invalid, NotFound
from fediverse_kommune.services.tokens import digest

LASTS = timedelta(days=7)  # how long an account waits for its address to be confirmed
REASON_LENGTH = 500
UNKNOWN_ADDRESS = "unconfirmed.invalid"  # RFC 2606: nobody's domain

# Names that sound like the town speaking (row L02). An administrator can still give them to an office.
RESERVED = frozenset(
    (
        *("abuse", "admin", "administrator", "amt", "behoerde", "buergermeister", "buergermeisterin", "bürgeramt"),
        *(
            "gemeinde",
            "hilfe",
            "help",
            "hostmaster",
            "info",
            "kommune",
            "landkreis",
            "moderation",
            "moderator",
            "noreply",
        ),
        *(
            "polizei",
            "feuerwehr",
            "postmaster",
            "presse",
            "rathaus",
            "relay",
            "root",
            "security",
            "sicherheit",
            "stadt",
        ),
        *("stadtverwaltung", "support", "system", "verwaltung", "webmaster"),
    )
)
_USERNAME = re.compile(r"[a-zA-Z0-9_]+")


class Registration(Struct, frozen=True):
    """What somebody filled in to get an account."""

    username: str
    email: str
    password: str
    agreement: bool
    locale: str
    reason: str = ""
    date_of_birth: str = ""


class Admission(Struct, frozen=True):
    """What goes with a registration besides the form: the hash of its password, its token, where it came from."""

    password_hash: str
    token: str
    address: str | None


def check_form(form: Registration, rules: InstanceConfig, today: date) -> None:
    """Return if what was filled in can be used, as far as one can tell without looking. Raises `Invalid`."""
    findings = Findings()
    _check_username(findings, form.username)
    _check_email(findings, form.email)
    if not form.password:
        findings.add("password", "ERR_BLANK", "can't be blank")
    elif len(form.password) < MIN_LENGTH:
        findings.add("password", "ERR_TOO_SHORT", f"is too short (minimum is {MIN_LENGTH} characters)")
    elif len(form.password) > MAX_LENGTH:
        findings.add("password", "ERR_TOO_LONG", f"is too long (maximum is {MAX_LENGTH} characters)")
    if not form.agreement:
        findings.add("agreement", "ERR_ACCEPTED", "must be accepted")
    if rules.approval_required and not form.reason.strip():
        findings.add("reason", "ERR_BLANK", "can't be blank")
    if len(form.reason) > REASON_LENGTH:
        findings.add("reason", "ERR_TOO_LONG", f"is too long (maximum is {REASON_LENGTH} characters)")
    if rules.min_age is not None:
        _check_age(findings, form.date_of_birth, rules.min_age, today)
    findings.settle()


def register(unit: Unit, form: Registration, rules: InstanceConfig, admission: Admission) -> User:
    """Create an account that waits for its address to be confirmed, and send the mail for it.

    Raises `Invalid` for what others have taken or moderators have blocked, `Forbidden` for a blocked network.
    """
    email = folded_email(form.email)
    needs_approval = any(
        (rules.approval_required, _network_needs_approval(unit, admission.address), _check_domain(unit, email))
    )
    if find_by_handle(unit, form.username, None):
        findings = Findings()
        findings.add("username", "ERR_TAKEN", "has already been taken")
        findings.settle()
    known = _is_known(unit, email)
    _displace_unconfirmed(unit, email)
    user = create_user(
        unit,
        NewUser(
            username=form.username,
            # A known address stays with whom it belongs to; nobody can tell the two kinds of waiting accounts apart.
            email=f"{digest(admission.token)[:32]}@{UNKNOWN_ADDRESS}" if known else email,
            password_hash=admission.password_hash,
            locale=form.locale,
            approved=not needs_approval,
            reason=form.reason.strip(),
        ),
    )
    user.sign_up_ip = admission.address
    if known:
        _tell_known(unit, email, form.locale)
    else:
        _ask_to_confirm(unit, user, admission.token)
    return user


def send_again(unit: Unit, user_id: int, token: str, email: str | None) -> None:
    """Send the mail that confirms an address again, to another one if it is given. Raises `Invalid`, `Forbidden`."""
    user = unit.get_one(User, user_id)
    if user.confirmed_at is not None:
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation")
    wanted = folded_email(email) if email else user.email
    if wanted != user.email:
        _check_domain(unit, wanted)
        if _is_known(unit, wanted):
            _tell_known(unit, wanted, user.locale)
            return
        _displace_unconfirmed(unit, wanted)
        user.email = wanted
    if not user.email.endswith(f"@{UNKNOWN_ADDRESS}"):
        _ask_to_confirm(unit, user, token)


def is_waiting(session: Session, token: str, now: datetime) -> bool:
    """True if the link with this token still confirms an address."""
    return session.scalar(_waiting(token, now)) is not None


def confirm(unit: Unit, token: str) -> User:
    """Confirm the address that a link was sent to; it works once. Raises `NotFound`."""
    user = unit.scalar(_waiting(token, unit.now))
    if user is None:
        raise NotFound
    user.confirmed_at = unit.now
    user.confirmation_hash = None
    unit.flush()
    unit.publish(SignedUp(user.actor_id))
    return user


def forget_unconfirmed(unit: Unit) -> None:
    """Delete accounts whose address nobody confirmed in time. Housekeeping."""
    waiting = select(User.actor_id).where(User.confirmed_at.is_(None), User.created_at < unit.now - LASTS)
    actor_ids: Collection[int] = unit.scalars(waiting.limit(100)).all()
    if actor_ids:
        unit.execute(delete(User).where(User.actor_id.in_(actor_ids)))
        unit.execute(delete(Actor).where(Actor.id.in_(actor_ids)))


# ----------------------------------------------------------------------------------------------- the steps


def _waiting(token: str, now: datetime) -> Select[User]:
    return select(User).where(
        User.confirmation_hash == digest(token), User.confirmed_at.is_(None), User.created_at >= now - LASTS
    )


def _check_username(findings: Findings, username: str) -> None:
    if not username:
        findings.add("username", "ERR_BLANK", "can't be blank")
    elif not _USERNAME.fullmatch(username):
        findings.add("username", "ERR_INVALID", "must contain only letters, numbers and underscores")
    elif len(username) > USERNAME_LENGTH:
        findings.add("username", "ERR_TOO_LONG", f"is too long (maximum is {USERNAME_LENGTH} characters)")
    elif username.lower() in RESERVED:
        findings.add("username", "ERR_RESERVED", "is reserved")


def _check_email(findings: Findings, email: str) -> None:
    if not email.strip():
        findings.add("email", "ERR_BLANK", "can't be blank")
        return
    try:
        folded_email(email)
    except Invalid:
        findings.add("email", "ERR_INVALID", "is invalid")


def _check_age(findings: Findings, text: str, min_age: int, today: date) -> None:
    """Compare a date of birth with the least age; it is kept nowhere."""
    if not text:
        findings.add("date_of_birth", "ERR_BLANK", "can't be blank")
        return
    try:
        born = date.fromisoformat(text)
    except ValueError:
        findings.add("date_of_birth", "ERR_INVALID", "is invalid")
        return
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < min_age:
        findings.add("date_of_birth", "ERR_BELOW_LIMIT", "is below the age limit")


def _check_domain(session: Session, email: str) -> bool:
    """Return whether moderators want to see who comes from this domain. Raises `Invalid` if nobody may."""
    verdict = judge_email(session, email)
    if verdict is Verdict.REFUSED:
        findings = Findings()
        findings.add("email", "ERR_BLOCKED", "contains a disallowed e-mail provider")
        findings.settle()
    return verdict is Verdict.NEEDS_APPROVAL


def _network_needs_approval(unit: Unit, address: str | None) -> bool:
    """Return whether moderators want to see who comes from this network. Raises `Forbidden` if nobody may."""
    verdict = judge_network(unit, address, unit.now)
    if verdict is Verdict.REFUSED:
        raise Forbidden("Nobody can register from this network.")
    return verdict is Verdict.NEEDS_APPROVAL


def _is_known(session: Session, email: str) -> bool:
    confirmed = User.confirmed_at.is_not(None)
    return session.scalar(select(User.id).where(User.email == email, confirmed)) is not None


def _displace_unconfirmed(unit: Unit, email: str) -> None:
    """Let nobody keep an address from its owner who only typed it: until it is confirmed, the last one has it."""
    for user in unit.scalars(select(User).where(User.email == email, User.confirmed_at.is_(None))).all():
        user.email = f"{user.id}@{UNKNOWN_ADDRESS}"
        user.confirmation_hash = None
    unit.flush()


def _ask_to_confirm(unit: Unit, user: User, token: str) -> None:
    """Send the link, whose address comes from the configuration and never from a request (row J12)."""
    user.confirmation_hash = digest(token)
    unit.flush()
    actor = unit.get_one(Actor, user.actor_id)
    details = {
        "town": unit.instance.name,
        "username": actor.username,
        "url": f"{unit.instance.origin}/confirm?token={token}",
    }
    queue_mail(unit, user.email, "confirmation", user.locale, details)


def _tell_known(unit: Unit, email: str, locale: str) -> None:
    details = {"town": unit.instance.name, "url": f"{unit.instance.origin}/login"}
    queue_mail(unit, email, "known_address", locale, details)
