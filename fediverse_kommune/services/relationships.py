"""Following, blocking and muting, as a local actor does it, and what it notes of others or shows of them.

https://docs.joinmastodon.org/methods/accounts/#follow and #block, https://docs.joinmastodon.org/methods/follow_requests/
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from activitypub.graph import relationships as graph
from activitypub.models import Actor, Endorsement, Follow, new_id
from activitypub.unit import Unit
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import AccountNote, Mute
from fediverse_kommune.services import interaction_requests, quotes
from fediverse_kommune.services.refusals import Forbidden, Invalid, NotFound
from fediverse_kommune.unwanted import mutes_server
from outbox import send

COMMENT_CHARACTERS = 2_000  # of a note about somebody; Mastodon's figure
LONGEST_MUTE = timedelta(days=10 * 365)

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


class FollowWishes(Struct, frozen=True):
    """What a follower wants of the one followed; None leaves it as it is. No `languages` means all of them."""

    announces: bool | None = None
    notify: bool | None = None
    languages: Sequence[str] | None = None


def find_target(session: Session, actor_id: int) -> Actor:
    """Return the actor with this id. Raises `NotFound` for nobody, a suspended one, and the instance's own."""
    actor = session.get(Actor, actor_id)
    if actor is None or actor.suspended_at is not None or (actor.is_local and actor.type == "Application"):
        raise NotFound
    return actor


def follow(unit: Unit, follower: Actor, target_id: int, wishes: FollowWishes) -> None:
    """Follow, ask to follow, or change what is wanted of a follow that exists.

    Raises `NotFound`, `Forbidden`, and `Invalid` for what is no language.
    """
    target = find_target(unit, target_id)
    if target.id == follower.id:
        raise Forbidden("Nobody can follow themselves.")
    if graph.is_blocked_between(unit, follower.id, target.id):
        raise Forbidden("There is a block between you and this account.")
    if unit.scalar(select(mutes_server(follower.id, target.id))):
        raise Forbidden(f"You have blocked the domain {target.domain}.")
    row = graph.find_follow(unit, follower.id, target.id)
    if row is None:
        row = graph.follow(unit, follower, target)
        send.send_follow(unit, row)
    if wishes.announces is not None:
        row.show_announces = wishes.announces
    if wishes.notify is not None:
        row.notify = wishes.notify
    if wishes.languages is not None:
        row.languages = _languages(wishes.languages)
    unit.flush()


def unfollow(unit: Unit, follower: Actor, target_id: int) -> None:
    """Follow no longer, or take the request back. Raises `NotFound`."""
    target = find_target(unit, target_id)
    row = graph.find_follow(unit, follower.id, target.id)
    if row is not None:
        graph.end_follow(unit, row)
        send.send_undo_follow(unit, row)


def remove_follower(unit: Unit, actor: Actor, follower_id: int) -> None:
    """Let somebody follow no longer. Raises `NotFound`."""
    row = graph.find_follow(unit, find_target(unit, follower_id).id, actor.id)
    if row is not None:
        graph.end_follow(unit, row)
        send.send_reject(unit, row)


def authorize_follow(unit: Unit, actor: Actor, follower_id: int) -> None:
    """Accept a request to be followed. Raises `NotFound` if there is none."""
    row = _request(unit, actor, follower_id)
    graph.accept_follow(unit, row)
    send.send_accept(unit, row)


def reject_follow(unit: Unit, actor: Actor, follower_id: int) -> None:
    """Refuse a request to be followed. Raises `NotFound` if there is none."""
    row = _request(unit, actor, follower_id)
    graph.end_follow(unit, row)
    send.send_reject(unit, row)


def block(unit: Unit, actor: Actor, target_id: int) -> None:
    """Block somebody, cut the follows between the two, and take back what they quote and refuse what they wait for.

    Raises `NotFound`, `Forbidden`.
    """
    target = find_target(unit, target_id)
    if target.id == actor.id:
        raise Forbidden("Nobody can block themselves.")
    # Servers that do not know Block still understand that the follows are over.
    unfollow(unit, actor, target.id)
    remove_follower(unit, actor, target.id)
    quotes.revoke_all_by(unit, actor, target)
    interaction_requests.refuse_all_by(unit, actor, target)
    if graph.find_block(unit, actor.id, target.id) is None:
        send.send_block(unit, graph.block(unit, actor, target))


def unblock(unit: Unit, actor: Actor, target_id: int) -> None:
    """Take a block back. Raises `NotFound`."""
    target = find_target(unit, target_id)
    row = graph.find_block(unit, actor.id, target.id)
    if row is not None:
        graph.unblock(unit, row)
        send.send_unblock(unit, row)


def mute(unit: Unit, actor: Actor, target_id: int, *, notifications: bool = True, seconds: int = 0) -> None:
    """See somebody no longer, without letting them know; for some `seconds`, or (0) until it is taken back.

    A second mute replaces what was wanted of the first; oneself cannot be muted. Raises `NotFound`, `Invalid`.
    """
    target = find_target(unit, target_id)
    if not 0 <= seconds <= LONGEST_MUTE.total_seconds():
        raise Invalid(f"duration is a number of seconds, {LONGEST_MUTE.total_seconds():.0f} at most, or 0 for ever.")
    if target.id == actor.id:
        return
    row = unit.scalar(select(Mute).where(Mute.actor_id == actor.id, Mute.target_id == target.id))
    if row is None:
        row = Mute(id=new_id(unit.now), actor_id=actor.id, target_id=target.id, created_at=unit.now)
        unit.add(row)
    row.hides_notifications = notifications
    row.expires_at = unit.now + timedelta(seconds=seconds) if seconds else None
    unit.flush()


def unmute(unit: Unit, actor: Actor, target_id: int) -> None:
    """Take a mute back. Raises `NotFound` for nobody."""
    target = find_target(unit, target_id)
    unit.execute(delete(Mute).where(Mute.actor_id == actor.id, Mute.target_id == target.id))


def end_mutes(unit: Unit) -> None:
    """Remove the mutes whose time is over. Housekeeping; nobody sees them from that moment on anyway."""
    unit.execute(delete(Mute).where(Mute.expires_at <= unit.now).execution_options(synchronize_session=False))


def write_note(unit: Unit, actor: Actor, target_id: int, comment: str) -> None:
    """Write down something about somebody, for oneself; a blank text removes it. Raises `NotFound`, `Invalid`."""
    target = find_target(unit, target_id)
    if len(comment) > COMMENT_CHARACTERS:
        raise Invalid(f"The note has more than {COMMENT_CHARACTERS} characters.")
    row = unit.get(AccountNote, (actor.id, target.id))
    if not comment.strip():
        unit.execute(delete(AccountNote).where(AccountNote.actor_id == actor.id, AccountNote.target_id == target.id))
    elif row is None:
        unit.add(AccountNote(actor_id=actor.id, target_id=target.id, comment=comment))
    else:
        row.comment = comment
    unit.flush()


def endorse(unit: Unit, actor: Actor, target_id: int) -> None:
    """Show somebody whom one follows on one's profile; a second time changes nothing. Raises `NotFound`, `Invalid`."""
    target = find_target(unit, target_id)
    row = graph.find_follow(unit, actor.id, target.id)
    if row is None or row.accepted_at is None:
        raise Invalid("Validation failed: you must be already following the person you want to endorse")
    insert_new_row(unit, Endorsement, id=new_id(unit.now), actor_id=actor.id, target_id=target.id, created_at=unit.now)


def unendorse(unit: Unit, actor: Actor, target_id: int) -> None:
    """Show somebody on one's profile no longer. Raises `NotFound` for nobody."""
    target = find_target(unit, target_id)
    unit.execute(delete(Endorsement).where(Endorsement.actor_id == actor.id, Endorsement.target_id == target.id))


def _languages(tags: Sequence[str]) -> list[str] | None:
    """Return language tags (BCP 47) each once; None for none at all. Raises `Invalid` for what cannot be one."""
    wanted = list(dict.fromkeys(tag for tag in tags if tag))
    for tag in wanted:
        if not _LANGUAGE.fullmatch(tag):
            raise Invalid(f"{tag[:40]!r} is no language tag such as de or en-GB.")
    return wanted or None


def _request(unit: Unit, actor: Actor, follower_id: int) -> Follow:
    row = graph.find_follow(unit, follower_id, actor.id)
    if row is None or row.accepted_at is not None:
        raise NotFound
    return row
