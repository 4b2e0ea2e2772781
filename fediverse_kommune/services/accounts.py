"""People and their actors: how they come to be, log in, and describe themselves."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.compose import compose
from activitypub.events import ActorUpdated
from activitypub.graph.actors import create_local_actor, find_by_handle
from activitypub.graph.relationships import accept_follow
from activitypub.models import Actor, Follow, new_id
from activitypub.sanitize import safe_name
from activitypub.unit import Unit
from fediverse_kommune.models import Role, Standing, User
from fediverse_kommune.services import teams
from fediverse_kommune.services.emojis import emojis_in
from fediverse_kommune.services.refusals import Invalid
from outbox import send

USERNAME_LENGTH = 30  # Mastodon's for local names
NAME_LENGTH = 100
NOTE_LENGTH = 2_000
FIELDS = 8
FIELD_LENGTH = 255

_USERNAME = re.compile(r"[a-zA-Z0-9_]+")
_EMAIL = re.compile(r"[^\s@\x00-\x1f<>,;:\"()\[\]\\]+@[^\s@\x00-\x1f<>,;:\"()\[\]\\]+\.[^\s@.]+")

# What an actor here may be. Application is the server's own.
KINDS = ("Person", "Group", "Organization", "Service")


@dataclass(frozen=True, slots=True)
class NewUser:
    """Somebody about to exist. `password_hash` is made before the unit (`passwords.hash_password`)."""

    username: str
    email: str
    password_hash: str
    name: str = ""
    role: Role = Role.USER
    locale: str = "de"
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """What is needed to let somebody in, or not."""

    user_id: int
    password_hash: str
    active: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled line of a profile, as it was typed."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class ProfileForm:
    """What an actor changes about itself; None leaves it as it is."""

    name: str | None = None
    note: str | None = None
    bot: bool | None = None
    locked: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hides_network: bool | None = None
    fields: Sequence[Field] | None = None
    avatar_key: str | None = None
    header_key: str | None = None


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
    if find_by_handle(unit, username, None):
        raise Invalid(f"Somebody here is called {username} already.")
    return create_local_actor(
        unit, username, kind=kind, name=_short(name, NAME_LENGTH, "name"), private_key_pem=private_key_pem
    )


def folded_email(email: str) -> str:
    """Return an address as it is stored and compared. Raises `Invalid` for what is none."""
    folded = email.strip().lower()
    if len(folded) > 320 or not _EMAIL.fullmatch(folded):
        raise Invalid(f"{email!r} is no e-mail address.")
    return folded


def find_login(session: Session, name: str) -> Login | None:
    """Return the login of this e-mail address or local username."""
    folded = name.strip().lower().removeprefix("@")
    row = session.execute(
        select(User.id, User.password_hash, User.confirmed_at, User.disabled_at, Actor.suspended_at)
        .join(Actor, Actor.id == User.actor_id)
        .where(or_(User.email == folded, Actor.handle == folded), Actor.domain.is_(None))
    ).one_or_none()
    if row is None:
        return None
    user_id, password_hash, confirmed_at, disabled_at, suspended_at = row
    active = confirmed_at is not None and disabled_at is None and suspended_at is None
    return Login(user_id, password_hash, active)


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
    unit.publish(ActorUpdated(actor))
    send.send_actor_update(unit, actor)
    return actor


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
        actor.fields = [_stored_field(unit, field) for field in filled]


def _field_texts(actor: Actor) -> Iterator[str]:
    for field in actor.fields:
        yield from (field["name"], field.get("source", ""))


def _stored_field(unit: Unit, field: Field) -> dict[str, str]:
    name, value = _short(field.name, FIELD_LENGTH, "field name"), _short(field.value, FIELD_LENGTH, "field")
    html = compose(value, tag_url=unit.instance.tag_url)
    # A field is one line: the paragraph around it would break the layout of those who show it in a table.
    return {"name": name, "value": str(html).removeprefix("<p>").removesuffix("</p>"), "source": value}


def _copy_settings(actor: Actor, form: ProfileForm) -> None:
    changes = {
        "manually_approves_followers": form.locked,
        "discoverable": form.discoverable,
        "indexable": form.indexable,
        "hides_network": form.hides_network,
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
