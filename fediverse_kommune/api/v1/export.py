"""Taking along all that one has: https://codeberg.org/fediverse/fep/src/branch/main/fep/9091/fep-9091.md

An actor's document names this address (`service`). Whoever may read everything may ask for it: it holds nothing that
other routes do not show to the same token.
"""

from quart import Response

from fediverse_kommune.api.limits import Budget
from fediverse_kommune.api.routing import Call, Routes
from fediverse_kommune.archive import pack
from fediverse_kommune.models import Standing

routes = Routes()


@routes.post("/api/v1/accounts/export", scope="read", standing=Standing.OWNER, budget=Budget.EXPORTS)
async def export(call: Call) -> Response:
    """Return the profile, posts, files, follows, lists and settings of the actor, as a tar file (FEP-6fcd)."""
    actor = call.me.actor
    response = Response(pack(call.server, actor.id, actor.outbox_uri or actor.uri), content_type="application/x-tar")
    response.timeout = None  # as long as it takes
    name = f"{actor.username}-{call.server.clock().date().isoformat()}.tar"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
