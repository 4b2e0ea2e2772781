"""What happened in a group elsewhere, as the group tells its followers: Announce of an activity (FEP-1b12).

Lemmy, PieFed, Mbin and NodeBB pass on everything so. That the group says it is only a reason to look: a status is read
from its origin, whoever embedded it (rows A12 and A13), unless what is announced carries a proof of its author's
(FEP-8b32). What is done to a status counts as far as the group has a say in it (`has_say`). Who decides in the group is
the group's affair, so its list of moderators is not asked.
"""

from functools import partial

from sqlalchemy import select

from activitypub.access import OPEN
from activitypub.addressing import visibility
from activitypub.fetch import fetch_object
from activitypub.graph import groups
from activitypub.graph.actors import find_actor
from activitypub.graph.interactions import find_announce, find_like, unannounce, unlike
from activitypub.graph.reactions import reaction_by_uri, unreact
from activitypub.graph.relationships import block, find_block, unblock
from activitypub.graph.requests import Asked
from activitypub.graph.statuses import find_status
from activitypub.models import Actor, Announce, Status, Wish
from activitypub.parse import Unreadable, parse_activity, parse_status
from activitypub.properties import flag
from activitypub.unit import Unit
from activitypub.uris import same_origin
from activitypub.vocabulary import Activity, RemoteReaction, RemoteStatus
from inbox.arrival import Arrival, Effect, Ignored, nothing
from inbox.handlers.interactions import announced, like_as_asked
from inbox.handlers.likes import find_undone, reaction_in
from inbox.handlers.origin import delete_told, look_again, look_whether_gone
from inbox.proved import proved_author

NO_SAY = Ignored("is about something in which the announcer has no say")


async def receive_created(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Something new in a group: a thread stands in the home timelines of its followers, an answer in its thread."""
    inner = _inner(activity)
    uri = inner.object.uri
    if uri is None:
        return Ignored("announces something without an id")
    effect = await announced(ctx, activity, sender, uri, await _told(ctx, inner))
    status = await ctx.resolver.ctx.db.read(find_status, uri)
    if isinstance(effect, Ignored) or status is None:
        return effect
    is_answer = status.in_reply_to_uri is not None
    return nothing if is_answer else partial(_show, group=sender, status_id=status.id, announce=effect)


async def _told(ctx: Arrival, inner: Activity) -> tuple[RemoteStatus, Actor] | None:
    """Return the status that an activity creates, and its author, if that author proves to say so to everybody."""
    author = await _proved_author(ctx, inner)
    if author is None or inner.object.document is None:
        return None
    remote = parse_status(inner.object.document, allow_http=ctx.test_network, envelope=inner)
    is_open = visibility(remote.to, remote.cc, author.followers_uri) in OPEN
    is_told = remote.attributed_to == author.uri and is_open
    return (remote, author) if is_told else None


async def _proved_author(ctx: Arrival, inner: Activity) -> Actor | None:
    """Return the actor of an activity that is announced, if it proves to be that one's word."""
    known = await proved_author(ctx.resolver, inner)
    return known[1] if known else None


def _show(unit: Unit, *, group: Actor, status_id: int, announce: Effect) -> None:
    """Show a thread, unless the plain announce has come before: that is the one which the group takes back."""
    if find_announce(unit, group.id, status_id) is None:
        announce(unit)


async def receive_updated(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """Something in a group says something else now, or the group does."""
    inner = _inner(activity)
    if inner.object.uri == sender.uri:
        await ctx.resolver.actor(sender.uri, ctx.budget, fresh=True)
        return nothing
    status = await _known(ctx, inner)
    if isinstance(status, Ignored):
        return status
    return await look_again(ctx, status.uri) if _is_read_again(sender, status) else NO_SAY


async def receive_deleted(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """An author deletes, or a moderator removes: what its origin has no more goes, else the group shows it no more."""
    inner = _inner(activity)
    status = await _known(ctx, inner)
    if isinstance(status, Ignored):
        return status
    author = await _proved_author(ctx, inner)
    if author is not None and author.id == status.actor_id:
        return partial(delete_told, uri=status.uri)
    if _is_read_again(sender, status):
        gone = await look_whether_gone(ctx, status)
        if not isinstance(gone, Ignored):
            return gone
    return partial(_take_out, group=sender, status_id=status.id)


def _is_read_again(sender: Actor, status: Status) -> bool:
    """True if the word of a group is reason enough to ask the origin of a status what has become of it."""
    return not status.local and (groups.has_say(sender, status) or same_origin(status.uri, sender.uri))


def _take_out(unit: Unit, *, group: Actor, status_id: int) -> None:
    row = find_announce(unit, group.id, status_id)
    if row is not None:
        unannounce(unit, row)


async def receive_voted(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A vote for something in a group is a like, or a reaction. Nobody is read for a vote on what is not ours."""
    inner = _inner(activity)
    status = await _in_its_say(ctx, inner, sender)
    if isinstance(status, Ignored):
        return status
    known = await ctx.resolver.ctx.db.read(find_actor, inner.actor)
    if ctx.resolver.ctx.instance.owns(inner.actor) or (known is None and not status.local):
        return Ignored("a vote that is our own, or a stranger's on what is not ours")
    is_told = same_origin(inner.actor, sender.uri) or await _proved_author(ctx, inner)
    if not is_told and not await _is_confirmed(ctx, inner):
        return Ignored("a vote that is not proved, and not confirmed by the voter's own server")
    voter = await ctx.resolver.actor(inner.actor, ctx.budget)
    if voter.suspended_at is not None:
        return Ignored("the voter is suspended here")
    reaction = await reaction_in(ctx, inner)
    if reaction is None and inner.type != "Like":
        return Ignored("reacts with something that is no emoji")
    return partial(_vote, voter=voter, status_uri=status.uri, like_uri=inner.id, reaction=reaction)


async def _is_confirmed(ctx: Arrival, inner: Activity) -> bool:
    """True if the server of an activity's actor has the same activity under its id. Raises `FetchError`."""
    if not same_origin(inner.id, inner.actor):
        return False
    found = parse_activity(await fetch_object(ctx.resolver.ctx, inner.id, ctx.budget))
    said = (found.id, found.type, found.actor, found.object.uri)
    return said == (inner.id, inner.type, inner.actor, inner.object.uri)


def _vote(unit: Unit, *, voter: Actor, status_uri: str, like_uri: str, reaction: RemoteReaction | None) -> None:
    if same_origin(like_uri, voter.uri):
        like_as_asked(unit, voter, status_uri, Asked(Wish.LIKE, like_uri), reaction)


async def receive_locked(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A thread takes no more answers."""
    return await _lock(ctx, _inner(activity), sender, locked=True)


async def _lock(ctx: Arrival, inner: Activity, sender: Actor, *, locked: bool) -> Effect | Ignored:
    status = await _in_its_say(ctx, inner, sender)
    return status if isinstance(status, Ignored) else partial(_set_lock, status_id=status.id, locked=locked)


def _set_lock(unit: Unit, *, status_id: int, locked: bool) -> None:
    status = unit.get(Status, status_id)
    if status is not None:
        groups.lock(unit, status, locked=locked)


async def receive_blocked(_ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A group keeps somebody out: one of ours follows it no more; with `removeData` it shows nothing of them."""
    inner = _inner(activity)
    if inner.target is None or inner.target.uri != sender.uri or sender.type != "Group" or inner.object.uri is None:
        return Ignored("keeps somebody out of something else than the announcer")
    removes = flag(inner.document, "removeData")
    return partial(_block, group=sender, uri=inner.object.uri, block_uri=activity.id, removes=removes)


def _block(unit: Unit, *, group: Actor, uri: str, block_uri: str, removes: bool) -> None:
    person = find_actor(unit, uri)
    if person is None:
        return
    if person.is_local:
        block(unit, group, person, uri=block_uri)
    if removes:
        shown = select(Announce).join(Status, Status.id == Announce.status_id)
        for row in unit.scalars(shown.where(Announce.actor_id == group.id, Status.actor_id == person.id)).all():
            unannounce(unit, row)


async def receive_undone(ctx: Arrival, activity: Activity, sender: Actor) -> Effect | Ignored:
    """A vote, a lock or an exclusion is taken back; what was removed is shown again."""
    outer = _inner(activity)
    if outer.object.document is None:
        return Ignored("undoes something that is only named")
    inner = parse_activity(outer.object.document)
    match inner.type:
        case "Like" | "EmojiReact":
            status = await _in_its_say(ctx, inner, sender)
            if isinstance(status, Ignored) or inner.actor != outer.actor or ctx.resolver.ctx.instance.owns(inner.actor):
                return NO_SAY
            reaction = await reaction_in(ctx, inner)
            return partial(_unvote, inner=inner, reaction=reaction, status_id=status.id)
        case "Lock":
            return await _lock(ctx, inner, sender, locked=False)
        case "Block" if inner.target is not None and inner.target.uri == sender.uri and inner.object.uri:
            return partial(_unblock, group=sender, uri=inner.object.uri)
        case "Delete" if inner.object.uri is not None:
            return await announced(ctx, activity, sender, inner.object.uri)
    return Ignored(f"undoes a {inner.type}, which has had no effect here")


def _unvote(unit: Unit, *, inner: Activity, reaction: RemoteReaction | None, status_id: int) -> None:
    voter, status = find_actor(unit, inner.actor), unit.get(Status, status_id)
    if voter is None or status is None:
        return
    reacted = reaction_by_uri(unit, voter.id, inner.id) or find_undone(unit, inner, reaction, voter, status)
    if reacted is not None:
        unreact(unit, reacted)
        return
    row = find_like(unit, voter.id, status_id) if reaction is None else None
    if row is not None:
        unlike(unit, row)


def _unblock(unit: Unit, *, group: Actor, uri: str) -> None:
    person = find_actor(unit, uri)
    row = find_block(unit, group.id, person.id) if person else None
    if row is not None:
        unblock(unit, row)


async def _in_its_say(ctx: Arrival, inner: Activity, sender: Actor) -> Status | Ignored:
    """Return the status that an activity is about, if the group that announces this has a say in it."""
    status = await _known(ctx, inner)
    return NO_SAY if isinstance(status, Status) and not groups.has_say(sender, status) else status


async def _known(ctx: Arrival, inner: Activity) -> Status | Ignored:
    status = await ctx.resolver.ctx.db.read(find_status, inner.object.uri) if inner.object.uri else None
    return status or Ignored("is about something that is not known here")


def _inner(activity: Activity) -> Activity:
    """Return the activity that is announced. Raises `Unreadable`."""
    if activity.object.document is None:
        raise Unreadable("The Announce names an activity that does not come along.")
    return parse_activity(activity.object.document)
