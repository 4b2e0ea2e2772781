"""Which form a host understands: remembered, bounded, and asked again after a while."""

import pytest

from activitypub.signatures import forms
from activitypub.signatures.forms import REFUSED_SECONDS, Form, KnownForms


def test_everybody_is_written_to_in_the_older_form_until_found_out() -> None:
    known = KnownForms()
    assert known.of("a.example") is Form.CAVAGE
    known.understood("a.example", Form.RFC9421)
    assert (known.of("a.example"), known.of("b.example")) == (Form.RFC9421, Form.CAVAGE)


def test_who_says_what_it_reads_is_believed_until_found_out() -> None:
    known = KnownForms()
    known.claimed("a.example")
    assert known.of("a.example") is Form.RFC9421
    known.understood("a.example", Form.CAVAGE)
    known.claimed("a.example")
    assert known.of("a.example") is Form.CAVAGE


def test_who_refused_both_is_asked_in_the_other_form_again_after_an_hour() -> None:
    now = [0.0]
    known = KnownForms(lambda: now[0])
    assert known.is_worth_another("a.example")
    known.refused("a.example")
    assert not known.is_worth_another("a.example")
    now[0] = REFUSED_SECONDS + 1
    assert known.is_worth_another("a.example")
    known.refused("a.example")
    known.understood("a.example", Form.RFC9421)
    assert known.is_worth_another("a.example")


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST_HOSTS", 2)
    known = KnownForms()
    for host in ("a.example", "b.example", "a.example", "c.example"):
        known.understood(host, Form.RFC9421)
    assert [known.of(host) for host in ("a.example", "b.example")] == [Form.RFC9421, Form.CAVAGE]
