"""https://docs.joinmastodon.org/methods/apps/"""

from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.application import application_entity, credential_application_entity
from fediverse_kommune.api.oauth.applications import AppForm, find_application, new_secrets, register
from fediverse_kommune.api.routing import Auth, Call, Routes

routes = Routes()


@routes.post("/api/v1/apps", auth=Auth.NOBODY_ASKED)
async def create(call: Call) -> Entity:
    """Register an app. Its secret is shown this once."""
    uris = call.params.many("redirect_uris") or []
    form = AppForm(
        name=call.params.required("client_name"),
        redirect_uris=tuple(uri for text in uris for uri in text.split()),
        scopes=call.params.text("scopes") or "",
        website=call.params.text("website") or None,
    )
    secrets = new_secrets()
    application = await call.write(register, form, secrets)
    return credential_application_entity(application, secrets.client_secret, call.server.vapid.public_key)


@routes.get("/api/v1/apps/verify_credentials", auth=Auth.APP)
async def verify_credentials(call: Call) -> Entity:
    """Return the app whose token this is."""
    if call.viewer is None:
        raise AssertionError("Auth.APP guarantees a viewer")
    return application_entity(
        await call.read(find_application, call.viewer.application_id), call.server.vapid.public_key
    )
