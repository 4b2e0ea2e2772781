"""Who may like, answer, announce and quote what one writes: per post, and as a default for each visibility.

https://docs.gotosocial.org/en/latest/api/swagger/ (interactionPolicy); Mastodon's words for quotes are in `quotes`.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.access import OPEN, Group, Interaction, Policy, part_of_policy
from activitypub.models import Actor, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.models import Preference, QuotePolicy
from fediverse_kommune.services import quotes
from fediverse_kommune.services.preferences import stored_preference


def new_policy(
    unit: Unit,
    author: Actor,
    visibility: Visibility,
    wanted: Policy | None,
    quote_policy: QuotePolicy | None,
) -> dict[str, Any]:
    """Return the whole policy of a new post: as asked for, else as the author's defaults.

    Who may quote is said in `wanted` or, in Mastodon's three words, by `quote_policy`; the former counts.
    """
    defaults: Mapping[Visibility, Policy] = {}
    if wanted is None or not (quote_policy or wanted.get(Interaction.QUOTE)):
        defaults = defaults_of(unit, author.id)
    said = dict(defaults[visibility] if wanted is None else wanted)
    if wanted is None or not wanted.get(Interaction.QUOTE):
        said[Interaction.QUOTE] = (
            quotes.part_for(visibility, quote_policy) if quote_policy else defaults[visibility][Interaction.QUOTE]
        )
    return _held_to(visibility, said)


def change_policy(unit: Unit, status: Status, wanted: Policy | None) -> bool:
    """Say anew who may interact with an own post, if it is said; True if that is something else than before.

    What is there stays, also who may quote if that is not said. The caller tells of it.
    """
    if wanted is None:
        return False
    quote = status.interaction_policy.get(Interaction.QUOTE)
    policy = _held_to(status.visibility, {Interaction.QUOTE: quote, **wanted} if quote else wanted)
    if policy == status.interaction_policy:
        return False
    status.interaction_policy = policy
    unit.flush()
    return True


def defaults_of(session: Session, actor_id: int) -> dict[Visibility, Policy]:
    """Return what holds for new posts of an actor, by visibility."""
    columns = (Preference.interaction_policies, Preference.quote_policy)
    row = session.execute(select(*columns).where(Preference.actor_id == actor_id)).one_or_none()
    stored: Mapping[str, Policy] = row[0] if row else {}
    quote_policy = row[1] if row else QuotePolicy.PUBLIC
    return {
        visibility: _held_to(
            visibility,
            {Interaction.QUOTE: quotes.part_for(visibility, quote_policy), **stored.get(visibility, {})},
        )
        for visibility in Visibility
    }


def set_defaults(unit: Unit, actor_id: int, wanted: Mapping[Visibility, Policy]) -> None:
    """Store what is to hold for new posts; a visibility that is not named goes back to what it was at first."""
    row = stored_preference(unit, actor_id)
    row.interaction_policies = {visibility.value: dict(policy) for visibility, policy in wanted.items()}
    unit.flush()


def set_quote_default(unit: Unit, actor_id: int, wanted: QuotePolicy) -> None:
    """Store who may quote new posts, in place of what the defaults by visibility said of that."""
    row = stored_preference(unit, actor_id)
    row.quote_policy = wanted
    row.interaction_policies = {
        visibility: {name: part for name, part in policy.items() if name != Interaction.QUOTE}
        for visibility, policy in row.interaction_policies.items()
    }
    unit.flush()


def _held_to(visibility: Visibility, said: Policy) -> dict[str, Any]:
    """Return the parts that are said; what is not for everybody its author alone announces and quotes (row H07)."""
    parts: dict[str, Any] = {part.value: dict(said[part]) for part in Interaction if said.get(part)}
    if visibility not in OPEN:
        closed = (Interaction.ANNOUNCE, *((Interaction.QUOTE,) if said.get(Interaction.QUOTE) else ()))
        parts |= {part.value: part_of_policy(Group.AUTHOR) for part in closed}
    return parts
