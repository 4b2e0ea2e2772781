"""J14: a copy of the database opens nothing, and no secret of ours is written into the log."""

import logging
from typing import Any

import pytest
from sqlalchemy import select

from activitypub.models import Base
from tests.client import PASSWORD, Browser, Client, app_of
from tests.routes.test_oauth import App, answer
from tests.town import Town


async def test_j14_tokens_codes_sessions_and_passwords_are_hashes(
    stadt: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    browser = Browser(stadt)
    await browser.log_in("anna")
    await browser.open(app.address())
    code = answer(await browser.submit({}))["code"]
    token = (await app.token(code)).json["access_token"]
    await Client(stadt, token).get("/api/v1/timelines/home")
    secrets = {code, token, app.client_secret, browser.cookies["session"], app.verifier, PASSWORD}
    stored = await stadt.read(everything)
    for secret in secrets:
        assert secret not in stored
        assert secret not in caplog.text


def everything(session: Any) -> str:
    return "\n".join(str(row) for table in Base.metadata.sorted_tables for row in session.execute(select(table)))
