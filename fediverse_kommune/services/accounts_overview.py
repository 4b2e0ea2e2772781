"""Which accounts there are, as moderators look for them. https://docs.joinmastodon.org/methods/admin/accounts/#v2"""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, false, or_, select

from activitypub.graph.domains import of_domain
from activitypub.models import Actor
from fediverse_kommune.models import Role, User
from fediverse_kommune.services.beginnings import unless_too_long
from fediverse_kommune.services.staff import PERMISSIONS, Permission

Query = Select[*tuple[Any, ...]]

# Who can log in has to be confirmed and let in, too; teams and actors elsewhere have nobody who does.
_CAN_LOG_IN = or_(
    User.id.is_(None),
    and_(User.confirmed_at.is_not(None), User.approved_at.is_not(None), User.disabled_at.is_(None)),
)

STANDINGS: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "active": lambda: and_(Actor.suspended_at.is_(None), _CAN_LOG_IN),
    "pending": lambda: and_(User.id.is_not(None), User.approved_at.is_(None)),
    "disabled": lambda: User.disabled_at.is_not(None),
    "silenced": lambda: Actor.silenced_at.is_not(None),
    "suspended": lambda: Actor.suspended_at.is_not(None),
    "sensitized": lambda: Actor.sensitized_at.is_not(None),
}
"""The conditions by which accounts stand, by the words of the method."""


class AccountFilter(Struct, frozen=True):
    """What accounts are wanted. `local`: ours, or those elsewhere; None for both. All that is given must hold."""

    local: bool | None = None
    standings: frozenset[str] = frozenset()
    staff: bool = False
    roles: frozenset[Role] | None = None
    invited_by: int | None = None
    username: str | None = None
    name: str | None = None
    domain: str | None = None
    email: str | None = None
    ip: str | None = None


def accounts(wanted: AccountFilter) -> Query:
    """Return a query for actors, each with its user if it has one. The server's own actor is none of them."""
    query = select(Actor, User).outerjoin(User, User.actor_id == Actor.id)
    return query.where(
        or_(Actor.domain.is_not(None), Actor.type != "Application"), *_conditions(wanted)
    ).execution_options(populate_existing=True)


def _conditions(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    conditions = [STANDINGS[word]() for word in sorted(wanted.standings)]
    if wanted.local is not None:
        conditions.append(Actor.domain.is_(None) if wanted.local else Actor.domain.is_not(None))
    roles = wanted.roles
    if wanted.staff:
        deal_with_reports = {role for role in Role if Permission.MANAGE_REPORTS in PERMISSIONS[role]}
        roles = frozenset(deal_with_reports if roles is None else deal_with_reports & roles)
    if roles is not None:
        conditions.append(User.role.in_(sorted(roles)))
    if wanted.invited_by is not None:
        conditions.append(false())  # nobody here is invited by somebody
    return [*conditions, *_searches(wanted)]


def _searches(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.username:
        begins = Actor.handle.startswith(wanted.username.lower().removeprefix("@"), autoescape=True)
        conditions.append(unless_too_long(wanted.username, begins))
    if wanted.name:
        conditions.append(unless_too_long(wanted.name, Actor.name.icontains(wanted.name, autoescape=True)))
    if wanted.domain:
        conditions.append(of_domain(wanted.domain))
    if wanted.email:
        begins = User.email.startswith(wanted.email.strip().lower(), autoescape=True)
        conditions.append(unless_too_long(wanted.email, begins))
    if wanted.ip:
        conditions.append(or_(User.last_ip == wanted.ip, User.sign_up_ip == wanted.ip))
    return conditions
