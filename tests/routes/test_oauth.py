"""How an app gets a token. https://docs.joinmastodon.org/client/token/"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import select

from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from fediverse_kommune.models import AccessToken, AuthorizationCode, User
from fediverse_kommune.services.accounts import create_team
from tests.client import Browser, Client, Reply, anonymous, app_of
from tests.fediverse import shared_key
from tests.town import Town

BACK = "https://app.example/back"
IVORY = "com.tapbots.Ivory.10217:/request_token"


@dataclass(slots=True)
class App:
    """An app that somebody is about to let in."""

    town: Town
    client_id: str
    client_secret: str
    verifier: str

    @classmethod
    async def register(cls, town: Town, *, uris: Any = BACK, scopes: str = "read write follow") -> "App":
        form = {"client_name": "Probe", "redirect_uris": uris, "scopes": scopes}
        made = await anonymous(town).post("/api/v1/apps", json=form)
        return cls(town, made["client_id"], made["client_secret"], secrets.token_urlsafe(48))

    def address(self, **changes: str | None) -> str:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK,
            "scope": "read write",
            "state": "st&te",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})

    async def code(self, username: str = "anna", **changes: str | None) -> str:
        """Log a browser in, agree, and return the code."""
        browser = Browser(self.town)
        await browser.open(self.address(**changes))
        await browser.log_in(username)
        await browser.open(self.address(**changes))
        reply = await browser.submit({})
        return answer(reply)["code"]

    async def token(self, code: str, /, **changes: str | None) -> Reply:
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": self.verifier,
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        return await anonymous(self.town).ask("POST", "/oauth/token", data=sent)


def answer(reply: Reply) -> dict[str, str]:
    """What an app reads from the address that the browser is sent to."""
    assert reply.status == 303, reply.text
    return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["Location"]).query).items()}


async def test_from_registration_to_the_first_request(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    browser = Browser(stadt)
    to_login = await browser.open(app.address())
    assert to_login.status == 303
    assert to_login.headers["Location"].startswith("/login?next=%2Foauth%2Fauthorize")
    await browser.open(to_login.headers["Location"])
    back = await browser.submit({"username": "anna@post.example", "password": "ein langes Passwort"})
    assert parse_qs(urlsplit(back.headers["Location"]).query) == parse_qs(urlsplit(app.address()).query)
    page = await browser.open(back.headers["Location"])
    assert "Probe" in page.text
    assert "app.example" in page.text
    sent = await browser.submit({})
    assert sent.headers["Location"].startswith(f"{BACK}?")
    assert answer(sent)["state"] == "st&te"
    reply = await app.token(answer(sent)["code"])
    assert (reply.status, reply.json["token_type"], reply.json["scope"]) == (200, "Bearer", "read write")
    assert reply.headers["Cache-Control"] == "private, no-store"
    client = Client(stadt, reply.json["access_token"])
    assert (await client.get("/api/v1/accounts/verify_credentials"))["acct"] == "anna"
    assert (await client.get("/api/v1/apps/verify_credentials"))["name"] == "Probe"


async def test_the_consent_page_lets_nothing_out(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt, uris=[BACK, IVORY])
    browser = Browser(stadt)
    await browser.log_in("anna")
    page = await browser.open(app.address())
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example;" in policy
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "private, no-store"
    page = await browser.open(app.address(redirect_uri=IVORY))
    assert "form-action 'self' com.tapbots.ivory.10217:;" in page.headers["Content-Security-Policy"]


async def test_an_app_with_its_own_scheme_is_sent_its_code(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt, uris=f"{BACK}\n{IVORY}")
    code = await app.code(redirect_uri=IVORY)
    assert (await app.token(code, redirect_uri=IVORY)).status == 200


async def test_without_an_address_the_code_is_shown(stadt: Town) -> None:
    await app_of(stadt, "anna")
    oob = "urn:ietf:wg:oauth:2.0:oob"
    app = await App.register(stadt, uris=oob)
    browser = Browser(stadt)
    await browser.log_in("anna")
    await browser.open(app.address(redirect_uri=oob))
    page = await browser.submit({})
    code = page.text.partition("<code>")[2].partition("</code>")[0]
    assert (await app.token(code, redirect_uri=oob)).status == 200


async def test_who_refuses_sends_the_app_away(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    browser = Browser(stadt)
    await browser.log_in("anna")
    await browser.open(app.address())
    assert answer(await browser.submit({}, form=1)) == {"error": "access_denied", "state": "st&te"}
    assert await stadt.count(AuthorizationCode) == 0


async def test_what_an_app_asks_wrongly_is_told_to_the_app(stadt: Town, subtests: pytest.Subtests) -> None:
    app = await App.register(stadt)
    for changes, error in [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read admin:write"}, "invalid_scope"),
        ({"scope": "read push"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
    ]:
        with subtests.test(changes=changes, error=error):
            reply = await Browser(stadt).open(app.address(**changes))
            assert answer(reply)["error"] == error
            assert answer(reply)["state"] == "st&te"


async def test_force_login_asks_for_the_password_again(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    browser = Browser(stadt)
    await browser.log_in("anna")
    reply = await browser.open(app.address(force_login="true"))
    assert reply.headers["Location"].startswith("/login?")
    page = await browser.open(reply.headers["Location"])
    assert 'type="password"' in page.text


async def test_an_app_may_act_as_an_actor_of_ones_team_and_of_no_other(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await app_of(stadt, "bert")

    def found_club(unit: Unit, owner: str) -> int:
        user_id = unit.scalars(select(User.id).where(User.actor_id == int(owner))).one()
        pem = private_pem(shared_key("resident"))
        return create_team(unit, user_id, "sportverein", kind="Group", name="SV", private_key_pem=pem).id

    club = await stadt.write(found_club, anna.id)
    app = await App.register(stadt)
    browser = Browser(stadt)
    await browser.log_in("anna")
    page = await browser.open(app.address())
    assert "@sportverein" in page.text
    reply = await app.token(answer(await browser.submit({"actor_id": str(club)}))["code"])
    as_club = Client(stadt, reply.json["access_token"])
    assert (await as_club.get("/api/v1/accounts/verify_credentials"))["group"] is True
    assert (await as_club.write("Training um 18 Uhr"))["account"]["acct"] == "sportverein"

    stranger = Browser(stadt)
    await stranger.log_in("bert")
    page = await stranger.open(app.address())
    assert "@sportverein" not in page.text
    for actor_id in (str(club), anna.id, "1", "x"):
        await stranger.open(app.address())
        assert (await stranger.submit({"actor_id": actor_id})).status == 403


async def test_a_token_for_the_app_itself(stadt: Town) -> None:
    app = await App.register(stadt, scopes="read")
    form = {"grant_type": "client_credentials", "client_id": app.client_id, "client_secret": app.client_secret}
    reply = await anonymous(stadt).ask("POST", "/oauth/token", json=form)
    client = Client(stadt, reply.json["access_token"])
    assert (await client.get("/api/v1/apps/verify_credentials"))["scopes"] == ["read"]
    refused = await client.ask("GET", "/api/v1/accounts/verify_credentials")
    assert (refused.status, refused.json["error"]) == (422, "This method requires an authenticated user")
    assert (await client.ask("POST", "/api/v1/statuses", json={"status": "x"})).status == 403
    wide = await anonymous(stadt).ask("POST", "/oauth/token", json={**form, "scope": "write"})
    assert (wide.status, wide.json["error"]) == (400, "invalid_scope")


async def test_an_app_may_show_its_secret_in_a_header(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    code = await app.code()
    basic = base64.b64encode(f"{app.client_id}:{app.client_secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": app.verifier}
    headers = {"Authorization": f"Basic {basic}"}
    reply = await anonymous(stadt).ask("POST", "/oauth/token", data=form, headers=headers)
    assert reply.status == 200


async def test_a_revoked_token_is_nobody_at_once(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    token = (await app.token(await app.code())).json["access_token"]
    client = Client(stadt, token)
    await client.get("/api/v1/timelines/home")
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": token}
    other = await App.register(stadt)
    theirs = {**form, "client_id": other.client_id, "client_secret": other.client_secret}
    assert (await anonymous(stadt).ask("POST", "/oauth/revoke", data=theirs)).status == 403
    await client.get("/api/v1/timelines/home")
    for _ in range(2):
        assert (await anonymous(stadt).ask("POST", "/oauth/revoke", data=form)).status == 200
    assert (await client.ask("GET", "/api/v1/timelines/home")).status == 401


async def test_what_is_missing_at_registration_is_named(stadt: Town, subtests: pytest.Subtests) -> None:
    for shape in ["json", "data"]:
        for form, named in [
            ({"redirect_uris": BACK}, "client_name"),
            ({"client_name": "x"}, "redirect_uris"),
            ({"client_name": "x" * 61, "redirect_uris": BACK}, "client_name"),
            ({"client_name": "x", "redirect_uris": BACK, "scopes": "read all"}, "'all'"),
            ({"client_name": "x", "redirect_uris": BACK, "website": "javascript:alert(1)"}, "website"),
            ({"client_name": "x", "redirect_uris": [BACK] * 17}, "redirect_uris"),
        ]:
            with subtests.test(shape=shape, form=form, named=named):
                reply = await anonymous(stadt).ask("POST", "/api/v1/apps", **{shape: form})  # type: ignore[arg-type]
                assert reply.status == 422
                assert named in reply.json["error"]


async def test_registered_addresses_come_back_as_they_were_sent(stadt: Town) -> None:
    form = {"client_name": "x", "redirect_uris": [BACK, IVORY], "website": "https://app.example"}
    made = await anonymous(stadt).post("/api/v1/apps", json=form)
    assert made["redirect_uris"] == [BACK, IVORY]
    assert made["redirect_uri"] == f"{BACK}\n{IVORY}"
    assert (made["scopes"], made["client_secret_expires_at"]) == (["read"], 0)


async def test_the_metadata_names_what_works(stadt: Town) -> None:
    document = await anonymous(stadt).get("/.well-known/oauth-authorization-server")
    assert document["code_challenge_methods_supported"] == ["S256"]
    for name in ("token_endpoint", "revocation_endpoint", "authorization_endpoint", "userinfo_endpoint"):
        path = document[name].removeprefix(stadt.origin)
        assert (await anonymous(stadt).ask("OPTIONS", path)).status in {200, 204}


async def test_a_used_token_is_noted_so_that_people_can_be_counted(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.get("/api/v1/timelines/home")
    assert await stadt.count(AccessToken, AccessToken.last_used_at.is_not(None)) == 1


async def test_userinfo_says_who_has_logged_in(stadt: Town) -> None:
    anna = await app_of(stadt, "anna", scopes="profile")
    said = await anna.get("/oauth/userinfo")
    assert (said["preferred_username"], said["sub"]) == ("anna", f"{stadt.origin}/users/anna")
