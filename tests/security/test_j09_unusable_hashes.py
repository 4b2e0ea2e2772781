"""J09: an account without a usable password hash lets nobody in with any password, and takes as long to say so."""

import time

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import User, WebSession
from fediverse_kommune.services.passwords import hash_password, verify_password
from tests.client import Browser, app_of
from tests.town import Town

GARBAGE = ["", " ", "x", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$$", "$2b$12$" + "a" * 53, "*", "!", "\x00"]
PASSWORDS = ["", " ", "x", "password", "$argon2id$"]


@pytest.mark.parametrize("stored", [None, *GARBAGE])
@pytest.mark.parametrize("password", PASSWORDS)
def test_j09_no_password_fits_no_hash(stored: str | None, password: str) -> None:
    assert verify_password(stored, password) is False


def spoil(unit: Unit, stored: str) -> None:
    unit.execute(update(User).values(password_hash=stored))


async def test_j09_the_login_refuses(stadt: Town, subtests: pytest.Subtests) -> None:
    await app_of(stadt, "anna")
    for stored in [text for text in GARBAGE if "\x00" not in text]:
        with subtests.test(stored=stored):
            await stadt.write(spoil, stored)
            for password in ("", stored):
                browser = Browser(stadt)
                await browser.open("/login")
                assert (await browser.submit({"username": "anna", "password": password})).status == 422
            assert await stadt.count(WebSession) == 0


def test_j09_only_the_right_password_fits() -> None:
    stored = hash_password("ein langes Passwort")
    assert stored.startswith("$argon2id$")
    assert verify_password(stored, "ein langes Passwort")
    for wrong in ("", "ein langes passwort", "ein langes Passwort ", "x" * 10_000):
        assert not verify_password(stored, wrong)


def test_j13_nobody_takes_as_long_as_somebody() -> None:
    stored = hash_password("ein langes Passwort")
    verify_password(None, "x")  # makes the decoy

    def best_of(hash_: str | None) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            verify_password(hash_, "falsch")
            times.append(time.process_time() - start)
        return min(times)

    known, unknown = best_of(stored), best_of(None)
    assert 0.5 < unknown / known < 2
