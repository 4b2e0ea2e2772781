"""Registering an account, and the mail that confirms it.

https://docs.joinmastodon.org/methods/accounts/#create and https://docs.joinmastodon.org/methods/emails/
"""

import asyncio
import secrets

from activitypub.unit import Unit
from fediverse_kommune.api.auth import Viewer
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.application import token_entity
from fediverse_kommune.api.limits import Budget
from fediverse_kommune.api.routing import Auth, Call, Routes
from fediverse_kommune.catalogues import LANGUAGES
from fediverse_kommune.config import InstanceConfig
from fediverse_kommune.models import AccessToken
from fediverse_kommune.services import registration, subscriptions
from fediverse_kommune.services.passwords import hash_password
from fediverse_kommune.services.refusals import Forbidden, NotFound
from fediverse_kommune.services.registration import Admission, Registration
from fediverse_kommune.services.scopes import in_order
from fediverse_kommune.services.tokens import digest, store_token

routes = Routes()


@routes.post("/api/v1/accounts", scope="write:accounts", auth=Auth.APP, budget=Budget.SIGN_UPS)
async def create(call: Call) -> Entity:
    """Register somebody; the app gets a token that opens everything once the address is confirmed."""
    config = call.server.config
    viewer = _app(call)
    if not config.lets_people_register or viewer.person is not None:
        raise Forbidden("Nobody can register here by themselves.")
    form = _form(call)
    registration.check_form(form, config.instance, call.server.clock().date())
    password_hash = await asyncio.to_thread(hash_password, form.password)
    admission = Admission(password_hash, secrets.token_urlsafe(32), call.request.remote_addr)
    access = secrets.token_urlsafe(32)
    row = await call.write(_register, form, config.instance, admission, viewer, access)
    return token_entity(access, row.scopes, row.created_at)


@routes.post("/api/v1/emails/confirmations", scope="write:accounts", auth=Auth.APP, budget=Budget.SIGN_UPS)
async def send_again(call: Call) -> Entity:
    """Send the mail that confirms an address again."""
    viewer = _app(call)
    if viewer.person is not None or (viewer.waiting is not None and viewer.waiting.confirmed):
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation")
    if viewer.waiting is None:
        raise Forbidden("This method is only available to the application the user originally signed-up with")
    token = secrets.token_urlsafe(32)
    await call.write(registration.send_again, viewer.waiting.user_id, token, call.params.text("email"))
    return {}


@routes.get("/api/v1/emails/check_confirmation", scope="read:accounts", auth=Auth.APP)
async def check_confirmation(call: Call) -> bool:
    """Say whether the address has been confirmed."""
    viewer = _app(call)
    return viewer.person is not None or (viewer.waiting is not None and viewer.waiting.confirmed)


@routes.post("/api/v1/accounts/<account_id>/email_subscriptions", auth=Auth.NOBODY_ASKED, budget=Budget.SIGN_UPS)
async def subscribe(call: Call, account_id: int) -> Entity:
    """Ask an address whether it wants an account's posts by mail; 404 where that is not offered."""
    if not call.server.config.sends_mail:
        raise NotFound
    wishes = (tag.partition("-")[0].lower() for tag in call.request.accept_languages.values())
    locale = next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])
    await call.write(subscriptions.subscribe, account_id, call.params.text("email") or "", locale)
    return {}


def _app(call: Call) -> Viewer:
    if call.viewer is None:
        raise AssertionError("Auth.APP guarantees a viewer")
    return call.viewer


def _form(call: Call) -> Registration:
    locale = (call.params.text("locale") or "").partition("-")[0]
    return Registration(
        username=(call.params.text("username") or "").strip(),
        email=call.params.text("email") or "",
        password=call.params.text("password") or "",
        agreement=call.params.boolean("agreement") or False,
        locale=locale if locale in LANGUAGES else LANGUAGES[0],
        reason=call.params.text("reason") or "",
        date_of_birth=call.params.text("date_of_birth") or "",
    )


def _register(
    unit: Unit, form: Registration, rules: InstanceConfig, admission: Admission, app: Viewer, access: str
) -> AccessToken:
    user = registration.register(unit, form, rules, admission)
    row = AccessToken(
        token_hash=digest(access),
        application_id=app.application_id,
        user_id=user.id,
        actor_id=user.actor_id,
        scopes=" ".join(in_order(app.scopes)),
    )
    return store_token(unit, row)
