"""Who may like, answer, announce and quote new posts.

https://docs.gotosocial.org/en/latest/api/swagger/ (interaction_policies)
"""

from collections.abc import Sequence

from activitypub.access import Group, Policy, part_of_policy
from activitypub.caps import CAPS
from activitypub.instance import LocalInstance
from activitypub.unit import Unit
from activitypub.uris import InvalidUri, validated_url
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.interaction_policy import NAMES, default_policies_entity
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.models import Standing
from fediverse_kommune.services import policies
from fediverse_kommune.services.refusals import Invalid

routes = Routes()

# "mutuals" cannot be told to other servers; GoToSocial keeps the word for later, too.
WORDS = frozenset(Group) - {Group.MUTUALS}
READER = "me"  # stands in what apps were shown, and may come back with it


@routes.get("/api/v1/interaction_policies/defaults", scope="read:accounts")
async def show_defaults(call: Call) -> Entity:
    """Return what holds for one's new posts, by visibility."""
    return default_policies_entity(await call.read(policies.defaults_of, call.me.actor.id))


@routes.patch("/api/v1/interaction_policies/defaults", scope="write:accounts", standing=Standing.EDITOR)
async def change_defaults(call: Call) -> Entity:
    """Say what is to hold for one's new posts; a visibility that is not named goes back to what it was at first."""
    instance = call.server.instance
    wanted = {
        visibility: read_policy(call.params.nested(visibility.value), instance)
        for visibility in Visibility
        if call.params.is_filled(visibility.value)
    }
    return default_policies_entity(await call.write(_change_defaults, call.me.actor.id, wanted))


def interaction_policy(params: Params, instance: LocalInstance) -> Policy | None:
    """Return the policy for a post; None if it was not sent. Raises `Invalid`."""
    if not params.is_filled("interaction_policy"):
        return None
    return read_policy(params.nested("interaction_policy"), instance)


def read_policy(params: Params, instance: LocalInstance) -> Policy:
    """Return a policy in our words. Nobody named is the author alone; a part that is not there is everybody."""
    found = {}
    for name, interaction in NAMES.items():
        rules = params.nested(name)
        automatic = _entries(rules, f"{name}.automatic_approval", "automatic_approval", "always", instance)
        manual = _entries(rules, f"{name}.manual_approval", "manual_approval", "with_approval", instance)
        if automatic is not None or manual is not None:
            automatic, manual = automatic or [], manual or []
            found[interaction.value] = part_of_policy(
                *(automatic if automatic or manual else [Group.AUTHOR]), manual=manual
            )
    return found


def _entries(rules: Params, where: str, name: str, former_name: str, instance: LocalInstance) -> Sequence[str] | None:
    sent = rules.many(name)
    words = sent if sent is not None else rules.many(former_name)
    if words is None:
        return None
    if len(words) > CAPS.policy_actors:
        raise Invalid(f"{where} names at most {CAPS.policy_actors}.")
    return list(dict.fromkeys(_entry(word, where, instance) for word in words if word != READER))


def _entry(word: str, where: str, instance: LocalInstance) -> str:
    if word in WORDS:
        return word
    try:
        return validated_url(word, allow_http=instance.test_network)
    except InvalidUri:
        known = ", ".join(sorted(WORDS))
        raise Invalid(f"{where} names {known}, or an actor by its URI, and not {word[:40]!r}.") from None


def _change_defaults(unit: Unit, actor_id: int, wanted: dict[Visibility, Policy]) -> dict[Visibility, Policy]:
    policies.set_defaults(unit, actor_id, wanted)
    return policies.defaults_of(unit, actor_id)
