"""What the town says to everybody: its rules, its terms, and the texts that an administrator writes.

https://docs.joinmastodon.org/methods/instance/
"""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.models import new_id
from activitypub.unit import Unit
from fediverse_kommune.models import InstanceText, Rule, TermsOfService
from fediverse_kommune.services.refusals import Invalid, NotFound

PRIVACY_POLICY = "privacy_policy"
EXTENDED_DESCRIPTION = "extended_description"
TEXTS = (PRIVACY_POLICY, EXTENDED_DESCRIPTION)
TEXT_LENGTH = 200_000
RULE_LENGTH = 1_000


def rules_of(session: Session) -> Sequence[Rule]:
    """Return the rules that hold, in their order."""
    return session.scalars(select(Rule).where(Rule.deleted_at.is_(None)).order_by(Rule.position, Rule.id)).all()


def add_rule(
    unit: Unit, text: str, hint: str = "", translations: Mapping[str, Mapping[str, str]] | None = None
) -> Rule:
    """Let a rule hold from now on, below the others. `translations`: language → {"text": …, "hint": …}."""
    for part in (text, hint):
        if len(part) > RULE_LENGTH:
            raise Invalid(f"A rule has at most {RULE_LENGTH} characters.")
    if not text.strip():
        raise Invalid("A rule needs a text.")
    row = Rule(
        id=new_id(unit.now),
        position=1 + (unit.scalar(select(func.max(Rule.position))) or 0),
        text=text.strip(),
        hint=hint.strip(),
        translations={language: dict(parts) for language, parts in (translations or {}).items()},
    )
    unit.add(row)
    unit.flush()
    return row


def withdraw_rule(unit: Unit, rule_id: int) -> None:
    """Let a rule hold no longer; reports that name it keep doing so. Raises `NotFound`."""
    row = unit.get(Rule, rule_id)
    if row is None or row.deleted_at is not None:
        raise NotFound
    row.deleted_at = unit.now
    unit.flush()


def text_of(session: Session, name: str) -> InstanceText | None:
    """Return one of `TEXTS`; None while nobody has written it."""
    return session.get(InstanceText, name)


def write_text(unit: Unit, name: str, text: str) -> InstanceText:
    """Write one of `TEXTS`, in Markdown. Raises `Invalid`."""
    if name not in TEXTS:
        raise Invalid(f"There are the texts {' and '.join(TEXTS)}.")
    if len(text) > TEXT_LENGTH:
        raise Invalid(f"The text has more than {TEXT_LENGTH} characters.")
    row = unit.merge(InstanceText(name=name, text=text, updated_at=unit.now))
    unit.flush()
    return row


def write_terms(unit: Unit, effective_date: date, text: str) -> TermsOfService:
    """Write the terms that hold from a day on, in Markdown. Raises `Invalid`."""
    if not text.strip() or len(text) > TEXT_LENGTH:
        raise Invalid(f"Terms have 1 to {TEXT_LENGTH} characters.")
    row = unit.merge(TermsOfService(effective_date=effective_date, text=text, created_at=unit.now))
    unit.flush()
    return row


def terms_at(session: Session, today: date) -> TermsOfService:
    """Return the terms that hold on a day; before the first do, those to come. Raises `NotFound` if there are none."""
    in_force = select(TermsOfService).where(TermsOfService.effective_date <= today)
    row = session.scalar(in_force.order_by(TermsOfService.effective_date.desc()).limit(1)) or session.scalar(
        select(TermsOfService).order_by(TermsOfService.effective_date).limit(1)
    )
    if row is None:
        raise NotFound
    return row


def terms_of(session: Session, effective_date: date) -> TermsOfService:
    """Return the terms that hold from exactly this day. Raises `NotFound`."""
    row = session.get(TermsOfService, effective_date)
    if row is None:
        raise NotFound
    return row


def successor_of(session: Session, row: TermsOfService) -> date | None:
    """Return from when on other terms take the place of these, if that is known."""
    later = select(func.min(TermsOfService.effective_date)).where(TermsOfService.effective_date > row.effective_date)
    return session.scalar(later)
