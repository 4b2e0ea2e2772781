"""J02: nobody is sent anywhere but to an address that the app registered, byte for byte."""

import pytest

from tests.client import Browser, anonymous, app_of
from tests.routes.test_oauth import BACK, App
from tests.town import Town

NEAR_MISSES = [
    BACK + "/",
    BACK + "?x=1",
    BACK + "#x",
    BACK + "x",
    BACK[:-1],
    "https://app.example/BACK",
    "https://APP.example/back",
    "https://app.example:443/back",
    "https://app.example:8443/back",
    "http://app.example/back",
    "https://app.example/x/../back",
    "https://app.example/%62ack",
    "https://app.example@evil.example/back",
    "https://evil.example/back",
    "https://app.example.evil.example/back",
    "//app.example/back",
    "javascript:alert(1)",
    "",
    " " + BACK,
]


async def test_j02_another_address_is_an_error_page_and_no_redirect(stadt: Town, subtests: pytest.Subtests) -> None:
    await app_of(stadt, "anna")
    app = await App.register(stadt)
    browser = Browser(stadt)
    await browser.log_in("anna")
    for address in NEAR_MISSES:
        with subtests.test(address=address):
            reply = await browser.open(app.address(redirect_uri=address))
            assert reply.status == 400
            assert "Location" not in reply.headers
            # Nor by changing the hidden field of an honest page.
            await browser.open(app.address())
            reply = await browser.submit({"redirect_uri": address})
            assert reply.status == 400
            assert "Location" not in reply.headers


async def test_j02_an_unknown_app_is_an_error_page(stadt: Town) -> None:
    app = await App.register(stadt)
    for client_id in ("unknown", "", "' OR 1=1 --"):
        reply = await Browser(stadt).open(app.address(client_id=client_id))
        assert (reply.status, "Location" in reply.headers) == (400, False)


async def test_j02_what_a_browser_would_run_or_misread_cannot_be_registered(
    stadt: Town, subtests: pytest.Subtests
) -> None:
    for address in [
        *(
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:x",
        ),
        *("view-source:x", "about:blank", "/back", "back", "//app.example", "https://", "https:///back", "http:back"),
        *(
            "https://a@b.example/back",
            "https://app.example/#x",
            "https://app.example/<x>",
            "app:x#y",
            "https://[",
            "1:x",
        ),
    ]:
        with subtests.test(address=address):
            form = {"client_name": "x", "redirect_uris": [address]}
            assert (await anonymous(stadt).ask("POST", "/api/v1/apps", json=form)).status == 422
