"""What is told to whom: one verb for each change of the graph, for services and handlers alike.

Every function runs in the unit of the change, makes the activity, chooses its readers and queues it. What
concerns nobody elsewhere queues nothing, so callers need not ask whether the other side is remote. Rows may
come as `activitypub/graph` returns them; what they lack is loaded. To tell of a status or an actor that
goes, or of an Undo, call before or after the row is removed as the docstring says.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import SelectBase, select, union_all

from activitypub.documents import Document
from activitypub.graph.groups import find_group
from activitypub.models import (
    Actor,
    ActorKey,
    Announce,
    Block,
    EmojiReaction,
    FeaturedTag,
    Follow,
    Like,
    Participation,
    PollVote,
    Quote,
    QuoteState,
    Report,
    Status,
)
from activitypub.models.calendar import COMING
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from outbox import activities, groups, relay
from outbox.loading import load_keys, load_status
from outbox.proving import proved, proved_openly
from outbox.publish import cancel, cancel_all_of, publish, publish_status
from outbox.recipients import Inbox, all_inboxes, inboxes_of, of_county
from outbox.telling import actor_of, new_uri, tell, undone

OPEN = frozenset({Visibility.PUBLIC, Visibility.UNLISTED})

Vote = Like | EmojiReaction

# ---------------------------------------------------------------------------------------------- statuses


def send_status(unit: Unit, status: Status) -> None:
    """Tell of a new status: the mentioned, the author of the parent, and followers if it is for them.

    What still waits for consent (`held`) is told whose consent that is and nobody else, whatever becomes of it.
    """
    load_status(unit, status)
    if not status.local_only:
        activity = activities.create(status, unit.instance)
        inboxes = _asked(unit, status)
        if inboxes is None:
            inboxes = inboxes_of(unit, actors=_addressed(status), followers_of=_followers_of(status))
        publish_status(unit, activity, status, _narrowed(unit, status, inboxes))
    groups.receive_post(unit, status)
    relay.pass_on(unit, status)


def send_status_update(unit: Unit, status: Status) -> None:
    """Tell of an edit, also those who have the status because they like it, passed it on or answered it."""
    if status.local_only:
        return
    load_status(unit, status)
    activity = activities.update(status, unit.instance, uri=new_uri(unit, status.actor, "update"))
    activity = proved(unit, activity, status.actor)
    publish_status(unit, activity, status, reached(unit, status))
    groups.pass_on(unit, activity, status)


def send_status_delete(unit: Unit, status: Status) -> None:
    """Tell that a status goes. Call before its row is removed.

    What still waits about it is not sent any more, and who never heard of it hears nothing now.
    """
    if status.local_only:
        return
    load_status(unit, status)
    unheard = cancel(unit, status.uri)
    uri = new_uri(unit, status.actor, "delete")
    activity = proved(unit, activities.delete(status, uri=uri, deleted_at=unit.now), status.actor)
    inboxes = [inbox for inbox in reached(unit, status) if inbox.uri not in unheard]
    publish(unit, activity, by=status.actor, object_uri=status.uri, inboxes=inboxes)
    groups.pass_on(unit, activity, status)


# ------------------------------------------------------------------------------------------ relationships


def send_follow(unit: Unit, follow: Follow) -> None:
    """Ask to follow."""
    follower, followed = actor_of(unit, follow.follower_id), actor_of(unit, follow.followed_id)
    activity = activities.follow(follow, follower=follower, followed=followed)
    tell(unit, activity, by=follower, to=followed)


def send_accept(unit: Unit, follow: Follow) -> None:
    """Say yes to a Follow, which is named by its own id."""
    follower, followed = actor_of(unit, follow.follower_id), actor_of(unit, follow.followed_id)
    uri = new_uri(unit, followed, "accept")
    activity = activities.accept(follow, follower=follower, followed=followed, uri=uri)
    tell(unit, activity, by=followed, to=follower)


def send_reject(unit: Unit, follow: Follow) -> None:
    """Say no to a Follow, or end one that held: remove a follower. The row may be gone already."""
    follower, followed = actor_of(unit, follow.follower_id), actor_of(unit, follow.followed_id)
    uri = new_uri(unit, followed, "reject")
    activity = activities.reject(follow, follower=follower, followed=followed, uri=uri)
    tell(unit, activity, by=followed, to=follower)


def send_undo_follow(unit: Unit, follow: Follow) -> None:
    """Follow no longer, or take a request back. The row may be gone already."""
    follower, followed = actor_of(unit, follow.follower_id), actor_of(unit, follow.followed_id)
    activity = activities.follow(follow, follower=follower, followed=followed)
    tell(unit, undone(unit, activity, follower), by=follower, to=followed)


def send_block(unit: Unit, block: Block) -> None:
    """Tell an actor that it is blocked, so that its server does not offer what would be refused.

    Whom a group keeps out, its followers hear as well.
    """
    actor, target = actor_of(unit, block.actor_id), actor_of(unit, block.target_id)
    tell(unit, activities.block(block, actor=actor, target=target), by=actor, to=target)
    if actor.type == "Group":
        groups.tell_followers(unit, actor, activities.keep_out(block, group=actor, target=target), about=target.uri)


def send_unblock(unit: Unit, block: Block) -> None:
    """Take a block back. The row may be gone already."""
    actor, target = actor_of(unit, block.actor_id), actor_of(unit, block.target_id)
    activity = activities.block(block, actor=actor, target=target)
    tell(unit, undone(unit, activity, actor), by=actor, to=target)
    if actor.type == "Group":
        kept_out = activities.keep_out(block, group=actor, target=target)
        groups.tell_followers(unit, actor, undone(unit, kept_out, actor), about=target.uri)


# ------------------------------------------------------------------------------------------- interactions


def send_like(unit: Unit, like: Like, status: Status) -> None:
    """Tell the author of `status` and the group it is in, and nobody else."""
    _send_vote(unit, like, status, activities.like)


def send_unlike(unit: Unit, like: Like, status: Status) -> None:
    """Take a like back. The row of the like may be gone already."""
    _send_vote(unit, like, status, activities.like, back=True)


def send_reaction(unit: Unit, reaction: EmojiReaction, status: Status) -> None:
    """Tell of an emoji whom a like is told to."""
    _send_vote(unit, reaction, status, activities.reaction)


def send_unreaction(unit: Unit, reaction: EmojiReaction, status: Status) -> None:
    """Take an emoji back. The row of the reaction may be gone already."""
    _send_vote(unit, reaction, status, activities.reaction, back=True)


def _send_vote(unit: Unit, row: Vote, status: Status, say: Callable[..., Document], *, back: bool = False) -> None:
    if not status.local_only:
        actor, author = actor_of(unit, row.actor_id), actor_of(unit, status.actor_id)
        said = say(row, actor=actor, status=status, author=author)
        _tell_of_vote(unit, undone(unit, said, actor) if back else said, actor, status, author)


def _tell_of_vote(unit: Unit, activity: Document, actor: Actor, status: Status, author: Actor) -> None:
    """Tell the author, and the group that the status is in: it counts votes, and passes them on.

    Who likes what everybody may read is told to everybody who asks; so the vote carries a proof.
    """
    group = find_group(unit, status.audience_uri)
    told = {each.id for each in (author, group) if each is not None and not each.is_local}
    inboxes = inboxes_of(unit, actors=told, shared=False) if told else []
    if status.visibility in OPEN and (inboxes or status.in_group):
        activity = proved_openly(unit, activity, actor)
    publish(unit, activity, by=actor, object_uri=author.uri, inboxes=inboxes)
    groups.pass_on(unit, activity, status)


def send_announce(unit: Unit, announce: Announce, status: Status) -> None:
    """Pass `status` on to our followers, and tell its author."""
    if not status.local_only:
        actor, author = actor_of(unit, announce.actor_id), actor_of(unit, status.actor_id)
        activity = activities.announce(announce, actor=actor, status=status, author=author)
        _spread(unit, activity, announce, status, actor)


def send_unannounce(unit: Unit, announce: Announce, status: Status) -> None:
    """Take an announce back. The row of the announce may be gone already."""
    if not status.local_only:
        actor, author = actor_of(unit, announce.actor_id), actor_of(unit, status.actor_id)
        activity = activities.announce(announce, actor=actor, status=status, author=author)
        _spread(unit, undone(unit, activity, actor), announce, status, actor)


def _spread(unit: Unit, activity: Document, announce: Announce, status: Status, actor: Actor) -> None:
    followers_of = None if announce.visibility is Visibility.DIRECT else actor.id
    inboxes = inboxes_of(unit, actors=[status.actor_id], followers_of=followers_of)
    publish(unit, activity, by=actor, object_uri=status.uri, inboxes=_narrowed(unit, status, inboxes))


def send_votes(unit: Unit, votes: Sequence[PollVote], titles: Sequence[str], question: Status) -> None:
    """Tell the one who asked what an actor of ours chose, in an activity for each choice."""
    author = actor_of(unit, question.actor_id)
    for row in votes:
        activity = activities.vote(row, titles[row.choice], question=question, author=author)
        tell(unit, activity, by=actor_of(unit, row.actor_id), to=author)


# ------------------------------------------------------------------------------------------------- actors


def send_actor_update(unit: Unit, actor: Actor) -> None:
    """Tell followers that a profile changed."""
    load_keys(unit, actor)
    activity = activities.update_actor(actor, unit.instance, uri=new_uri(unit, actor, "update"))
    inboxes = inboxes_of(unit, actors=(), followers_of=actor.id)
    publish(unit, activity, by=actor, object_uri=actor.uri, inboxes=inboxes)


def send_move(unit: Unit, actor: Actor, target: Actor) -> None:
    """Tell followers that an actor lives under another name now."""
    activity = activities.move(actor, target, uri=new_uri(unit, actor, "move"))
    inboxes = inboxes_of(unit, actors=(), followers_of=actor.id)
    publish(unit, activity, by=actor, object_uri=actor.uri, inboxes=inboxes)


def send_add_pinned(unit: Unit, actor: Actor, status: Status) -> None:
    """Tell followers of a status that stands on top of a profile now; it has to be one that all may read."""
    activity = activities.add_pinned(actor, status, uri=new_uri(unit, actor, "add"))
    inboxes = inboxes_of(unit, actors=(), followers_of=actor.id)
    publish(unit, activity, by=actor, object_uri=status.uri, inboxes=inboxes)


def send_remove_pinned(unit: Unit, actor: Actor, status: Status) -> None:
    """Tell followers of a status that stands there no longer."""
    activity = activities.remove_pinned(actor, status, uri=new_uri(unit, actor, "remove"))
    inboxes = inboxes_of(unit, actors=(), followers_of=actor.id)
    publish(unit, activity, by=actor, object_uri=status.uri, inboxes=inboxes)


def send_add_hashtag(unit: Unit, actor: Actor, row: FeaturedTag) -> None:
    """Tell followers of a hashtag that a profile shows now."""
    activity = activities.add_hashtag(actor, row, unit.instance, uri=new_uri(unit, actor, "add"))
    inboxes = inboxes_of(unit, actors=(), followers_of=actor.id)
    publish(unit, activity, by=actor, object_uri=actor.uri, inboxes=inboxes)


def send_remove_hashtag(unit: Unit, actor: Actor, row: FeaturedTag) -> None:
    """Tell followers of a hashtag that a profile shows no longer. The row may be gone already."""
    activity = activities.remove_hashtag(actor, row, unit.instance, uri=new_uri(unit, actor, "remove"))
    inboxes = inboxes_of(unit, actors=(), followers_of=actor.id)
    publish(unit, activity, by=actor, object_uri=actor.uri, inboxes=inboxes)


def send_actor_delete(unit: Unit, actor: Actor) -> None:
    """Tell every server that an actor goes, and send nothing else of it any more. Call before it goes.

    Everyone has to hear this, because nobody knows who keeps a copy of what the actor wrote. The Delete
    takes the signing key along, so that nothing of the actor has to stay for it.
    """
    key = unit.scalar(
        select(ActorKey)
        .where(ActorKey.actor_id == actor.id, ActorKey.private_pem.is_not(None))
        .order_by(ActorKey.created_at.desc())
        .limit(1)
    )
    cancel_all_of(unit, actor)
    activity = activities.delete_actor(actor, uri=new_uri(unit, actor, "delete"))
    publish(unit, activity, by=actor, object_uri=actor.uri, inboxes=all_inboxes(unit), key=key)


# ------------------------------------------------------------------------------------------------ reports


def send_report(unit: Unit, report: Report) -> None:
    """Pass a report on to the server of its target, from our server's actor and without the reporter's name."""
    target = actor_of(unit, report.target_id)
    server = unit.scalars(select(Actor).where(Actor.uri == unit.instance.actor_uri)).one()
    uris = unit.scalars(select(Status.uri).where(Status.id.in_(report.status_ids)).order_by(Status.id)).all()
    tell(unit, activities.flag(report, server=server, target=target, statuses=uris), by=server, to=target)


# ------------------------------------------------------------------------------------------------ readers


def _asked(unit: Unit, status: Status) -> list[Inbox] | None:
    """Return where the one is whose consent a status waits for; None if it waits for nobody's."""
    if not status.held:
        return None
    author_id = status.in_reply_to_actor_id
    return inboxes_of(unit, actors=() if author_id is None else (author_id,), shared=False)


def reached(unit: Unit, status: Status) -> list[Inbox]:
    """Return all who may have a copy: who it was for and, of an open one, who had a hand in it."""
    asked = _asked(unit, status)
    if asked is not None:
        return _narrowed(unit, status, asked)
    hands: SelectBase | None = None
    if status.visibility in OPEN:
        hands = union_all(
            select(PollVote.actor_id).where(PollVote.status_id == status.id),
            select(Like.actor_id).where(Like.status_id == status.id),
            select(EmojiReaction.actor_id).where(EmojiReaction.status_id == status.id),
            select(Participation.actor_id).where(Participation.status_id == status.id, Participation.state.in_(COMING)),
            select(Announce.actor_id).where(Announce.status_id == status.id),
            select(Status.actor_id).where(Status.in_reply_to_id == status.id),
            select(Status.actor_id)
            .join(Quote, Quote.status_id == Status.id)
            .where(Quote.quoted_id == status.id, Quote.state == QuoteState.ACCEPTED),
            select(Quote.quoted_actor_id).where(Quote.status_id == status.id, Quote.quoted_actor_id.is_not(None)),
            *([relay.followers_of_relay(unit.instance.relay_uri)] if unit.instance.relays else []),
        )
    reached = inboxes_of(unit, actors=_addressed(status), followers_of=_followers_of(status), others=hands)
    return _narrowed(unit, status, reached)


def _narrowed(unit: Unit, status: Status, inboxes: list[Inbox]) -> list[Inbox]:
    """Leave out who is not of the county, if a status is for that alone."""
    return of_county(unit, inboxes) if status.bubble_only else inboxes


def _addressed(status: Status) -> set[int]:
    """Return whom a status is for by name. The parent's author need not be mentioned in an open one."""
    actors = {mention.actor_id for mention in status.mentions}
    if status.visibility in OPEN and status.in_reply_to_actor_id is not None:
        actors.add(status.in_reply_to_actor_id)
    return actors


def _followers_of(status: Status) -> int | None:
    return None if status.visibility is Visibility.DIRECT else status.actor_id
