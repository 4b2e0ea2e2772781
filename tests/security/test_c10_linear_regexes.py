"""Row C10: no regular expression of ours takes more than linear time, whatever a stranger writes.

The patterns are found by reading the source of the five packages, so a new one is tested without being listed. Each is
run against every attack that its own characters suggest, by the methods that the source calls on it, and against a
megabyte of the attacks that hurt most: in 50 ms, or in time that grows in step with the text where there is so much to
find or the machine is so slow.
"""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("webfinger", "activitypub", "outbox", "inbox", "fediverse_kommune")
SIZE = 1_000_000
SCREENED = 30_000  # enough to tell which attacks hurt
WORST = 4
SECONDS = 0.05
SLOWEST = 1.0  # for what grows in step: a match at every character of a megabyte
FINDING_ONE = {"search", "match", "fullmatch"}
FINDING_ALL = {"split", "findall", "finditer", "sub", "subn"}
# Handed to a library that compiles and searches them.
OTHERS = {("activitypub.markup", "_VERBATIM")}
# Used only on what another expression has matched whole: pieces of such texts.
GUARDED = {
    ("activitypub.signatures.cavage", "re.compile(_PARAMETER)"): ('a="b",', "a=b , ", 'a="",', f'{"a" * 99}="= =",')
}


@dataclass(frozen=True)
class Expression:
    """A regular expression in the source: the module, the expression that makes it, and what is done with it."""

    module: str
    line: int
    source: str
    methods: frozenset[str]

    def compiled(self) -> re.Pattern[Any]:
        """Evaluate it in its module, which must be possible: a pattern is made of constants."""
        value = eval(self.source, dict(vars(importlib.import_module(self.module))), {"re": re})
        return value if isinstance(value, re.Pattern) else re.compile(value)


def expressions() -> Iterator[Expression]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "versions" not in path.parts and path.name != "__main__.py":
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield from expressions_in(module, ast.parse(path.read_text("utf-8")))
    for module, name in sorted(OTHERS):
        yield Expression(module, 0, name, frozenset({"search"}))


def expressions_in(module: str, tree: ast.Module) -> Iterator[Expression]:
    """Iterate over re.compile(…), with the methods called on the name it is assigned to, and over re.search(…, …)."""
    names = {
        id(node.value): ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    used: dict[str, set[str]] = {}
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        used.setdefault(ast.unparse(call.func.value), set()).add(call.func.attr)
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        method = call.func.attr
        if ast.unparse(call.func.value) != "re" or method not in FINDING_ONE | FINDING_ALL | {"compile"}:
            continue
        if method == "compile":
            methods = used.get(names.get(id(call), ""), set()) & (FINDING_ONE | FINDING_ALL) or {"search", "fullmatch"}
            yield Expression(module, call.lineno, ast.unparse(call), frozenset(methods))
        else:
            yield Expression(module, call.lineno, ast.unparse(call.args[0]), frozenset({method}))


def attacks(pattern: str | bytes) -> Iterator[str]:
    """Iterate over the pieces that long texts against this pattern are built of."""
    pattern = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    words = set(re.findall(r"[A-Za-z]{2,}:?/{0,2}", pattern))
    for piece in sorted(words | set(pattern) | set("a0 \n-.ä\u0301")):
        yield from (piece, f"{piece}a")


def use(pattern: re.Pattern[Any], method: str, text: Any) -> Callable[[], object]:
    """Return a call that applies the pattern to the whole text."""
    match method:
        case "finditer":
            return lambda: sum(1 for _ in pattern.finditer(text))
        case "sub" | "subn":
            return lambda: getattr(pattern, method)(text[:0], text)
        case _:
            return lambda: getattr(pattern, method)(text)


def seconds(call: Callable[[], object], enough: float) -> float:
    """Return the processor time of a call: the best of three, unless one is good enough."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        call()
        best = min(best, time.process_time() - started)
        if best < enough:
            break
    return best


def repeated(pattern: re.Pattern[Any], piece: str, size: int) -> Any:
    """Return a text of a piece again and again, and then something else: what the pattern is made for, str or bytes."""
    attack = (piece * (size // len(piece) + 1))[: size - 1] + "\x01"
    return attack if isinstance(pattern.pattern, str) else attack.encode()


def screen(pattern: re.Pattern[Any], method: str, piece: str) -> float:
    """Return the processor time for a rather long text, or infinity if that is too much.

    Shorter texts come first, so that exponential, cubic and quadratic time are noticed and not waited for.
    """
    text = repeated(pattern, piece, SCREENED)
    for length in (20, 500, 8_000):
        if seconds(use(pattern, method, text[-length:]), SECONDS / 10) > SECONDS / 5:
            return float("inf")
    return seconds(use(pattern, method, text), SECONDS / 100)


def is_quick(pattern: re.Pattern[Any], method: str, piece: str) -> bool:
    """Return True if a method takes 50 ms at most for a megabyte of this attack, or linear time."""
    text = repeated(pattern, piece, SIZE)
    whole = seconds(use(pattern, method, text), SECONDS)
    if whole < SECONDS:
        return True
    eighth = seconds(use(pattern, method, text[-len(text) // 8 :]), 0)
    return whole < SLOWEST and whole < eighth * 8 * 2.5


def slow_attacks(pattern: re.Pattern[Any], methods: frozenset[str], pieces: Iterable[str]) -> list[tuple[str, str]]:
    """Return the methods and the pieces that take more time than they may."""
    screened: dict[tuple[str, str], float] = {}
    for piece in pieces:
        for method in sorted(methods):
            screened[method, piece] = screen(pattern, method, piece)
            if screened[method, piece] > SLOWEST:
                return [(method, piece)]
    worst = sorted(screened, key=screened.__getitem__)[-WORST:]
    return [(method, piece) for method, piece in worst if not is_quick(pattern, method, piece)]


@pytest.mark.timeout(600)
def test_time_is_linear(subtests: pytest.Subtests) -> None:
    found = list(expressions())
    for expression in found:
        with subtests.test(f"{expression.module}:{expression.line}"):
            pattern = expression.compiled()
            pieces = GUARDED.get((expression.module, expression.source)) or attacks(pattern.pattern)
            assert not slow_attacks(pattern, expression.methods, pieces), expression.source
    _is_all_of_the_source(found)


def _is_all_of_the_source(expressions: Sequence[Expression]) -> None:
    found = {expression.module for expression in expressions}
    assert {"webfinger.host", "activitypub.uris", "activitypub.sanitize", "activitypub.marks"} <= found
    assert {(expression.module, expression.source) for expression in expressions} >= set(GUARDED)


@pytest.mark.parametrize("pattern", [r"(a+)+b", r"(a|a)*b", r"a*a*b", r"\s+$", r"(x+x+)+y", r"<[^>]*>", r"\w+@"])
def test_a_slow_pattern_is_noticed(pattern: str) -> None:
    assert slow_attacks(re.compile(pattern), frozenset({"search"}), attacks(pattern))
