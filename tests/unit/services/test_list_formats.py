"""Lists of domains in the forms that others write, good and bad."""

import json
from datetime import UTC, datetime

import pytest

from activitypub.models import DomainAllow, DomainBlock, Severity
from fediverse_kommune.models import ListKind
from fediverse_kommune.services.list_formats import (
    ENTRIES,
    FILE_BYTES,
    Entry,
    Fault,
    NoList,
    decode_list,
    parse_list,
    write_csv,
    write_json,
)
from fediverse_kommune.services.list_subscriptions import cuts_little
from fediverse_kommune.services.refusals import Invalid

NOW = datetime(2026, 11, 29, tzinfo=UTC)
MASTODON = """\
#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
boese.example,suspend,False,False,"Hetze, auch verdeckte",True
laut.example,silence,true,FALSE,,false
"""
GOTOSOCIAL = [
    {"domain": "boese.example", "public_comment": "Hetze, auch verdeckte", "obfuscate": True},
    {"domain": "Bürger.example.", "comment": "alt"},
]
BAD = Entry("boese.example", public_comment="Hetze, auch verdeckte", obfuscate=True)


def test_mastodons_form() -> None:
    loud = Entry("laut.example", Severity.SILENCE, reject_media=True)
    assert parse_list(MASTODON).entries == (BAD, loud)
    assert parse_list("\ufeff" + MASTODON.replace("\n", "\r\n")).entries == (BAD, loud)
    assert parse_list("#domain\nfreund.example\n").entries == (Entry("freund.example"),)


def test_gotosocials_form() -> None:
    other = Entry("xn--brger-kva.example", public_comment="alt")
    assert parse_list(json.dumps(GOTOSOCIAL)).entries == (BAD, other)


def test_a_domain_a_line_with_remarks_between() -> None:
    parsed = parse_list("# was uns stört\nboese.example\n\n  laut.example  \nboese.example\n")
    assert parsed.entries == (Entry("boese.example"), Entry("laut.example"))
    assert parsed.faults == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("b**se.example,suspend", "obfuscated"),
        ("so geht das nicht,suspend", "no domain"),
        ("https://boese.example/,suspend", "no domain"),
        (",suspend", "no domain"),
        ("boese.example,exile", "unknown severity"),
    ],
)
def test_a_line_that_cannot_be_used_is_left_out_and_named(line: str, reason: str) -> None:
    parsed = parse_list(f"#domain,#severity\n{line}\ngut.example,noop\n")
    assert parsed.entries == (Entry("gut.example", Severity.NOOP),)
    assert parsed.faults == (Fault(2, line.partition(",")[0], reason),)


@pytest.mark.parametrize(
    "text",
    ["", " \n", '{"domain": "a.example"}', "[1", '["a.example", NaN]', '"a.exam\nple', "[" * 5_000, '[],"x":[{}]'],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_list(text)


@pytest.mark.parametrize(
    ("data", "reason", "place"),
    [
        (b"\n \n", "empty", 0),
        (b"a.example\nb.example\n\xfcrger.example", "encoding", 3),
        (b"\x89PNG\r\n", "encoding", 1),
        (b"x" * (FILE_BYTES + 1), "size", 0),
        (b'\n["a.example",\n  nein]', "json", 3),
        (b'{"domain": "a.example"}', "array", 0),
        (b'a.example\n"b.example" zwei\n', "csv", 2),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_reason_and_line(data: bytes, reason: str, place: int) -> None:
    with pytest.raises(NoList) as refused:
        parse_list(decode_list(data))
    assert (refused.value.reason, refused.value.place) == (reason, place)


def test_lines_are_counted_as_they_stand() -> None:
    parsed = parse_list("\n\n#domain,#severity\n\nb ad,suspend\ngut.example,silence\n")
    assert parsed.faults == (Fault(5, "b ad", "no domain"),)
    assert parsed.entries == (Entry("gut.example", Severity.SILENCE),)


def test_a_list_without_end_is_refused() -> None:
    with pytest.raises(Invalid, match="more than"):
        parse_list("\n".join(f"d{number}.example" for number in range(ENTRIES + 2)))


def test_what_is_written_is_read_again() -> None:
    def block(domain: str, severity: Severity, comment: str = "") -> DomainBlock:
        return DomainBlock(
            domain=domain,
            severity=severity,
            reject_media=False,
            reject_reports=True,
            public_comment=comment,
            obfuscate=False,
            created_at=NOW,
        )

    rows = [block("a.example", Severity.SUSPEND, 'Er sagt "nein", immer'), block("b.example", Severity.SILENCE)]
    written = parse_list(write_csv(rows, ListKind.BLOCK)).entries
    assert written == (
        Entry("a.example", Severity.SUSPEND, reject_reports=True, public_comment='Er sagt "nein", immer'),
        Entry("b.example", Severity.SILENCE, reject_reports=True),
    )
    assert [entry.domain for entry in parse_list(write_json(rows, ListKind.BLOCK)).entries] == ["a.example"]
    allow = [DomainAllow(domain="freund.example", created_at=NOW)]
    for write in (write_csv, write_json):
        assert parse_list(write(allow, ListKind.ALLOW)).entries == (Entry("freund.example"),)


def test_a_comment_is_no_formula_for_a_spreadsheet() -> None:
    row = DomainBlock(
        domain="a.example",
        severity=Severity.SUSPEND,
        reject_media=False,
        reject_reports=False,
        public_comment='=HYPERLINK("https://boese.example")',
        obfuscate=False,
        created_at=NOW,
    )
    assert "'=HYPERLINK" in write_csv([row], ListKind.BLOCK)


@pytest.mark.parametrize(
    ("cut", "follows", "taken_back", "brought", "unasked"),
    [
        (0, 0, 0, 0, True),
        (10, 20, 0, 0, True),
        (11, 20, 0, 0, False),
        (20, 1_000, 0, 0, True),
        (21, 1_000, 0, 0, False),
        (0, 1_000, 10, 12, True),
        (0, 1_000, 11, 12, False),
        (0, 1_000, 33, 100, True),
        (0, 1_000, 34, 100, False),
    ],
)
def test_nobody_is_asked_about_little(cut: int, follows: int, taken_back: int, brought: int, *, unasked: bool) -> None:
    assert cuts_little(cut, follows, taken_back, brought) is unasked
