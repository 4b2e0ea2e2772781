"""L02: nobody registers under a name that looks like another one, or like the town speaking."""

from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from fediverse_kommune.config import InstanceConfig
from fediverse_kommune.services.refusals import Invalid
from fediverse_kommune.services.registration import Registration, check_form
from tests.town import Town

RULES = InstanceConfig(origin="https://stadt.example", name="Stadt", registrations_open=True)
LOOKALIKES = (
    "\u212aarl",
    "\u017ftadt",
    "\u0130nfo",
    "\u0430nna",
    "an\u200bna",
    "an\u00adna",
    "\uff21nna",
    "anna.",
    "an na",
)
OFFICIAL = ("stadt", "RATHAUS", "Admin", "buergermeister", "Polizei", "support", "moderation", "Feuerwehr")


def form(username: str) -> Registration:
    return Registration(username, "neu@gut.example", "ein langes Passwort", agreement=True, locale="de")


@pytest.mark.parametrize("username", LOOKALIKES + OFFICIAL)
def test_such_a_name_is_refused(username: str) -> None:
    with pytest.raises(Invalid, match=r"(?i)username"):
        check_form(form(username), RULES, date(2026, 11, 29))


def test_an_honest_name_is_taken() -> None:
    check_form(form("karla_99"), RULES, date(2026, 11, 29))


async def test_a_name_is_taken_however_it_is_spelt(stadt: Town) -> None:
    await stadt.resident("anna")
    for other in ("Anna", "ANNA", "aNNa"):
        with pytest.raises(IntegrityError, match="handle"):
            await stadt.resident(other)
