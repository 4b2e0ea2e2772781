"""The tables of docs/interoperability.md say no more than the tests and the payloads in this repository show."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from activitypub.graph.reactions import LIKES

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent / "docs" / "interoperability.md"
SEEN = ("both ways", "one way", "not applicable", "fails")

Expectation = Mapping[str, Any]
Rule = Callable[[Expectation], bool]


def _does(*effects: str, **values: object) -> Rule:
    """Return the rule for a payload with one of these effects, and with these values, or any where it says `...`."""
    return lambda entry: (
        entry["effect"] in effects
        and all(bool(entry.get(key)) if value is ... else entry.get(key) == value for key, value in values.items())
    )


def _shows(kind: str) -> Rule:
    """Return the rule for a post with a described picture ("image"), or with a film ("video")."""

    def rule(entry: Expectation) -> bool:
        document = entry["document"]
        written = document["object"] if isinstance(document.get("object"), dict) else document
        files = written.get("attachment") or []
        return entry["effect"] in POST and any(
            _is_of_kind(file, kind) and (kind == "video" or file.get("name") or file.get("summary"))
            for file in ([files] if isinstance(files, dict) else files)
        )

    return rule


def _is_of_kind(file: Mapping[str, Any], kind: str) -> bool:
    """True for a picture or a film: BookWyrm's and Lemmy's pictures bear no media type."""
    if "mediaType" in file:
        return str(file["mediaType"]).startswith(kind)
    return kind == "image" and (file["type"] == "Image" or str(file.get("url", "")).endswith((".jpg", ".png", ".webp")))


POST = ("status", "status-document")


def _is_pin(entry: Expectation) -> bool:
    return entry["effect"] in {"add", "remove"} and "featured" in entry["target"]


# What a payload of a program has to be, so that the program has done an interaction here.
PAYLOADS: dict[str, Rule] = {
    "follow by handle": _does("follow"),
    "follow back": _does("accept"),
    "locked follow": _does("follow"),  # each of them waits, and is answered
    "post": _does(*POST),
    "reply": _does("status", in_reply_to=...),
    "mention": _does("status", mentions=...),
    "unlisted": _does("status", visibility="unlisted"),
    "followers-only": _does("status", visibility="private"),
    "direct": _does("status", visibility="direct"),
    "content warning": lambda entry: entry["effect"] in POST and bool(entry.get("summary") or entry.get("sensitive")),
    "image with alt": _shows("image"),
    "video": lambda entry: entry.get("type") == "Video" or _shows("video")(entry),
    "poll": _does("status", poll=...),
    "vote": _does("vote"),
    "edit": _does("update"),
    "delete": _does("delete"),
    # A thumb or a heart is a like as well, and all that Misskey has for one.
    "like": lambda entry: entry["effect"] in {"like", "announced-like"} or entry.get("reaction") in LIKES,
    "undo of a like": lambda entry: entry.get("undone") == "Like" or entry["effect"] == "announced-undo-like",
    "announce": _does("announce"),
    "undo of an announce": _does("undo", undone="Announce"),
    "quote": lambda entry: entry["effect"] == "quote-request" or bool(entry.get("quote")),
    "revoke a quote": _does("revoke"),
    "pin": lambda entry: entry["effect"] == "featured" or _is_pin(entry),
    "emoji": _does("status", emojis=...),
    "emoji reaction": _does("react"),
    "hashtag follow": _does("status", hashtags=...),
    "block": _does("block"),
    "domain block": _does("follow"),  # each of them is refused then
    "report": _does("flag"),
    "move": _does("move"),
    "profile edit": _does("update-actor", "announced-update-group"),
    "group post": _does("status", mentions=..., by_follower=True),  # into a club of ours, by a mention
    "group moderation": _does("announced-lock", "announced-removal", "announced-block"),
    "event": _does("status", "invite", type="Event"),
    "join": _does("join"),
    "backfill": _does("outbox"),
    "thread fetch": _does("thread"),
    "authorized fetch": _does("signed-get"),
    "relay": _does("relay"),
    "account delete": _does("delete-actor"),
    "custom language": _does("status", language=...),
    "interaction policy": lambda entry: any(entry.get(key) for key in ("policy", "locked", "comments")),
}


def programs() -> dict[str, list[Expectation]]:
    """Return what the payloads of each program amount to here, each with its document."""
    folder = TESTS / "payloads"
    table = tomllib.loads((folder / "expectations.toml").read_text())
    gets = tomllib.loads((folder / "signed_gets.toml").read_text())
    found = {
        program: [{**table[name], "document": json.loads((folder / name).read_text())} for name in names]
        for program, names in groupby(sorted(table), key=lambda name: name.partition("/")[0])
    }
    for program, entries in found.items():
        followers = [entry["document"]["actor"] for entry in entries if entry["effect"] == "follow"]
        for entry in entries:
            entry["by_follower"] = entry["document"].get("actor") in followers
        entries.extend({"effect": "signed-get", "document": {}, **gets[name]} for name in {program} & gets.keys())
    return found


def _tables() -> list[list[list[str]]]:
    """Return the two tables of all interactions, as rows of cells."""
    lines = DOCUMENT.read_text().splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("| interaction |")]
    found = []
    for start in starts:
        end = next(number for number in range(start, len(lines)) if not lines[number].startswith("|"))
        found.append([[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start:end]])
    return found


def test_both_tables_have_the_same_interactions() -> None:
    run, payloads = _tables()
    names = [row[0] for row in run[2:]]
    assert len(names) == len(set(names)) >= 40
    assert [row[0] for row in payloads[2:]] == names
    assert list(PAYLOADS) == names


def test_each_cell_says_one_of_a_few_things() -> None:
    run, _ = _tables()
    cells = [(row[0], cell) for row in run[2:] for cell in row[1:]]
    assert [pair for pair in cells if not pair[1].startswith(SEEN)] == []


def test_the_tests_that_are_named_exist() -> None:
    run, _ = _tables()
    missing = []
    for name, *_, ours in run[2:]:
        named = re.fullmatch(r"both ways: \[`([a-z0-9 ]+)`\]\(\.\./(tests/federation/test_\w+\.py)\)", ours)
        assert named is not None, name
        source = (TESTS.parent / named[2]).read_text()
        if f"def test_{named[1].replace(' ', '_')}(" not in source:
            missing.append(ours)
    assert missing == []


def test_the_payloads_that_are_marked_exist() -> None:
    _, (header, _, *rows) = _tables()
    found = programs()
    assert header[1:] == [folder.name for folder in sorted((TESTS / "payloads").iterdir()) if folder.is_dir()]
    for name, *cells in rows:
        for program, cell in zip(header[1:], cells, strict=True):
            if any(map(PAYLOADS[name], found[program])):
                assert cell == "←", (name, program)
            else:
                assert re.fullmatch(r"(n/a|fails)( [¹²³⁴⁵⁶⁷⁸⁹⁰]+)?", cell), (name, program)


def test_each_program_says_what_it_was_written_from_and_when() -> None:
    said = dict(re.findall(r"(?ms)^- `(\w+)`: (.+?)(?=^- |^$)", DOCUMENT.read_text()))
    assert list(said) == sorted(programs())
    for program, words in said.items():
        assert re.search(r", read \d+ \w+ 2026\.", " ".join(words.split())), program
