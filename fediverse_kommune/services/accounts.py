"""People and their actors: how they come to be, log in, and describe themselves."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.compose import compose
from activitypub.events import ActorUpdated
from activitypub.graph.actors import create_local_actor, find_by_handle
from activitypub.graph.relationships import accept_follow
from activitypub.models import Actor, Follow, new_id
from activitypub.sanitize import safe_name
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import QuotePolicy, Role, Standing, User
from fediverse_kommune.services import teams
from fediverse_kommune.services.emojis import emojis_in
from fediverse_kommune.services.policies import set_quote_default
from fediverse_kommune.services.preferences import stored_preference
from fediverse_kommune.services.refusals import Invalid
from outbox import send
from webfinger.host import InvalidHost, canonical_host

USERNAME_LENGTH = 30  # Mastodon's for local names
MAILBOX_LENGTH = 64  # RFC 5321 section 4.5.3.1.1
NAME_LENGTH = 100
NOTE_LENGTH = 2_000
FIELDS = 8
FIELD_LENGTH = 255
DESCRIPTION_LENGTH = 1_500  # of a face or a banner, for those who cannot see it
ATTRIBUTION_DOMAINS = 10  # Mastodon's figure
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
PRIVACIES = (Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE)

_USERNAME = re.compile(r"[a-zA-Z0-9_]+")
# What stands before the @ of an address: RFC 5322's dot-atom without the percent sign, by which some servers pass mail
# on. A quoted text may be one as well, and nobody has one.
_MAILBOX = re.compile(r"[a-z0-9!#$&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$&'*+/=?^_`{|}~-]+)*")

# What an actor here may be. Application is the server's own.
KINDS = ("Person", "Group", "Organization", "Service")


class Picture(StrEnum):
    """The pictures of a profile: the names of the parameters, and the beginnings of the columns."""

    AVATAR = "avatar"
    HEADER = "header"


class NewUser(Struct, frozen=True):
    """Somebody about to exist. `password_hash` is made before the unit (`passwords.hash_password`)."""

    username: str
    email: str
    password_hash: str
    name: str = ""
    role: Role = Role.USER
    locale: str = "de"
    confirmed: bool = False
    # False if moderators want to see them first; `reason` is what they tell the moderators.
    approved: bool = True
    reason: str = ""


class Login(Struct, frozen=True):
    """What is needed to let somebody in, or not."""

    user_id: int
    password_hash: str
    active: bool


class Field(Struct, frozen=True):
    """A labelled line of a profile, as it was typed."""

    name: str
    value: str


class ProfileForm(Struct, frozen=True):
    """What an actor changes about itself; None leaves it as it is."""

    name: str | None = None
    note: str | None = None
    bot: bool | None = None
    locked: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hides_network: bool | None = None
    shows_media: bool | None = None
    shows_media_replies: bool | None = None
    shows_featured: bool | None = None
    fields: Sequence[Field] | None = None
    attribution_domains: Sequence[str] | None = None
    avatar_key: str | None = None
    header_key: str | None = None
    avatar_description: str | None = None
    header_description: str | None = None


class DefaultsForm(Struct, frozen=True):
    """What an actor changes about how it posts; None leaves it as it is, an empty language means the person's."""

    privacy: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    quote_policy: str | None = None
    email_subscriptions: bool | None = None


def create_user(unit: Unit, new: NewUser, *, private_key_pem: str | None = None) -> User:
    """Create a person: the actor they are, the user who logs in, and the membership that lets one act as the other.

    Raises `Invalid` if the name or address cannot be used or is taken.
    """
    email = folded_email(new.email)
    if unit.scalar(select(User.id).where(User.email == email)):
        raise Invalid("This e-mail address has an account already.")
    actor = create_actor(unit, new.username, name=new.name, private_key_pem=private_key_pem)
    user = User(
        id=new_id(unit.now),
        actor_id=actor.id,
        email=email,
        password_hash=new.password_hash,
        role=new.role,
        locale=new.locale,
        created_at=unit.now,
        confirmed_at=unit.now if new.confirmed else None,
        approved_at=unit.now if new.approved else None,
        reason=new.reason,
    )
    unit.add(user)
    unit.flush()
    teams.join(unit, user.id, actor.id, Standing.OWNER)
    return user


def create_team(
    unit: Unit, owner_id: int, username: str, *, kind: str, name: str, private_key_pem: str | None = None
) -> Actor:
    """Create an actor that several people will act as, a club or an office, and its first owner's membership."""
    actor = create_actor(unit, username, kind=kind, name=name, private_key_pem=private_key_pem)
    teams.join(unit, owner_id, actor.id, Standing.OWNER)
    return actor


def create_actor(
    unit: Unit, username: str, *, kind: str = "Person", name: str = "", private_key_pem: str | None = None
) -> Actor:
    """Create an actor of ours. Raises `Invalid` if the name cannot be used or is taken."""
    if kind not in KINDS:
        raise Invalid(f"An account is one of {', '.join(KINDS)}.")
    if not _USERNAME.fullmatch(username) or len(username) > USERNAME_LENGTH:
        raise Invalid(f"A username has 1 to {USERNAME_LENGTH} of the characters a to z, 0 to 9 and _.")
    if find_by_handle(unit, username, None):  # also that of somebody who is gone for good
        raise Invalid(f"Somebody here is called {username} already.")
    return create_local_actor(
        unit, username, kind=kind, name=_short(name, NAME_LENGTH, "name"), private_key_pem=private_key_pem
    )


def folded_email(email: str) -> str:
    """Return an address as it is stored and compared (row I07). Raises `Invalid` for what is none."""
    mailbox, _, domain = email.strip().lower().rpartition("@")
    try:
        host = canonical_host(domain)
    except InvalidHost as error:
        raise Invalid(f"{email!r} is no e-mail address: {error}.") from error
    if len(mailbox) > MAILBOX_LENGTH or not _MAILBOX.fullmatch(mailbox):
        raise Invalid(f"{email!r} is no e-mail address.")
    return f"{mailbox}@{host}"


def find_login(session: Session, name: str) -> Login | None:
    """Return the login of this e-mail address or local username."""
    folded = _folded_login(name)
    row = session.execute(
        select(User, Actor.suspended_at)
        .join(Actor, Actor.id == User.actor_id)
        .where(or_(User.email == folded, Actor.handle == folded), Actor.domain.is_(None))
    ).one_or_none()
    if row is None:
        return None
    user, suspended_at = row
    return Login(user.id, user.password_hash, may_come_in(user) and suspended_at is None)


def _folded_login(name: str) -> str:
    """Return what somebody typed to log in as it is stored: an address, or else a username."""
    username = name.strip().lower().removeprefix("@")
    try:
        return folded_email(username)
    except Invalid:
        return username


def may_come_in(user: User) -> bool:
    """True for somebody who has confirmed the address, was let in, and is not shut out."""
    return user.confirmed_at is not None and user.approved_at is not None and user.disabled_at is None


def update_profile(unit: Unit, actor_id: int, form: ProfileForm) -> Actor:
    """Change how one of our actors describes itself, and tell its followers. Raises `Invalid`."""
    actor = unit.get_one(Actor, actor_id)
    was_locked = actor.manually_approves_followers
    _copy_texts(unit, actor, form)
    actor.emojis = emojis_in(unit, unit.instance, actor.name, actor.summary_source or "", *_field_texts(actor))
    _copy_settings(actor, form)
    unit.flush()
    if was_locked and not actor.manually_approves_followers:
        _accept_all(unit, actor)
    _tell(unit, actor)
    return actor


def remove_picture(unit: Unit, actor_id: int, picture: Picture) -> str | None:
    """Take an actor's face or banner away with its description; return the key of the file that goes."""
    actor = unit.get_one(Actor, actor_id)
    key: str | None = getattr(actor, f"{picture}_key")
    if key is not None:
        setattr(actor, f"{picture}_key", None)
        setattr(actor, f"{picture}_description", "")
        unit.flush()
        _tell(unit, actor)
    return key


def update_defaults(unit: Unit, actor_id: int, form: DefaultsForm) -> None:
    """Change how an actor posts unless it says otherwise. Raises `Invalid`."""
    if form == DefaultsForm():
        return
    row = stored_preference(unit, actor_id)
    if form.privacy is not None:
        row.visibility = _privacy(form.privacy)
    if form.sensitive is not None:
        row.sensitive = form.sensitive
    if form.language is not None:
        row.language = _language(form.language)
    if form.quote_policy is not None:
        set_quote_default(unit, actor_id, _quote_policy(form.quote_policy))
    if form.email_subscriptions is not None:
        row.email_subscriptions = form.email_subscriptions
    unit.flush()


def _tell(unit: Unit, actor: Actor) -> None:
    unit.publish(ActorUpdated(actor))
    send.send_actor_update(unit, actor)


def _privacy(word: str) -> Visibility:
    if word not in PRIVACIES:
        raise Invalid(f"source[privacy] is one of {', '.join(PRIVACIES)}.")
    return Visibility(word)


def _language(tag: str) -> str | None:
    if tag and not LANGUAGE.fullmatch(tag):
        raise Invalid(f"{tag[:40]!r} is no language tag such as de or en-GB.")
    return tag or None


def _quote_policy(word: str) -> QuotePolicy:
    try:
        return QuotePolicy(word)
    except ValueError:
        raise Invalid(f"source[quote_policy] is one of {', '.join(QuotePolicy)}.") from None


def _copy_texts(unit: Unit, actor: Actor, form: ProfileForm) -> None:
    if form.name is not None:
        actor.name = _short(form.name, NAME_LENGTH, "display name")
    if form.note is not None:
        actor.summary_source = _short(form.note, NOTE_LENGTH, "description", one_line=False)
        actor.summary = compose(actor.summary_source, tag_url=unit.instance.tag_url)
    if form.fields is not None:
        filled = [field for field in form.fields if field.name.strip() or field.value.strip()]
        if len(filled) > FIELDS:
            raise Invalid(f"A profile has at most {FIELDS} fields.")
        former = {item.get("source"): item.get("verified_at") for item in actor.fields}
        actor.fields = [_stored_field(unit, field, former.get(field.value)) for field in filled]
    if form.attribution_domains is not None:
        actor.attribution_domains = _attribution_domains(unit, form.attribution_domains)
    for picture in Picture:
        description = getattr(form, f"{picture}_description")
        if description is not None:
            text = _short(description, DESCRIPTION_LENGTH, f"description of the {picture}", one_line=False)
            setattr(actor, f"{picture}_description", text.strip())


def _field_texts(actor: Actor) -> Iterator[str]:
    for field in actor.fields:
        yield from (field["name"], field.get("source", ""))


def _attribution_domains(unit: Unit, texts: Sequence[str]) -> list[str]:
    """Return the hosts of the web sites that may name an actor, each once; a whole address counts as its host."""
    hosts = []
    for text in (line.strip() for line in texts):
        bare = re.sub(r"^https?://", "", text).partition("/")[0]
        try:
            if bare:
                hosts.append(canonical_host(bare, test_network=unit.instance.test_network))
        except InvalidHost as error:
            raise Invalid(f"attribution_domains: {error}; write them like zeitung.example.") from error
    unique = list(dict.fromkeys(hosts))
    if len(unique) > ATTRIBUTION_DOMAINS:
        raise Invalid(f"attribution_domains are at most {ATTRIBUTION_DOMAINS}.")
    return unique


def _stored_field(unit: Unit, field: Field, verified_at: str | None) -> dict[str, str | None]:
    name, value = _short(field.name, FIELD_LENGTH, "field name"), _short(field.value, FIELD_LENGTH, "field")
    html = compose(value, tag_url=unit.instance.tag_url)
    # A field is one line: the paragraph around it would break the layout of those who show it in a table.
    shown = str(html).removeprefix("<p>").removesuffix("</p>")
    return {"name": name, "value": shown, "source": value, "verified_at": verified_at}


def _copy_settings(actor: Actor, form: ProfileForm) -> None:
    changes = {
        "manually_approves_followers": form.locked,
        "discoverable": form.discoverable,
        "indexable": form.indexable,
        "hides_network": form.hides_network,
        "shows_media": form.shows_media,
        "shows_media_replies": form.shows_media_replies,
        "shows_featured": form.shows_featured,
        "avatar_key": form.avatar_key,
        "header_key": form.header_key,
    }
    for name, value in changes.items():
        if value is not None:
            setattr(actor, name, value)
    if form.bot is not None and actor.type in {"Person", "Service"}:
        actor.type = "Service" if form.bot else "Person"


def _accept_all(unit: Unit, actor: Actor) -> None:
    """Whoever asked before the door was opened is let in with it."""
    waiting = select(Follow).where(Follow.followed_id == actor.id, Follow.accepted_at.is_(None))
    for row in unit.scalars(waiting).all():
        accept_follow(unit, row)
        send.send_accept(unit, row)


def _short(text: str, limit: int, what: str, *, one_line: bool = True) -> str:
    """Return a text within its limit, and on one line unless said otherwise. Raises `Invalid`."""
    if len(text) > limit:
        raise Invalid(f"The {what} has more than {limit} characters.")
    return safe_name(text) if one_line else text
