"""The `interactionPolicy` of a status, and the stamps by which its author allows a single interaction.

Source: https://docs.gotosocial.org/en/latest/federation/interaction_controls/, FEP-044f ("Advertising a quote policy")
"""

from collections.abc import Mapping

from activitypub.caps import CAPS
from activitypub.properties import Document, embedded, one_uri, recipients
from activitypub.vocabulary import type_of

PARTS = ("canLike", "canReply", "canAnnounce", "canQuote")
# GoToSocial before 0.20 knew only the second name of each.
_NAMES = {"automatic": ("automaticApproval", "always"), "manual": ("manualApproval", "approvalRequired")}


def read_policy(document: Document) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the parts of the policy that are there: who is approved at once and who on request, by URI."""
    policy = embedded(document, "interactionPolicy")
    found = {name: _part(embedded(policy, name)) for name in PARTS}
    return {name: part for name, part in found.items() if any(part.values())}


def _part(document: Document) -> Mapping[str, tuple[str, ...]]:
    return {word: _named(document, names) for word, names in _NAMES.items()}


def _named(document: Document, names: tuple[str, str]) -> tuple[str, ...]:
    current, former = (recipients(document, name) for name in names)
    return (current or former)[: CAPS.policy_actors]


def vouches_for(stamp: Document, kind: str, interacting: str, target: str, author: str) -> bool:
    """True if a stamp, as its origin has just shown it, allows this very pair (row A17).

    FEP-044f, "Verifying a QuoteAuthorization"; GoToSocial's authorizations have the same form.
    """
    said = (type_of(stamp), one_uri(stamp, "interactingObject"), one_uri(stamp, "interactionTarget"))
    return said == (kind, interacting, target) and one_uri(stamp, "attributedTo") == author
