"""Lists of domains as others write them: Mastodon's CSV, GoToSocial's JSON, and plain lines.

The columns are those of the files that Mastodon's administration gives out; the rest is as in
https://docs.gotosocial.org/en/latest/admin/domain_permission_subscriptions/. What cannot be used is left out and said,
line by line; only what is no list at all is refused.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from activitypub.models import DomainAllow, DomainBlock, Severity
from activitypub.strict_json import HostileJson, read_object
from fediverse_kommune.models import ListKind
from fediverse_kommune.services.refusals import Invalid
from webfinger.host import InvalidHost, canonical_host

ENTRIES = 50_000  # in one list; the longest that are in use have some thousands
FAULTS = 100  # that are told one by one
FILE_BYTES = 400_000  # of a file that somebody uploads; the longest that are in use have half of that
COMMENT = 1_000  # characters
MARK = "\ufeff"  # what spreadsheets put in front of a file

COLUMNS = ("domain", "severity", "reject_media", "reject_reports", "public_comment", "obfuscate")


class NoList(Invalid):
    """What was given is no list. `reason` is a word that pages translate; `place` is a line, or 0 for all of it."""

    def __init__(self, reason: str, message: str, place: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.place = place


class Entry(Struct, frozen=True):
    """One line of a list. For an allow only the domain counts."""

    domain: str
    severity: Severity = Severity.SUSPEND
    reject_media: bool = False
    reject_reports: bool = False
    public_comment: str = ""
    obfuscate: bool = False


class Fault(Struct, frozen=True):
    """A line that cannot be used, and why, in a word that pages and the command line translate."""

    place: int
    text: str
    reason: str


class Parsed(Struct, frozen=True):
    """What a list says. `faulty` counts the lines that cannot be used, of which the first are in `faults`."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()
    faulty: int = 0


def decode_list(data: bytes) -> str:
    """Return the text of a file. Raises `NoList` for what is none, or too long."""
    if len(data) > FILE_BYTES:
        raise NoList("size", f"The file has more than {FILE_BYTES} bytes.")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = data.count(b"\n", 0, error.start) + 1
        raise NoList("encoding", f"Line {place} of the file is not UTF-8.", place) from error


def parse_list(text: str) -> Parsed:
    """Return what a list says, in whichever of the three forms it is. Raises `NoList` for what is none."""
    text = text.removeprefix(MARK)
    if not text.strip():
        raise NoList("empty", "The list is empty.")
    rows = _json_rows(text) if text.lstrip()[0] in "[{" else _csv_rows(text)
    return _collect(rows)


def write_csv(rows: Iterable[DomainBlock] | Iterable[DomainAllow], kind: ListKind) -> str:
    """Return a list in Mastodon's form, by which it can be taken over elsewhere."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = COLUMNS if kind is ListKind.BLOCK else COLUMNS[:1]
    writer.writerow([f"#{name}" for name in columns])
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in columns])
    return out.getvalue()


def write_json(rows: Iterable[DomainBlock] | Iterable[DomainAllow], kind: ListKind) -> str:
    """Return a list in GoToSocial's form. It knows no milder severity: what is not suspended is left out."""
    if kind is ListKind.ALLOW:
        return _dumped([{"domain": row.domain} for row in rows])
    return _dumped(
        [
            {"domain": row.domain, "public_comment": row.public_comment, "obfuscate": row.obfuscate}
            for row in rows
            if isinstance(row, DomainBlock) and row.severity is Severity.SUSPEND
        ]
    )


def _dumped(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _cell(value: object) -> str:
    """Return a cell. Spreadsheets run what begins like a formula, so such a comment gets an apostrophe in front."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _json_rows(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    try:
        wrapped = read_object(b'{"list":' + text.encode() + b"}")
    except HostileJson as error:
        raise NoList("json", f"The list is no JSON that can be read ({error}).", _line_of(text)) from error
    content = wrapped["list"]
    if len(wrapped) > 1 or not isinstance(content, list):
        raise NoList("array", "The list is JSON, but no array of domains.")
    for place, row in enumerate(content, start=1):
        yield place, row if isinstance(row, Mapping) else {"domain": row}


def _csv_rows(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Read rows by the names in the first line; without such a line the first cell of each is the domain."""
    reader = csv.reader(io.StringIO(text), strict=True)
    names = ["domain"]
    is_first = True
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            found = [cell.lower().lstrip("#") for cell in cells]
            if "domain" in found and is_first:
                names = found
            elif any(cells) and not (cells[0].startswith("#") and len(names) == 1):
                yield reader.line_num, dict(zip(names, cells, strict=False))
            is_first = is_first and not any(cells)
    except csv.Error as error:
        place = reader.line_num
        raise NoList("csv", f"Line {place} of the list cannot be read ({error}).", place) from error


def _line_of(text: str) -> int:
    """Return the line from which on a text is no JSON; 0 for one that is, but not an ordinary one."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    except (RecursionError, ValueError):
        return 0
    return 0


def _collect(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Parsed:
    entries: dict[str, Entry] = {}
    faults: list[Fault] = []
    faulty = 0
    for place, row in rows:
        entry = _entry(place, row)
        if isinstance(entry, Fault):
            faulty += 1
            faults.extend([entry] if len(faults) < FAULTS else [])
        else:
            entries[entry.domain] = entry
        if len(entries) > ENTRIES or faulty > ENTRIES:
            raise NoList("long", f"The list has more than {ENTRIES} lines.")
    return Parsed(tuple(entries.values()), tuple(faults), faulty)


def _entry(place: int, row: Mapping[str, Any]) -> Entry | Fault:
    name = row.get("domain")
    text = name.strip() if isinstance(name, str) else ""
    if "*" in text:
        return Fault(place, text[:255], "obfuscated")
    try:
        domain = canonical_host(text)
    except InvalidHost:
        return Fault(place, text[:255], "no domain")
    word = row.get("severity") or Severity.SUSPEND
    if word not in set(Severity):
        return Fault(place, text[:255], "unknown severity")
    return Entry(
        domain,
        Severity(word),
        _truth(row.get("reject_media")),
        _truth(row.get("reject_reports")),
        _comment(row.get("public_comment") or row.get("comment")),
        _truth(row.get("obfuscate")),
    )


def _truth(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.lower() in {"true", "t", "1", "yes"})


def _comment(value: object) -> str:
    return value.strip()[:COMMENT] if isinstance(value, str) else ""
