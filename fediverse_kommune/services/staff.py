"""What moderators and administrators may do, and to whom. Every deed of theirs goes through `carry_out`.

A deed is a function under `@deed(name, permission)`. It cannot be called: `carry_out` alone runs it, after it has
looked once more whether the officer may, and writes one `AuditEntry` in the same transaction (rows K02 and K08). Nobody
acts on somebody of their own rank or above (row K01).

https://docs.joinmastodon.org/entities/Role/#permission-flags
"""

from collections.abc import Callable, Mapping
from enum import IntFlag
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from msgspec import Struct, field
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import Membership, Role, Standing, User
from fediverse_kommune.services.audit import write_line
from fediverse_kommune.services.refusals import Forbidden

P = ParamSpec("P")
T = TypeVar("T")

NOT_ALLOWED = "This action is not allowed"


class Permission(IntFlag):
    """The bits that clients read, as far as there is something here that they open."""

    NONE = 0
    VIEW_DASHBOARD = 0x8
    MANAGE_REPORTS = 0x10
    MANAGE_FEDERATION = 0x20
    MANAGE_SETTINGS = 0x40
    MANAGE_BLOCKS = 0x80
    MANAGE_TAXONOMIES = 0x100
    MANAGE_USERS = 0x400
    MANAGE_RULES = 0x1000
    MANAGE_ROLES = 0x20000
    MANAGE_USER_ACCESS = 0x40000
    DELETE_USER_DATA = 0x80000


PERMISSIONS: Mapping[Role, Permission] = {
    Role.USER: Permission.NONE,
    Role.MODERATOR: (
        Permission.VIEW_DASHBOARD | Permission.MANAGE_REPORTS | Permission.MANAGE_TAXONOMIES | Permission.MANAGE_USERS
    ),
    Role.ADMIN: Permission(sum(Permission)),
}

# Each outranks those before it.
RANKS = (Role.USER, Role.MODERATOR, Role.ADMIN)


class Officer(Struct, frozen=True):
    """Who acts for the instance. Without a `user_id` it is the command line, which outranks everybody."""

    user_id: int | None
    actor_id: int | None
    role: Role

    @property
    def rank(self) -> int:
        """Return how high the officer stands: only those below can be acted on."""
        return len(RANKS) if self.user_id is None else RANKS.index(self.role)


COMMAND_LINE = Officer(None, None, Role.ADMIN)


class Done(Struct, Generic[T], frozen=True):
    """What a deed did: to what, as people read it (a handle, a domain, a number), with which details, and its value."""

    target: str
    value: T
    details: Mapping[str, Any] = field(default_factory=dict)


class Deed(Generic[P, T]):
    """Something only staff may do."""

    __slots__ = ("_work", "name", "permission")

    def __init__(
        self, name: str, permission: Permission, work: Callable[Concatenate[Unit, Officer, P], Done[T]]
    ) -> None:
        self.name = name
        self.permission = permission
        self._work = work

    @property
    def __wrapped__(self) -> Callable[Concatenate[Unit, Officer, P], Done[T]]:
        """What is done, for those who read it and do not run it."""
        return self._work

    def perform(self, unit: Unit, officer: Officer, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it and write it down. For `carry_out`, which has asked whether the officer may."""
        done = self._work(unit, officer, *args, **kwargs)
        write_line(
            unit,
            user_id=officer.user_id,
            actor_id=officer.actor_id,
            action=self.name,
            target=done.target,
            details=done.details,
        )
        return done.value


def deed(name: str, permission: Permission) -> Callable[[Callable[Concatenate[Unit, Officer, P], Done[T]]], Deed[P, T]]:
    """Make a function of a unit and an officer a deed. `name` is what the log says: "account.suspend"."""

    def decorate(work: Callable[Concatenate[Unit, Officer, P], Done[T]]) -> Deed[P, T]:
        return Deed(name, permission, work)

    return decorate


def carry_out(unit: Unit, officer: Officer, what: Deed[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do a deed and log it, both or neither. Raises `Forbidden` for an officer who may not, or may not any more."""
    today = _as_of_now(unit, officer)
    if not allows(today.role, what.permission):
        raise Forbidden(NOT_ALLOWED)
    return what.perform(unit, today, *args, **kwargs)


def allows(role: Role, needed: Permission) -> bool:
    """True if a role has all of these permissions."""
    return needed in PERMISSIONS[role]


def require_lower(session: Session, officer: Officer, target: Actor) -> None:
    """Return if the officer outranks everybody whose actor this is. Raises `Forbidden` otherwise.

    An actor has the rank of the highest of its owners: the town hall's, which an administrator owns, is not a
    moderator's to suspend. Nobody outranks themselves.
    """
    if officer.rank <= max((RANKS.index(role) for _, role in _owners(session, target.id)), default=-1):
        raise Forbidden(NOT_ALLOWED)


def require_impartial(session: Session, officer: Officer, target_id: int) -> None:
    """Return if the officer may judge what is said of this actor: it is not theirs, nor of somebody above them.

    Raises `Forbidden` otherwise.
    """
    for user_id, role in _owners(session, target_id):
        if user_id == officer.user_id or RANKS.index(role) > officer.rank:
            raise Forbidden(NOT_ALLOWED)


def _owners(session: Session, actor_id: int) -> list[tuple[int, Role]]:
    rows = session.execute(
        select(User.id, User.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.actor_id == actor_id, Membership.standing == Standing.OWNER)
    )
    return [(user_id, role) for user_id, role in rows]


def _as_of_now(session: Session, officer: Officer) -> Officer:
    """Return the officer with the role of this moment: the request may have waited while it was taken away."""
    if officer.user_id is None:
        return officer
    role = session.scalar(
        select(User.role)
        .join(Actor, Actor.id == User.actor_id)
        .where(
            User.id == officer.user_id,
            User.confirmed_at.is_not(None),
            User.disabled_at.is_(None),
            Actor.suspended_at.is_(None),
        )
    )
    return Officer(officer.user_id, officer.actor_id, role or Role.USER)
