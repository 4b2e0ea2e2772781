"""Who may like, answer and announce what one writes: per post, and as a default for each visibility.

Who may quote is said apart from it (`quotes`). https://docs.gotosocial.org/en/latest/api/swagger/ (interactionPolicy)
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

PARTS = (Interaction.LIKE, Interaction.REPLY, Interaction.ANNOUNCE)


def new_policy(
    unit: Unit,
    author: Actor,
    visibility: Visibility,
    wanted: Policy | None,
    quote_policy: QuotePolicy | None,
) -> dict[str, Any]:
    """Return the whole policy of a new post: as asked for, else as the author's defaults."""
    columns = (Preference.interaction_policies, Preference.quote_policy)
    row = None
    if wanted is None or quote_policy is None:
        row = unit.execute(select(*columns).where(Preference.actor_id == author.id)).one_or_none()
    policies, default = (row[0], row[1]) if row else ({}, QuotePolicy.PUBLIC)
    said = policies.get(visibility, {}) if wanted is None else wanted
    return {
        **_held_to(visibility, said),
        Interaction.QUOTE.value: quotes.part_for(visibility, quote_policy or default),
    }


def change_policy(unit: Unit, status: Status, wanted: Policy | None) -> bool:
    """Say anew who may interact with an own post, if it is said; True if that is something else than before.

    What is there stays. The caller tells of it.
    """
    if wanted is None:
        return False
    quote = status.interaction_policy.get(Interaction.QUOTE)
    policy = {**_held_to(status.visibility, wanted), **({Interaction.QUOTE.value: quote} if quote else {})}
    if policy == status.interaction_policy:
        return False
    status.interaction_policy = policy
    unit.flush()
    return True


def defaults_of(session: Session, actor_id: int) -> dict[Visibility, Policy]:
    """Return what holds for new posts of an actor, by visibility."""
    stored = session.scalar(select(Preference.interaction_policies).where(Preference.actor_id == actor_id)) or {}
    return {visibility: _held_to(visibility, stored.get(visibility, {})) for visibility in Visibility}


def set_defaults(unit: Unit, actor_id: int, wanted: Mapping[Visibility, Policy]) -> None:
    """Store what is to hold for new posts; a visibility that is not named goes back to what it was at first."""
    row = stored_preference(unit, actor_id)
    row.interaction_policies = {visibility.value: dict(policy) for visibility, policy in wanted.items()}
    unit.flush()


def _held_to(visibility: Visibility, said: Policy) -> dict[str, Any]:
    """Return the parts that are said; what is not for everybody is announced by its author alone (row H07)."""
    parts: dict[str, Any] = {part.value: dict(said[part]) for part in PARTS if said.get(part)}
    if visibility not in OPEN:
        parts[Interaction.ANNOUNCE.value] = part_of_policy(Group.AUTHOR)
    return parts
