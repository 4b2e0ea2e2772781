"""The grammar of handles: what cannot be a handle never becomes a URL (rows D11, L05)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webfinger.handle import Handle, InvalidHandle, parse_handle


@pytest.mark.parametrize(
    "text",
    [
        "anna@stadt.example",
        "@anna@stadt.example",
        "acct:anna@stadt.example",
        "ACCT:anna@stadt.example",
        "anna@Stadt.Example.",
    ],
)
def test_every_way_to_write_a_handle(text: str) -> None:
    assert parse_handle(text) == Handle("anna", "stadt.example")


def test_a_handle_has_a_form_for_machines_and_one_for_people() -> None:
    handle = parse_handle("@Anna.B@Bürger.example")
    assert handle.acct == "Anna.B@xn--brger-kva.example"
    assert handle.uri == "acct:Anna.B@xn--brger-kva.example"
    assert handle.display == "@Anna.B@bürger.example"
    assert handle.folded == "anna.b@xn--brger-kva.example"
    assert parse_handle(handle.display) == parse_handle(handle.acct) == handle


@pytest.mark.parametrize(
    "username",
    ["a", "_", "1", "a_b", "a.b", "a-b", "a..b", "_a_", "npub1" + "q" * 59, "www.blog.example", "x" * 255],
)
def test_usernames_as_the_fediverse_writes_them(username: str) -> None:
    assert parse_handle(f"@{username}@stadt.example").username == username


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "@@",
        "anna",
        "@anna",
        "anna@",
        "@stadt.example",
        "@@stadt.example",
        "@@anna@stadt.example",
        "acct:@anna@stadt.example",
        "acct:acct:anna@stadt.example",
        "anna@stadt",
        "anna@stadt@example.com",
        "a@localh.st:1234/secret?x=1#",
        "a@host.example/..",
        "a@host.example?x",
        "a@host.example#x",
        "a@host.example:443",
        "a@[::1]",
        "a@127.0.0.1",
        "a@127.1",
        "a@0x7f.1",
        "a@host.example%2f",
        "a@host.example\\x",
        "a@host.example\n",
        "a@ host.example",
        " a@host.example",
        "a b@host.example",
        "a/b@host.example",
        "..@host.example",
        ".a@host.example",
        "a.@host.example",
        "-a@host.example",
        "a-@host.example",
        "a\n@host.example",
        "a%40b@host.example",
        "a?resource=@host.example",
        "ä@host.example",
        "\u212aelvin@host.example",
        "а@host.example",  # noqa: RUF001
        "a\u200b@host.example",
        "\u0661@host.example",
        "x" * 256 + "@host.example",
        "x" * 2_048 + "@host.example",
        "anna@" + "x" * 100_000,
    ],
)
def test_what_is_no_handle_is_refused(text: str) -> None:
    with pytest.raises(InvalidHandle):
        parse_handle(text)


def test_a_handle_without_domain_is_one_of_the_default_domain() -> None:
    assert parse_handle("@anna", default_domain="stadt.example") == Handle("anna", "stadt.example")
    assert parse_handle("anna@nord.example", default_domain="stadt.example").domain == "nord.example"
    for text in ("", "@", "anna@", "a/b"):
        with pytest.raises(InvalidHandle):
            parse_handle(text, default_domain="stadt.example")


def test_only_a_test_network_has_ports() -> None:
    assert parse_handle("a@127.0.0.1:8001", test_network=True) == Handle("a", "127.0.0.1:8001")
    with pytest.raises(InvalidHandle):
        parse_handle("a@127.0.0.1:8001/x", test_network=True)


@given(st.text(max_size=60))
def test_what_passes_is_safe_in_a_url(text: str) -> None:
    try:
        handle = parse_handle(text + "@stadt.example")
    except InvalidHandle:
        return
    assert handle.acct.isascii()
    assert not set(handle.acct) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-@")
