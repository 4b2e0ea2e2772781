"""Who may act as whom: a club's actor has several people, each with their own login and their own standing."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from activitypub.models import Actor, new_id
from activitypub.unit import Unit
from fediverse_kommune.models import Membership, Standing, User
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from fediverse_kommune.streaming.signals import AccessChanged

# Each standing includes those after it.
RANKS = (Standing.VIEWER, Standing.AUTHOR, Standing.EDITOR, Standing.OWNER)


def includes(standing: Standing, needed: Standing) -> bool:
    """True if `standing` is at least `needed`."""
    return RANKS.index(standing) >= RANKS.index(needed)


def standing_of(session: Session, user_id: int, actor_id: int) -> Standing | None:
    """Return what a user may do as an actor; None: nothing."""
    return session.scalar(
        select(Membership.standing).where(Membership.user_id == user_id, Membership.actor_id == actor_id)
    )


def actors_of(session: Session, user_id: int) -> Sequence[Membership]:
    """Return the memberships of a user with their actors, the user's own first, then by name."""
    own = select(User.actor_id).where(User.id == user_id).scalar_subquery()
    return session.scalars(
        select(Membership)
        .join(Membership.actor)
        .where(Membership.user_id == user_id, Actor.suspended_at.is_(None))
        .order_by((Membership.actor_id == own).desc(), Actor.handle)
        .options(joinedload(Membership.actor))
    ).all()


def require(session: Session, user_id: int, actor_id: int, needed: Standing) -> None:
    """Return if the user may do what needs this standing. Raises `NotFound` to those who do not belong at all."""
    standing = standing_of(session, user_id, actor_id)
    if standing is None:
        raise NotFound
    if not includes(standing, needed):
        raise Forbidden(f"As {standing} of this team you may not do that; it needs an {needed}.")


def set_member(unit: Unit, by_user_id: int, actor_id: int, user_id: int, standing: Standing) -> Membership:
    """Let a user act as an actor, or change as what. Only owners decide; the last owner stays one."""
    require(unit, by_user_id, actor_id, Standing.OWNER)
    row = _find(unit, user_id, actor_id)
    if row is None:
        row = join(unit, user_id, actor_id, standing)
    elif row.standing is not standing:
        _keep_an_owner(unit, row)
        row.standing = standing
        unit.flush()
        unit.publish(AccessChanged())
    return row


def remove_member(unit: Unit, by_user_id: int, actor_id: int, user_id: int) -> None:
    """Let a user no longer act as an actor: an owner decides, and everybody may leave. The last owner stays."""
    if by_user_id != user_id:
        require(unit, by_user_id, actor_id, Standing.OWNER)
    row = _find(unit, user_id, actor_id)
    if row is None:
        raise NotFound
    if unit.scalar(select(User.id).where(User.id == user_id, User.actor_id == actor_id)):
        raise Invalid("This is the person's own account; nobody can be taken out of it.")
    _keep_an_owner(unit, row)
    unit.delete(row)
    unit.flush()
    unit.publish(AccessChanged())


def join(unit: Unit, user_id: int, actor_id: int, standing: Standing) -> Membership:
    """Store a membership. Whoever calls has the right to decide it: a new team's first owner joins through this."""
    row = Membership(id=new_id(unit.now), user_id=user_id, actor_id=actor_id, standing=standing, created_at=unit.now)
    unit.add(row)
    unit.flush()
    return row


def _find(session: Session, user_id: int, actor_id: int) -> Membership | None:
    return session.scalar(select(Membership).where(Membership.user_id == user_id, Membership.actor_id == actor_id))


def _keep_an_owner(unit: Unit, row: Membership) -> None:
    owners = select(func.count()).where(Membership.actor_id == row.actor_id, Membership.standing == Standing.OWNER)
    if row.standing is Standing.OWNER and unit.scalar(owners) == 1:
        raise Invalid("A team needs an owner: make somebody else one first.")
