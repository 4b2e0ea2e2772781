"""NodeInfo: what software this is and how much it is used, for those who count the fediverse.

Both 2.0 and 2.1, because some clients take no version above 2.0. https://nodeinfo.diaspora.software/protocol, FEP-0151
"""

from importlib.metadata import version

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.instance import SOURCE
from fediverse_kommune.api.routing import Auth, Cache, Call, Routes

routes = Routes()

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema"
VERSIONS = ("2.0", "2.1")
APPLICATION = "https://www.w3.org/ns/activitystreams#Application"


@routes.get("/.well-known/nodeinfo", auth=Auth.NOBODY_ASKED, cache=Cache.HOURS)
async def discovery(call: Call) -> Entity:
    """Return where the documents are, and which actor speaks for the server (FEP-2677)."""
    instance = call.server.instance
    documents = [{"rel": f"{SCHEMA}/{number}", "href": f"{instance.origin}/nodeinfo/{number}"} for number in VERSIONS]
    return {"links": [*documents, {"rel": APPLICATION, "href": instance.actor_uri}]}


@routes.get("/nodeinfo/2.0", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def nodeinfo_2_0(call: Call) -> Entity:
    """Return the document of version 2.0."""
    return await _document(call, "2.0")


@routes.get("/nodeinfo/2.1", auth=Auth.NOBODY_ASKED, cache=Cache.MINUTES)
async def nodeinfo_2_1(call: Call) -> Entity:
    """Return the document of version 2.1, which also says where the source is."""
    document = await _document(call, "2.1")
    document["software"] |= {"repository": SOURCE}
    return document


async def _document(call: Call, number: str) -> Entity:
    usage = await call.server.statistics.usage()
    config = call.server.config.instance
    return {
        "version": number,
        "software": {"name": "fediverse_kommune", "version": version("fediverse-kommune")},
        "protocols": ["activitypub"],
        "services": {"inbound": [], "outbound": []},
        "openRegistrations": call.server.config.lets_people_register,
        "usage": {
            "users": {
                "total": usage.users,
                "activeMonth": usage.active_month,
                "activeHalfyear": usage.active_half_year,
            },
            "localPosts": usage.statuses,
        },
        "metadata": {
            "nodeName": call.server.instance.name,
            "nodeDescription": config.description,
            "langs": list(config.languages),
            "staffAccounts": list(usage.staff),
            "federation": {"enabled": True},  # with an allowlist, too: then with those who are on it
        },
    }
