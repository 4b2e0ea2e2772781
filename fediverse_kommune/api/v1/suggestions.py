"""https://docs.joinmastodon.org/methods/suggestions/, both versions."""

from collections.abc import Sequence

from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.api.entities.suggestion import suggestion_entity
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.services import discovery

routes = Routes()


@routes.get("/api/v2/suggestions", scope="read:accounts")
async def show_all(call: Call) -> list[Entity]:
    """Return whom one might like to follow, and why."""
    return [suggestion_entity(one, call.server.instance) for one in await _suggestions(call)]


@routes.get("/api/v1/suggestions", scope="read:accounts")
async def show_all_v1(call: Call) -> list[Entity]:
    """Return whom one might like to follow."""
    return _accounts(await _suggestions(call), call.server.instance)


# "read" is what the documentation asks for; it is a change of the account as well.
@routes.delete("/api/v1/suggestions/<account_id>", scope=("read", "write:accounts"))
async def dismiss(call: Call, account_id: int) -> Entity:
    """Suggest somebody no more."""
    await call.write(discovery.dismiss, call.me.actor, account_id)
    return {}


async def _suggestions(call: Call) -> list[discovery.Suggestion]:
    return await call.read(discovery.suggest, call.me.actor, call.page(default=40, most=80).limit)


def _accounts(suggestions: Sequence[discovery.Suggestion], instance: LocalInstance) -> list[Entity]:
    return [account_entity(one.actor, instance) for one in suggestions]
