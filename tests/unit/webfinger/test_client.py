"""A handle is an actor's only if the handle's domain says so (row A19), across split domains."""

from collections.abc import Mapping
from typing import Any

import pytest

from webfinger.client import Discovery, DiscoveryFailed, NoSuchResource, discover, prove_handle
from webfinger.handle import Handle, parse_handle

ANNA = "https://social.stadt.example/users/anna"


class Web:
    """The WebFinger answers of several servers, and the record of who was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        self.asked: list[str] = []

    def says(self, handle: str, actor_uri: str | None, *, subject: str | None = None, at: str = "") -> None:
        """Let the handle's domain answer with this actor and subject."""
        domain = handle.partition("@")[2]
        url = at or f"https://{domain}/.well-known/webfinger?resource=acct:{handle}"
        links = [{"rel": "self", "type": "application/activity+json", "href": actor_uri}] if actor_uri else []
        self.answers[url] = {"subject": subject or f"acct:{handle}", "links": links}

    async def fetch(self, url: str) -> Mapping[str, Any]:
        """Return the JSON there."""
        self.asked.append(url)
        if url not in self.answers:
            raise NoSuchResource(url)
        answer: dict[str, Any] | Exception = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def text(self, url: str) -> str:
        """Return the text there."""
        self.asked.append(url)
        if url not in self.texts:
            raise NoSuchResource(url)
        return self.texts[url]


@pytest.fixture
def web() -> Web:
    return Web()


# --- discover


async def test_one_domain(web: Web) -> None:
    web.says("anna@stadt.example", ANNA)
    found = await discover(parse_handle("@anna@Stadt.example"), web.fetch)
    assert found == Discovery(Handle("anna", "stadt.example"), ANNA)
    assert web.asked == ["https://stadt.example/.well-known/webfinger?resource=acct:anna@stadt.example"]


async def test_the_owner_spells_the_handle(web: Web) -> None:
    web.says("anna@stadt.example", ANNA, subject="acct:Anna@stadt.example")
    assert (await discover(parse_handle("anna@stadt.example"), web.fetch)).handle.username == "Anna"


async def test_the_host_of_a_split_domain_refers_to_the_account_domain(web: Web) -> None:
    web.says("anna@social.stadt.example", ANNA, subject="acct:anna@stadt.example")
    web.says("anna@stadt.example", ANNA)
    found = await discover(parse_handle("anna@social.stadt.example"), web.fetch)
    assert found == Discovery(Handle("anna", "stadt.example"), ANNA)
    assert len(web.asked) == 2


async def test_an_international_domain_is_asked_in_punycode(web: Web) -> None:
    web.says("anna@xn--brger-kva.example", ANNA, subject="acct:anna@bürger.example")
    found = await discover(parse_handle("@anna@bürger.example"), web.fetch)
    assert found.handle.display == "@anna@bürger.example"
    assert len(web.asked) == 1


async def test_the_last_word_on_a_handle_has_its_own_domain(web: Web) -> None:
    """Evil refers to a victim's handle and names its own actor; the victim's domain names the victim's."""
    web.says("bob@evil.example", "https://evil.example/bob", subject="acct:anna@stadt.example")
    web.says("anna@stadt.example", ANNA)
    assert (await discover(parse_handle("bob@evil.example"), web.fetch)).actor_uri == ANNA


async def test_no_third_hop(web: Web) -> None:
    web.says("a@one.example", ANNA, subject="acct:a@two.example")
    web.says("a@two.example", ANNA, subject="acct:a@three.example")
    web.says("a@three.example", ANNA)
    with pytest.raises(DiscoveryFailed):
        await discover(parse_handle("a@one.example"), web.fetch)
    assert len(web.asked) == 2


async def test_a_referral_to_a_domain_that_knows_nothing(web: Web) -> None:
    web.says("a@one.example", ANNA, subject="acct:a@two.example")
    with pytest.raises(NoSuchResource):
        await discover(parse_handle("a@one.example"), web.fetch)


async def test_a_handle_without_an_actor(web: Web) -> None:
    web.says("mail@stadt.example", None)
    with pytest.raises(DiscoveryFailed):
        await discover(parse_handle("mail@stadt.example"), web.fetch)


async def test_an_answer_that_is_no_jrd(web: Web) -> None:
    web.answers["https://stadt.example/.well-known/webfinger?resource=acct:a@stadt.example"] = {"links": 1}
    with pytest.raises(DiscoveryFailed):
        await discover(parse_handle("a@stadt.example"), web.fetch)


@pytest.mark.parametrize("subject", ["https://stadt.example/@anna", "acct:a@evil/../x", "", "@", "x" * 9_999])
async def test_a_subject_that_is_no_handle_changes_nothing(web: Web, subject: str) -> None:
    web.says("anna@stadt.example", ANNA)
    (url,) = web.answers
    web.answers[url]["subject"] = subject
    assert (await discover(parse_handle("anna@stadt.example"), web.fetch)).handle == Handle("anna", "stadt.example")
    assert web.asked == [url]


async def test_a_subject_never_leads_to_an_address(web: Web) -> None:
    web.says("anna@stadt.example", ANNA, subject="acct:anna@127.0.0.1:6379")
    assert (await discover(parse_handle("anna@stadt.example"), web.fetch)).handle.domain == "stadt.example"
    assert not any("127.0.0.1" in url for url in web.asked)


async def test_a_test_network_is_asked_over_http(web: Web) -> None:
    web.says(
        "a@127.0.0.1:8001",
        ANNA,
        at="http://127.0.0.1:8001/.well-known/webfinger?resource=acct:a@127.0.0.1:8001",
    )
    handle = parse_handle("a@127.0.0.1:8001", test_network=True)
    assert (await discover(handle, web.fetch, test_network=True)).actor_uri == ANNA


HOST_META = """<?xml version="1.0"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
  <Link rel="other" template="https://wrong.example/{uri}"/>
  <Link rel='lrdd' type="application/jrd+json"
        template="https://social.stadt.example/.well-known/webfinger?resource={uri}&amp;x=1" />
</XRD>"""


async def test_a_domain_without_webfinger_may_say_where_it_is(web: Web) -> None:
    web.texts["https://stadt.example/.well-known/host-meta"] = HOST_META
    web.says(
        "anna@stadt.example",
        ANNA,
        at="https://social.stadt.example/.well-known/webfinger?resource=acct%3Aanna%40stadt.example&x=1",
    )
    found = await discover(parse_handle("anna@stadt.example"), web.fetch, fetch_host_meta=web.text)
    assert found == Discovery(Handle("anna", "stadt.example"), ANNA)
    assert len(web.asked) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>Not found",
        '<Link rel="lrdd" template="https://no-placeholder.example/">',
        '<Link rel="lrdd">',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Link rel="lrdd" href="&b;">',
        HOST_META.replace("social.", ""),
        "<" * 1_000_000,
        "<a " * 400_000,
        "<!--" * 300_000,
    ],
    ids=range(9),
)
async def test_a_host_meta_that_does_not_help(web: Web, text: str) -> None:
    web.texts["https://stadt.example/.well-known/host-meta"] = text
    with pytest.raises(NoSuchResource):
        await discover(parse_handle("anna@stadt.example"), web.fetch, fetch_host_meta=web.text)
    assert len(web.asked) == 2


async def test_not_now_is_not_no(web: Web) -> None:
    web.answers["https://stadt.example/.well-known/webfinger?resource=acct:a@stadt.example"] = TimeoutError()
    with pytest.raises(TimeoutError):
        await discover(parse_handle("a@stadt.example"), web.fetch, fetch_host_meta=web.text)
    with pytest.raises(TimeoutError):
        await prove_handle(parse_handle("a@stadt.example"), ANNA, web.fetch)


# --- prove


async def test_a_domain_confirms_its_handle(web: Web) -> None:
    web.says("anna@stadt.example", ANNA)
    assert await prove_handle(parse_handle("anna@stadt.example"), ANNA, web.fetch) == Handle("anna", "stadt.example")


async def test_evil_claims_a_victims_handle(web: Web) -> None:
    """The actor is evil's, the handle is the victim's: the victim's domain names another actor."""
    web.says("bob@victim.example", "https://victim.example/users/bob")
    assert await prove_handle(parse_handle("bob@victim.example"), "https://evil.example/bob", web.fetch) is None


async def test_evil_claims_a_handle_nobody_has(web: Web) -> None:
    assert await prove_handle(parse_handle("bob@victim.example"), "https://evil.example/bob", web.fetch) is None


async def test_evil_names_a_victims_handle_as_subject(web: Web) -> None:
    """Evil's own WebFinger says the subject is the victim's handle; the actor stays bob@evil."""
    actor = "https://evil.example/bob"
    web.says("bob@evil.example", actor, subject="acct:bob@victim.example")
    web.says("bob@victim.example", "https://victim.example/users/bob")
    assert await prove_handle(parse_handle("bob@evil.example"), actor, web.fetch) == Handle("bob", "evil.example")


@pytest.mark.parametrize(
    "answered",
    [
        ANNA + "/",
        ANNA.upper(),
        ANNA + "#x",
        ANNA.replace("https", "http"),
        "https://stadt.example/users/anna",
    ],
)
async def test_almost_the_same_actor_is_another(web: Web, answered: str) -> None:
    web.says("anna@stadt.example", answered)
    assert await prove_handle(parse_handle("anna@stadt.example"), ANNA, web.fetch) is None


async def test_a_split_domain_is_proved_by_both(web: Web) -> None:
    web.says("anna@social.stadt.example", ANNA, subject="acct:Anna@stadt.example")
    web.says("Anna@stadt.example", ANNA)
    proved = await prove_handle(parse_handle("anna@social.stadt.example"), ANNA, web.fetch)
    assert proved == Handle("Anna", "stadt.example")
    assert len(web.asked) == 2


async def test_a_split_domain_that_points_elsewhere_or_on(web: Web) -> None:
    web.says("anna@social.stadt.example", ANNA, subject="acct:anna@stadt.example")
    claimed = parse_handle("anna@social.stadt.example")
    web.says("anna@stadt.example", "https://other.example/anna")
    assert await prove_handle(claimed, ANNA, web.fetch) == claimed
    web.says("anna@stadt.example", ANNA, subject="acct:anna@third.example")
    assert await prove_handle(claimed, ANNA, web.fetch) == claimed
    assert len(web.asked) == 4


async def test_the_answer_is_about_another_person_of_that_domain(web: Web) -> None:
    web.says("anna@stadt.example", ANNA, subject="acct:berta@stadt.example")
    assert await prove_handle(parse_handle("anna@stadt.example"), ANNA, web.fetch) is None
