"""J03: a code is worth one token, in ten minutes, for the app and the address it was for, with its verifier."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import AccessToken, AuthorizationCode
from tests.client import Client, app_of
from tests.routes.test_oauth import BACK, IVORY, App
from tests.town import Town


async def test_j03_a_second_exchange_takes_the_token_back(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    code = await app.code()
    client = Client(stadt, (await app.token(code)).json["access_token"])
    await client.get("/api/v1/timelines/home")
    again = await app.token(code)
    assert (again.status, again.json["error"]) == (400, "invalid_grant")
    assert (await client.ask("GET", "/api/v1/timelines/home")).status == 401


async def test_j03_of_exchanges_at_the_same_time_at_most_one_wins(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    code = await app.code()
    replies = await asyncio.gather(*(app.token(code) for _ in range(5)))
    assert sum(reply.status == 200 for reply in replies) <= 1
    assert await stadt.count(AccessToken, AccessToken.code_hash.is_not(None)) == 0, "the others took it back"


async def test_j03_nothing_may_differ(stadt: Town, subtests: pytest.Subtests) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt, uris=[BACK, IVORY])
    for changes in [
        {"code_verifier": None},
        {"code_verifier": secrets.token_urlsafe(48)},
        {"code_verifier": "short"},
        {"code_verifier": "ä" * 50},
        {"redirect_uri": IVORY},
        {"redirect_uri": None},
        {"redirect_uri": BACK + "/"},
        {"code": "unknown"},
    ]:
        with subtests.test(changes=changes):
            reply = await app.token(await app.code(), **changes)
            assert reply.status == 400
            assert reply.json["error"] in {"invalid_grant", "invalid_request"}
            assert await stadt.count(AccessToken, AccessToken.code_hash.is_not(None)) == 0


async def test_j03_a_verifier_for_a_code_without_challenge_is_a_downgrade(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    code = await app.code(code_challenge=None, code_challenge_method=None)
    assert (await app.token(code)).status == 400


async def test_j03_another_app_gets_nothing_for_it(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app, other = await App.register(stadt), await App.register(stadt)
    code = await app.code()
    stolen = await app.token(code, client_id=other.client_id, client_secret=other.client_secret)
    assert stolen.status == 400
    for secret in ("", "wrong", other.client_secret):
        reply = await app.token(code, client_secret=secret)
        assert (reply.status, reply.json["error"]) == (401, "invalid_client")
    assert (await app.token(code)).status == 200, "and the honest app still does"


async def test_j03_after_ten_minutes_it_is_worth_nothing(stadt: Town) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    for minutes, status in ((9, 200), (11, 400)):
        code = await app.code()

        def age(unit: Unit, minutes: int) -> None:
            unit.execute(update(AuthorizationCode).values(created_at=unit.now - timedelta(minutes=minutes)))

        await stadt.write(age, minutes)
        assert (await app.token(code)).status == status


async def test_j03_there_is_no_other_way_to_a_token(stadt: Town, subtests: pytest.Subtests) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    for grant in ["password", "implicit", "", "refresh_token"]:
        with subtests.test(grant=grant):
            reply = await app.token("x", grant_type=grant, username="anna", password="ein langes Passwort")
            assert (reply.status, reply.json["error"]) == (400, "unsupported_grant_type")
