"""What administrators write for everybody: rules, terms, texts, notices and emoji, each act with its line in the log.

Mastodon has no method for it; the shapes are GoToSocial's: https://docs.gotosocial.org/en/latest/api/swagger/
"""

from datetime import date

from msgspec import Struct
from sqlalchemy.orm import Session

from activitypub.unit import Unit
from fediverse_kommune.models import Announcement, Rule
from fediverse_kommune.services import announcements, emojis, house_rules
from fediverse_kommune.services.announcements import Notice
from fediverse_kommune.services.refusals import Invalid, NotFound
from fediverse_kommune.services.staff import Done, Officer, Permission, deed


class RuleForm(Struct, frozen=True):
    """A rule; None leaves a part as it is."""

    text: str | None = None
    hint: str | None = None


class InstanceForm(Struct, frozen=True):
    """Texts of the instance, in Markdown; None leaves one as it is. Terms hold from `terms_from`, or from today."""

    extended_description: str | None = None
    privacy_policy: str | None = None
    terms: str | None = None
    terms_from: date | None = None


class EmojiPicture(Struct, frozen=True):
    """A picture of the store, the same without motion, and the heading under which apps show it."""

    key: str
    static_key: str
    category: str | None


def find_rule(session: Session, rule_id: int) -> Rule:
    """Return a rule that holds. Raises `NotFound`."""
    rule = session.get(Rule, rule_id)
    if rule is None or rule.deleted_at is not None:
        raise NotFound
    return rule


@deed("rule.create", Permission.MANAGE_RULES)
def create_rule(unit: Unit, _officer: Officer, form: RuleForm) -> Done[Rule]:
    """Let a rule hold from now on, below the others. Raises `Invalid`."""
    rule = house_rules.add_rule(unit, form.text or "", form.hint or "")
    return Done(str(rule.id), rule, {"text": rule.text})


@deed("rule.update", Permission.MANAGE_RULES)
def update_rule(unit: Unit, _officer: Officer, rule_id: int, form: RuleForm) -> Done[Rule]:
    """Put a rule in other words. Raises `NotFound`, `Invalid`."""
    rule = find_rule(unit, rule_id)
    before = rule.text
    for name, value in (("text", form.text), ("hint", form.hint)):
        if value is not None:
            setattr(rule, name, _short(value))
    if not rule.text:
        raise Invalid("A rule needs a text.")
    return Done(str(rule.id), rule, {"before": before, "after": rule.text})


@deed("rule.delete", Permission.MANAGE_RULES)
def withdraw_rule(unit: Unit, _officer: Officer, rule_id: int) -> Done[Rule]:
    """Let a rule hold no longer; reports that name it keep doing so. Raises `NotFound`."""
    rule = find_rule(unit, rule_id)
    house_rules.withdraw_rule(unit, rule_id)
    return Done(str(rule.id), rule, {"text": rule.text})


@deed("instance.update", Permission.MANAGE_SETTINGS)
def write_texts(unit: Unit, _officer: Officer, form: InstanceForm) -> Done[None]:
    """Write what the town says about itself. Raises `Invalid`."""
    texts = {
        house_rules.EXTENDED_DESCRIPTION: form.extended_description,
        house_rules.PRIVACY_POLICY: form.privacy_policy,
    }
    written = {name: len(text) for name, text in {**texts, "terms": form.terms}.items() if text is not None}
    if not written:
        raise Invalid("Nothing that can be changed here was sent.")
    for name, text in texts.items():
        if text is not None:
            house_rules.write_text(unit, name, text)
    if form.terms is not None:
        house_rules.write_terms(unit, form.terms_from or unit.now.date(), form.terms)
    return Done(unit.instance.account_domain, None, written)


@deed("announcement.create", Permission.MANAGE_SETTINGS)
def publish_notice(unit: Unit, _officer: Officer, notice: Notice) -> Done[Announcement]:
    """Show everybody an announcement from now on. Raises `Invalid`."""
    row = announcements.publish(unit, notice)
    return Done(str(row.id), row, {"text": row.text})


@deed("announcement.delete", Permission.MANAGE_SETTINGS)
def remove_notice(unit: Unit, _officer: Officer, announcement_id: int) -> Done[None]:
    """Take an announcement away. Raises `NotFound`."""
    row = announcements.remove(unit, announcement_id)
    return Done(str(announcement_id), None, {"text": row.text})


@deed("emoji.create", Permission.MANAGE_SETTINGS)
def offer_emoji(unit: Unit, _officer: Officer, shortcode: str, picture: EmojiPicture) -> Done[list[str]]:
    """Offer a picture as an emoji; return the keys that nothing shows any more. Raises `Invalid`."""
    former = emojis.add_emoji(unit, shortcode, picture.key, picture.static_key, picture.category)
    return Done(f":{shortcode}:", former, {"category": picture.category, "replaces": bool(former)})


@deed("emoji.delete", Permission.MANAGE_SETTINGS)
def withdraw_emoji(unit: Unit, _officer: Officer, shortcode: str) -> Done[list[str]]:
    """Offer an emoji no longer; return the keys to remove from the store. Raises `NotFound`."""
    return Done(f":{shortcode}:", emojis.remove_emoji(unit, shortcode))


def _short(text: str) -> str:
    if len(text) > house_rules.RULE_LENGTH:
        raise Invalid(f"A rule has at most {house_rules.RULE_LENGTH} characters.")
    return text.strip()
