"""What somebody does not want to see: one place that decides, for timelines, threads, notifications and streams.

Everything here is a condition for the WHERE of a statement that runs anyway, so nobody pays a further one for it. A
`reader` is the id of an actor, or a column with such ids where fan-out asks for many at once; so are the others. When
a mute ends is read from the clock of the database: a mute that is over is over, whether or not housekeeping came by.

What is asked inside another EXISTS says which tables are its own (`correlate_except`): by itself SQLAlchemy finds the
reader's column only one level up, and further up would ask whether any reader at all wants it.
"""

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import InstrumentedAttribute, aliased

from activitypub.models import Actor, Block, DomainAllow, DomainBlock, Follow, Mention, Severity
from fediverse_kommune.models import DomainMute, List, ListMember, Mute

# Made once: the columns of a fresh alias cost a millisecond, and a home timeline asks for a dozen.
_BLOCK, _MUTE, _SERVER = aliased(Block), aliased(Mute), aliased(DomainMute)
_THEIR_ACTOR, _SILENCED = aliased(Actor), aliased(Actor)
_RULE, _EXCEPTION = aliased(DomainBlock), aliased(DomainAllow)
_MENTION, _LIST, _MEMBER, _FOLLOW = aliased(Mention), aliased(List), aliased(ListMember), aliased(Follow)

Party = int | ColumnElement[int] | InstrumentedAttribute[int]


def is_unwanted(reader: Party, *others: Party) -> ColumnElement[bool]:
    """True if the reader mutes or blocks one of the others, or wants nothing of the server of one."""
    blocks = exists().where(_BLOCK.actor_id == reader, _BLOCK.target_id.in_(others)).correlate_except(_BLOCK)
    return or_(_mutes(reader, *others), blocks, mutes_server(reader, *others))


def is_unheard(receiver: Party, sender: Party) -> ColumnElement[bool]:
    """True if the receiver is told nothing of what the sender does: blocked either way, or muted with notifications."""
    blocked = exists().where(
        or_(
            and_(_BLOCK.actor_id == receiver, _BLOCK.target_id == sender),
            and_(_BLOCK.actor_id == sender, _BLOCK.target_id == receiver),
        )
    )
    return or_(blocked, _mutes(receiver, sender, with_notifications=True), mutes_server(receiver, sender))


def mentions_unwanted(reader: Party, status: Party) -> ColumnElement[bool]:
    """True for a status that names somebody the reader does not want to see."""
    return exists().where(
        _MENTION.status_id == status, _MENTION.silent.is_(False), is_unwanted(reader, _MENTION.actor_id)
    )


def leaves_home(reader: Party, poster: Party) -> ColumnElement[bool]:
    """True if the poster is on a list that the reader wants to be the only place for its members."""
    return exists().where(
        _LIST.actor_id == reader, _LIST.exclusive, _MEMBER.list_id == _LIST.id, _MEMBER.actor_id == poster
    )


def is_silenced(author: Party) -> ColumnElement[bool]:
    """True for an author whom the moderators have silenced, or whose domain or one above it (row I01)."""
    # "." in front and ":" behind, so that one pattern finds the domain, what is below it, and a test network's ports.
    covered = ("." + _SILENCED.host + ":").like("%." + _RULE.domain + ":%")
    allowed = ("." + _SILENCED.host + ":").like("%." + _EXCEPTION.domain + ":%")
    excepted = exists().where(_EXCEPTION.domain.endswith("." + _RULE.domain), allowed).correlate_except(_EXCEPTION)
    domain_is = exists().where(_SILENCED.domain.is_not(None), _RULE.severity == Severity.SILENCE, covered, ~excepted)
    return exists().where(_SILENCED.id == author, or_(_SILENCED.silenced_at.is_not(None), domain_is))


def is_out_of_sight(reader: Party | None, author: Party) -> ColumnElement[bool]:
    """True for a silenced author, unless the reader follows it."""
    if reader is None:
        return is_silenced(author)
    followed = exists().where(
        _FOLLOW.follower_id == reader, _FOLLOW.followed_id == author, _FOLLOW.accepted_at.is_not(None)
    )
    return and_(is_silenced(author), ~followed)


def is_muting(mute: type[Mute]) -> ColumnElement[bool]:
    """True for a mute that is not over."""
    return or_(mute.expires_at.is_(None), mute.expires_at > func.now())


def mutes_server(reader: Party, *others: Party) -> ColumnElement[bool]:
    """True if the reader wants nothing of the server of one of the others ("domain block" in the client API)."""
    of_domain = is_of_domain(_THEIR_ACTOR, _SERVER.domain)
    muted = exists().where(_SERVER.actor_id == reader, _THEIR_ACTOR.id.in_(others), of_domain)
    return muted.correlate_except(_SERVER, _THEIR_ACTOR)


def is_of_domain(
    actor: type[Actor], domain: str | ColumnElement[str] | InstrumentedAttribute[str]
) -> ColumnElement[bool]:
    """True for an actor elsewhere with a handle of this domain, or on this very host; not of one below it.

    https://docs.joinmastodon.org/methods/domain_blocks/ names no more than the domain itself, and Mastodon takes no
    more: a person who wants to see nothing of a large host would shut out all that rent a name below it.
    """
    return and_(actor.domain.is_not(None), or_(actor.domain == domain, actor.host == domain))


def _mutes(reader: Party, *others: Party, with_notifications: bool = False) -> ColumnElement[bool]:
    mine = exists().where(_MUTE.actor_id == reader, _MUTE.target_id.in_(others), is_muting(_MUTE))
    muted = mine.correlate_except(_MUTE)
    return muted.where(_MUTE.hides_notifications) if with_notifications else muted
