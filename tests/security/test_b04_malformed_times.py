"""B04: a time that is nonsense, ahead of us, or over before it began, is refused, and nothing breaks on it."""

from datetime import UTC, datetime, timedelta

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.security.letter import USUALLY_COVERED, http_date, letter
from tests.town import Town

DATES = [
    "",
    "yesterday",
    "0",
    "-1",
    "1e400",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 9999 08:49:37 GMT",
    "Sun, 06 Nov 0000 08:49:37 GMT",
    "Sun, 99 Nov 2026 08:49:37 GMT",
    "Sun, 31 Feb 2026 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "2026-11-23T08:00:00Z",
    "١٢ Nov 2026",
    "Sun, 06 Nov 2026 24:61:61 GMT",
    "x" * 6_000,
]
NUMBERS = ["", "-1", "0", "1", "1.5", "1e9", "0x10", "00", "+1", " 1", "NaN", "9" * 12, "9" * 400, "1" * 5_000, "٣"]


async def test_junk_dates_are_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    ahead = [http_date(datetime.now(UTC) + timedelta(**step)) for step in ({"minutes": 62}, {"days": 1}, {"days": 400})]
    async with repelled(stadt, nachbar):
        for date in [*DATES, *ahead]:
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            written.set("Date", date.encode().decode("latin-1"))
            assert await written.sign().send(stadt) in (400, 401), date[:40]


async def test_junk_numbers_are_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    now = int(datetime.now(UTC).timestamp())
    plain = ["(request-target)", "host", "digest"]
    async with repelled(stadt, nachbar):
        for number in [*NUMBERS, str(now + 3_700), str(now - 4_000), str(now * 1_000)]:
            said = number.encode().decode("latin-1")
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            created = written.sign([*plain, "(created)"], algorithm="hs2019", created=said)
            assert await created.send(stadt) in (400, 401), f"created={number[:20]}"


async def test_a_signature_that_ends_before_it_begins_or_has_ended_is_refused(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    now = int(datetime.now(UTC).timestamp())
    times = [(now, now - 1), (now - 7_200, now - 3_700), (now, 0), (now, 1)]
    junk = [(now, number) for number in NUMBERS if number != "9" * 12]
    async with repelled(stadt, nachbar):
        for created, expires in [*times, *junk]:
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            said = str(expires).encode().decode("latin-1")
            written.sign(
                ["(request-target)", "host", "digest", "(created)", "(expires)"],
                algorithm="hs2019",
                created=str(created),
                expires=said,
            )
            assert await written.send(stadt) in (400, 401), f"{created} to {str(expires)[:20]}"


async def test_a_date_and_a_created_must_both_hold(stadt: Town, nachbar: Remote) -> None:
    resident, bob = await stadt.resident("anna"), nachbar.person("bob")
    await stadt.meet(bob)
    now = datetime.now(UTC)
    async with repelled(stadt, nachbar):
        for date, created in ((now - timedelta(days=1), now), (now, now - timedelta(days=1))):
            written = letter(stadt, bob, bob.activity("Follow", resident.uri))
            written.set("Date", http_date(date))
            covered = [*USUALLY_COVERED, "(created)"]
            written.sign(covered, algorithm="hs2019", created=str(int(created.timestamp())))
            assert await written.send(stadt) == 401
