"""InteractionPolicy: who may like, answer, announce and quote a post, as apps for GoToSocial read it.

https://docs.gotosocial.org/en/latest/api/swagger/ (interactionPolicy). Who may quote is in `quote_approval` as well,
which knows fewer words; `can_quote` has the same form as the other three.
"""

from collections.abc import Mapping

from activitypub.access import (
    Approval,
    Bond,
    Group,
    Interaction,
    Policy,
    approval,
    is_for_everybody,
    quote_approval,
)
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity

NAMES = {
    "can_favourite": Interaction.LIKE,
    "can_reply": Interaction.REPLY,
    "can_reblog": Interaction.ANNOUNCE,
    "can_quote": Interaction.QUOTE,
}


def interaction_policy_entity(policy: Policy, visibility: Visibility, bond: Bond | None) -> Entity:
    """Return the policy of a post. "me" stands where this reader belongs; `bond` is None for nobody in particular."""
    return policy_entity(policy, {} if bond is None else _judged(policy, visibility, bond))


def default_policies_entity(policies: Mapping[Visibility, Policy]) -> Entity:
    """Return what holds for new posts, by visibility. https://docs.gotosocial.org/ (defaultPolicies)"""
    return {visibility.value: policy_entity(policies[visibility], {}) for visibility in Visibility}


def policy_entity(policy: Policy, mine: Mapping[Interaction, Approval]) -> Entity:
    """Return a policy, which part by part says who may at once and who has to be let; `mine` is what a reader may."""
    return {name: _rules(policy, interaction, mine.get(interaction)) for name, interaction in NAMES.items()}


def _judged(policy: Policy, visibility: Visibility, bond: Bond) -> Mapping[Interaction, Approval]:
    found = {interaction: approval(policy, interaction, bond) for interaction in NAMES.values()}
    return found | {Interaction.QUOTE: quote_approval(policy, visibility, bond)}


def _rules(policy: Policy, interaction: Interaction, mine: Approval | None) -> Entity:
    part = policy.get(interaction) or {}
    automatic, manual = list(part.get(Approval.AUTOMATIC, ())), list(part.get(Approval.MANUAL, ()))
    if not automatic and not manual:
        automatic = [Group.PUBLIC.value if is_for_everybody(policy, interaction) else Group.AUTHOR.value]
    automatic += ["me"] if mine is Approval.AUTOMATIC else []
    manual += ["me"] if mine is Approval.MANUAL else []
    # Each under its name of GoToSocial 0.20 and under the one before, which apps still read.
    return {
        "automatic_approval": automatic,
        "manual_approval": manual,
        "always": automatic,
        "with_approval": manual,
    }
