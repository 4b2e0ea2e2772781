"""What administrators do with the people who log in here, besides what the admin API offers: roles and passwords."""

from msgspec import Struct
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import Role, User
from fediverse_kommune.services.accounts import NewUser, create_user
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from fediverse_kommune.services.staff import NOT_ALLOWED, RANKS, Done, Officer, Permission, deed, require_lower
from fediverse_kommune.services.tokens import end_sessions, issue_token, revoke_all


class Person(Struct, frozen=True):
    """Somebody who can log in, as a list shows them."""

    username: str
    email: str
    role: Role
    standing: str


def list_people(session: Session) -> list[Person]:
    """Return everybody who can log in here, by name."""
    rows = session.execute(select(User, Actor).join(Actor, Actor.id == User.actor_id).order_by(Actor.handle))
    return [Person(actor.username, user.email, user.role, _standing(user, actor)) for user, actor in rows]


def find_account_of(session: Session, username: str) -> Actor:
    """Return the actor of ours with this name, who logs in as itself. Raises `NotFound` with a sentence."""
    handle = username.strip().lower().removeprefix("@")
    actor = session.scalar(
        select(Actor).join(User, User.actor_id == Actor.id).where(Actor.handle == handle, Actor.domain.is_(None))
    )
    if actor is None:
        raise NotFound(f"Nobody who can log in here is called {username}.")
    return actor


@deed("user.create", Permission.MANAGE_USER_ACCESS)
def create_person(unit: Unit, officer: Officer, new: NewUser) -> Done[User]:
    """Create somebody who can log in, with a role below the officer's own. Raises `Forbidden`, `Invalid`."""
    if RANKS.index(new.role) >= officer.rank:
        raise Forbidden(NOT_ALLOWED)
    return Done(new.username, create_user(unit, new), {"role": str(new.role), "confirmed": new.confirmed})


@deed("token.create", Permission.MANAGE_USER_ACCESS)
def create_token(unit: Unit, officer: Officer, name: str, scopes: str) -> Done[str]:
    """Return a token by which an app acts as somebody who is not asked. Raises `Forbidden`, `Invalid`, `NotFound`."""
    target = find_account_of(unit, name)
    require_lower(unit, officer, target)
    return Done(target.handle, issue_token(unit, name, scopes), {"scopes": scopes})


@deed("user.role", Permission.MANAGE_ROLES)
def set_role(unit: Unit, officer: Officer, actor_id: int, role: Role) -> Done[None]:
    """Give somebody a role below the officer's own; the last administrator stays one. Raises `Forbidden`, `Invalid`."""
    target, person = _person(unit, officer, actor_id)
    if RANKS.index(role) >= officer.rank:
        raise Forbidden(NOT_ALLOWED)
    admins = unit.scalar(select(func.count()).where(User.role == Role.ADMIN)) or 0
    if person.role is Role.ADMIN and role is not Role.ADMIN and admins == 1:
        raise Invalid("This is the last administrator: make somebody else one first.")
    before, person.role = person.role, role
    return Done(target.handle, None, {"before": str(before), "after": str(role)})


@deed("user.password", Permission.MANAGE_USER_ACCESS)
def set_password(unit: Unit, officer: Officer, actor_id: int, password_hash: str) -> Done[None]:
    """Give somebody another password, and end every session and app they have. The hash is made before the unit."""
    target, person = _person(unit, officer, actor_id)
    person.password_hash = password_hash
    end_sessions(unit, person.id)
    revoke_all(unit, person.id)
    return Done(target.handle, None)


def _person(unit: Unit, officer: Officer, actor_id: int) -> tuple[Actor, User]:
    target = unit.get(Actor, actor_id)
    person = unit.scalar(select(User).where(User.actor_id == actor_id))
    if target is None or person is None:
        raise NotFound
    require_lower(unit, officer, target)
    return target, person


def _standing(user: User, actor: Actor) -> str:
    if actor.suspended_at is not None:
        return "suspended"
    if user.disabled_at is not None:
        return "disabled"
    if user.confirmed_at is None:
        return "unconfirmed"
    return "active"
