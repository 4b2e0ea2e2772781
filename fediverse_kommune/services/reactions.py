"""Reacting to a post with an emoji, as a local actor does it: only to what the actor may read (row H03).

https://docs.pleroma.social/backend/development/API/pleroma_api/
"""

from sqlalchemy.orm import Session

from activitypub.access import Approval, Interaction
from activitypub.caps import CAPS
from activitypub.emojis import emoji_in
from activitypub.graph import reactions as graph
from activitypub.graph.reactions import ChosenEmoji, find_reaction, own_emoji
from activitypub.graph.requests import verdict_on
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from fediverse_kommune.services.interactions import check_policy, find_readable
from fediverse_kommune.services.refusals import Forbidden, Invalid
from outbox import send


def react(unit: Unit, actor: Actor, status_id: int, text: str) -> None:
    """React to a status; a second time changes nothing.

    `text` is an emoji, or the name of one of our pictures or of one that stands below the status already, with or
    without colons. Raises `NotFound`, `Invalid`, and `Forbidden` if its author decides on each like, or on this one.
    """
    status = find_readable(unit, actor, status_id)
    chosen = _chosen(unit, unit.instance, status, text)
    if find_reaction(unit, actor.id, status.id, chosen.name) is not None:
        return
    check_policy(unit, actor, status, Interaction.LIKE)
    if verdict_on(unit, actor, status, Interaction.LIKE) is Approval.MANUAL:
        raise Forbidden("The author of this post wants to be asked for each like, and an emoji cannot ask.")
    row = graph.react(unit, actor, status, chosen)
    if row is None:
        raise Invalid(
            f"There is no more room: {CAPS.reactions_per_actor} different emoji of one person, and "
            f"{CAPS.reactions_per_status} of all, is what a post takes."
        )
    send.send_reaction(unit, row, status)


def unreact(unit: Unit, actor: Actor, status_id: int, text: str) -> None:
    """Take a reaction back, if there is one. Raises `NotFound`."""
    status = find_readable(unit, actor, status_id)
    row = find_reaction(unit, actor.id, status.id, named(unit.instance, text))
    if row is not None:
        graph.unreact(unit, row)
        send.send_unreaction(unit, row, status)


def named(instance: LocalInstance, text: str) -> str:
    """Return the name under which an emoji stands, of those that clients give it."""
    return emoji_in(text) or text.strip(":").removesuffix(f"@{instance.account_domain}")


def _chosen(session: Session, instance: LocalInstance, status: Status, text: str) -> ChosenEmoji:
    name = named(instance, text)
    if emoji_in(name):
        return ChosenEmoji(name)
    there = next((entry for entry in status.reactions if entry["name"] == name and "url" in entry), None)
    if there is not None:
        return ChosenEmoji(name, there["url"], there["static_url"])
    chosen = own_emoji(session, instance, name)
    if chosen is None:
        raise Invalid("This is no emoji, nor the name of one of this instance or of one below this post.")
    return chosen
