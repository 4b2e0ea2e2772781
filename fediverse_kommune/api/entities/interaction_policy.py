"""InteractionPolicy: who may like, answer and announce a post, as GoToSocial tells it and apps for it read it.

https://docs.gotosocial.org/en/latest/api/swagger/ (interactionPolicy); who may quote is in `quote_approval`.
"""

from activitypub.access import Approval, Bond, Group, Interaction, approval
from activitypub.models import Status
from fediverse_kommune.api.entities import Entity

NAMES = {
    "can_favourite": Interaction.LIKE,
    "can_reply": Interaction.REPLY,
    "can_reblog": Interaction.ANNOUNCE,
}


def interaction_policy_entity(status: Status, bond: Bond | None) -> Entity:
    """Return the policy of a post. "me" stands where this reader belongs; `bond` is None for nobody in particular."""
    return {name: _rules(status, interaction, bond) for name, interaction in NAMES.items()}


def _rules(status: Status, interaction: Interaction, bond: Bond | None) -> Entity:
    part = status.interaction_policy.get(interaction) or {}
    automatic, manual = list(part.get(Approval.AUTOMATIC, ())), list(part.get(Approval.MANUAL, ()))
    if not automatic and not manual:
        automatic = [Group.PUBLIC.value]
    mine = approval(status.interaction_policy, interaction, bond) if bond else None
    return {
        "automatic_approval": automatic + (["me"] if mine is Approval.AUTOMATIC else []),
        "manual_approval": manual + (["me"] if mine is Approval.MANUAL else []),
    }
