"""InteractionPolicy: who may like, answer and announce a post, as GoToSocial tells it and apps for it read it.

https://docs.gotosocial.org/en/latest/api/swagger/ (interactionPolicy); who may quote is in `quote_approval`.
"""

from collections.abc import Mapping

from activitypub.access import Approval, Bond, Group, Interaction, Policy, approval
from activitypub.models import Status
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity

NAMES = {
    "can_favourite": Interaction.LIKE,
    "can_reply": Interaction.REPLY,
    "can_reblog": Interaction.ANNOUNCE,
}


def interaction_policy_entity(status: Status, bond: Bond | None) -> Entity:
    """Return the policy of a post. "me" stands where this reader belongs; `bond` is None for nobody in particular."""
    return policy_entity(status.interaction_policy, bond)


def default_policies_entity(policies: Mapping[Visibility, Policy]) -> Entity:
    """Return what holds for new posts, by visibility. https://docs.gotosocial.org/ (defaultPolicies)"""
    return {visibility.value: policy_entity(policies[visibility], None) for visibility in Visibility}


def policy_entity(policy: Policy, bond: Bond | None) -> Entity:
    """Return a policy, which part by part says who may at once and who has to be let."""
    return {name: _rules(policy, interaction, bond) for name, interaction in NAMES.items()}


def _rules(policy: Policy, interaction: Interaction, bond: Bond | None) -> Entity:
    part = policy.get(interaction) or {}
    automatic, manual = list(part.get(Approval.AUTOMATIC, ())), list(part.get(Approval.MANUAL, ()))
    if not automatic and not manual:
        automatic = [Group.PUBLIC.value]
    mine = approval(policy, interaction, bond) if bond else None
    automatic += ["me"] if mine is Approval.AUTOMATIC else []
    manual += ["me"] if mine is Approval.MANUAL else []
    # Each under its name of GoToSocial 0.20 and under the one before, which apps still read.
    return {
        "automatic_approval": automatic,
        "manual_approval": manual,
        "always": automatic,
        "with_approval": manual,
    }
