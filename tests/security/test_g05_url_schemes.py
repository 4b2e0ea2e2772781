"""G05: no address on a page leads anywhere but to a web site or a mailbox, however it is spelled, wherever stored."""

from typing import Any

from sqlalchemy import update

from activitypub.models import Actor, Media, MediaState, Status, new_id
from activitypub.unit import Unit
from tests import acts
from tests.fediverse import PUBLIC, Remote
from tests.security.hostile_pages import Trap, post_all, trapped
from tests.town import Town

ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    "java\r\nscript:alert(1)",
    "\u00a0javascript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript://nord.example/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "vbscript:alert(1)",
    "blob:https://nord.example/1",
    "filesystem:https://nord.example/1",
    "view-source:https://nord.example/",
    "file:///etc/passwd",
    "//boese.test/",
    "\\\\boese.test\\",
    "/\\boese.test",
    "https:boese.test",
    "https://nord.example\\@boese.test/",
    "https://nutzer:wort@boese.test/",
    'https://nord.example/"onmouseover=alert(1)//',
]

SCHEMES = """() => [...document.querySelectorAll('[href], [src], [action], [poster], [formaction]')].flatMap(element =>
    ['href', 'src', 'action', 'poster', 'formaction'].filter(name => element.hasAttribute(name)).map(name => {
        const url = new URL(element.getAttribute(name), document.baseURI)
        return [url.protocol, url.host, element.getAttribute(name)]
    }))"""


async def test_g05_no_link_in_a_post_has_another_scheme(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    await post_all(stadt, anna, [f"<p><a href='{address}'>hier</a></p>" for address in ADDRESSES[:-1]])
    await post_all(stadt, anna, [f"<p>{address}</p>" for address in ADDRESSES])
    async with trapped(stadt) as trap:
        for path in ("/@anna", "/"):
            await _assert_tame(trap, path)


async def test_g05_no_stored_address_is_trusted(stadt: Town, nachbar: Remote) -> None:
    """Rows written by an earlier release, or by hand, are judged again where they become links."""
    anna, bob = await stadt.resident("anna"), nachbar.person("bob")
    parent = await stadt.write(acts.write, anna, "<p>Frage</p>")
    for _ in ADDRESSES:
        note = bob.note(content="<p>Antwort</p>", to=[PUBLIC], inReplyTo=parent.uri)
        await stadt.accept(bob, bob.create(note))
    await stadt.write(_deface, anna.id, bob.uri)

    handle = f"/@bob@{nachbar.host}:{nachbar.port}"
    async with trapped(stadt) as trap:
        for path in (f"/@anna/{parent.id}", "/@anna", handle):
            await _assert_tame(trap, path)
        for address in ADDRESSES:
            await stadt.write(_move, bob.uri, address)
            await _assert_tame(trap, handle)


def _deface(unit: Unit, anna_id: int, bob_uri: str) -> None:
    answers = unit.query(Status).filter(Status.local.is_(False)).order_by(Status.id).all()
    for status, address in zip(answers, ADDRESSES, strict=True):
        unit.execute(update(Status).where(Status.id == status.id).values(url=address))
        common: dict[str, Any] = {"actor_id": status.actor_id, "status_id": status.id, "created_at": unit.now}
        unit.add(
            Media(id=new_id(unit.now), remote_url=address, state=MediaState.REMOTE, media_type="image/png", **common)
        )
    fields = [{"name": "Netz", "value": f"<a href='{address}'>x</a>", "source": address} for address in ADDRESSES]
    unit.execute(update(Actor).where(Actor.id == anna_id).values(fields=fields, moved_to_uri=ADDRESSES[0]))
    unit.execute(update(Actor).where(Actor.uri == bob_uri).values(avatar_url=ADDRESSES[0], header_url=ADDRESSES[0]))
    unit.flush()


def _move(unit: Unit, uri: str, address: str) -> None:
    unit.execute(update(Actor).where(Actor.uri == uri).values(url=address))


async def _assert_tame(trap: Trap, path: str) -> None:
    await trap.assert_harmless(path)
    for scheme, host, written in await trap.page.evaluate(SCHEMES):
        assert scheme in {"http:", "https:", "mailto:"}, written
        assert "boese.test" not in host or written.startswith(("http://boese.test", "https://boese.test")), written
        assert not any(character in written for character in '\t\r\n\\"'), written
