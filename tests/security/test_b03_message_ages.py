"""B03 and B04 for RFC 9421: what is old, early or timeless is not believed."""

from datetime import UTC, datetime

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import a_follow
from tests.town import Town


async def test_b03_b04_what_is_old_early_or_timeless(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    now = int(datetime.now(UTC).timestamp())
    async with repelled(stadt, nachbar):
        for times in (
            {"created": now - 2 * 3600},
            {"created": now + 2 * 3600},
            {"created": now - 20 * 3600, "expires": now + 60},
            {"created": now, "expires": now - 2 * 3600},
            {"created": -1},
            {"created": "yesterday"},
            {"created": 10**14},
            {"expires": "soon"},
        ):
            written = a_follow(stadt, bob, resident.uri).sign_message(**times)
            assert await written.send(stadt) in (400, 401), times
