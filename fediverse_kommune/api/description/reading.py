"""Which parameters a route reads, and how it may answer: found in the very lines that do.

No parameter is declared anywhere: a handler names it where it reads it (`call.params.text("title")`), or hands its call
or its parameters to a function that does. So the source of the handler is followed with what is known without a
request: constants, and which names stand for the call, for its parameters and for objects inside them. Nothing is run.
Functions that are handed neither are followed for what they raise.

Docs: docs/decisions/0020-the-description-is-read-from-the-code.md
"""

import ast
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

from msgspec import Struct, field
from quart import Request, Response
from werkzeug.datastructures import Headers

from fediverse_kommune.api.description.values import (
    Known,
    Made,
    Parameter,
    Parameters,
    Row,
    Sent,
    Value,
    at,
    either,
    functions_of,
    goes_through_a_mapping,
    gone_through,
    has_parameters,
    is_deed,
    is_open,
    is_ours,
    of_a_mapping,
)
from fediverse_kommune.api.errors import STATUSES
from fediverse_kommune.api.params import Params
from fediverse_kommune.api.routing import Answer, Call
from fediverse_kommune.services.refusals import Refusal

# What runs a unit of work with all else that it is handed.
RUNNERS = frozenset({"read", "write", "carry_out"})
OBJECTS = frozenset({"nested", "entries"})
READERS = OBJECTS | {
    *("text", "required", "boolean", "integer", "instant", "focus", "many", "one_id", "ids", "file"),
}
"""The methods of `Params` that return what was sent; a test compares them with it."""


class Findings(Struct):
    """What was found in a handler: what it reads, and with which statuses it answers in its own words or refuses.

    `calls` are those of readers: their files, and the lines and columns they end in.
    """

    parameters: Parameters = field(default_factory=dict)
    headers: list[str] = field(default_factory=list)
    answers: set[int] = field(default_factory=set)
    refusals: set[int] = field(default_factory=set)
    content_type: str | None = None
    calls: set[tuple[str, int, int]] = field(default_factory=set)


class Unreadable(Exception):
    """A parameter is read by a name that only a request knows: nobody could be told of it."""


class Frame(Struct):
    """A function that is being followed: its file, its names, and what it may return."""

    file: str
    known: Mapping[str, Any]
    names: dict[str, Value]
    returned: list[Value] = field(default_factory=list)

    def find(self, name: str) -> Value:
        """Return what a name stands for."""
        if name in self.names:
            return self.names[name]
        return Known((self.known[name],)) if name in self.known else None


class Sources:
    """The functions of our files as trees. Each file is parsed once, when the first function of it is looked for.

    `outcomes` are those of functions that are handed nothing of the request, by what else they are handed: functions.
    """

    def __init__(self) -> None:
        self._files: dict[str, dict[int, ast.FunctionDef | ast.AsyncFunctionDef]] = {}
        self.outcomes: dict[Any, tuple[Findings, Value]] = {}

    def find(self, function: FunctionType) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """Return the tree of a function; None if it has no source, as what `dataclass` makes."""
        code = function.__code__
        if not code.co_filename.endswith(".py"):
            return None
        if code.co_filename not in self._files:
            self._files[code.co_filename] = _functions(Path(code.co_filename))
        return self._files[code.co_filename].get(code.co_firstlineno)


def _functions(file: Path) -> dict[int, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions of a file by their first lines, which are those of their decorators."""
    return {
        min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]): node
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def read_handler(handler: FunctionType, sources: Sources) -> Findings:
    """Return what a handler reads and answers. Raises `Unreadable`."""
    reading = _Reading(sources)
    reading.follow(handler, [Made(Call)], {})
    return reading.findings


class _Reading:
    """Follows one handler into all functions of ours that are handed its call or its parameters."""

    def __init__(self, sources: Sources) -> None:
        self.findings = Findings()
        self._sources = sources
        self._within: list[FunctionType] = []

    def follow(self, function: FunctionType, args: Iterable[Value], keywords: Mapping[str, Value]) -> Value:
        """Read a function with what is known of its arguments; return what is known of its result."""
        tree = self._sources.find(function)
        if tree is None or function in self._within:
            return None
        positional = [argument.arg for argument in (*tree.args.posonlyargs, *tree.args.args)]
        names: dict[str, Value] = dict.fromkeys([*positional, *(argument.arg for argument in tree.args.kwonlyargs)])
        names |= dict(zip(positional, args, strict=False)) | dict(keywords)
        frame = Frame(function.__code__.co_filename, function.__globals__, names)
        self._within.append(function)
        for statement in tree.body:
            self._value(statement, frame)
        self._within.pop()
        return either(frame.returned)

    def _value(self, node: ast.AST, frame: Frame) -> Value:
        """Read a statement or an expression with all that is inside, and return what it may stand for."""
        match node:
            case ast.Constant():
                return Known((node.value,))
            case ast.Name():
                return frame.find(node.id)
            case ast.Attribute():
                return self._attribute(self._value(node.value, frame), node.attr)
            case ast.Subscript():
                self._value(node.slice, frame)
                return of_a_mapping(self._value(node.value, frame))
            case ast.Call():
                return self._call(node, frame)
            case ast.Await() | ast.Starred():
                return self._value(node.value, frame)
            case ast.Tuple() | ast.List():
                return Row(tuple(self._value(item, frame) for item in node.elts))
            case ast.BoolOp():
                return either([self._value(item, frame) for item in node.values])
            case ast.IfExp():
                self._value(node.test, frame)
                return either([self._value(node.body, frame), self._value(node.orelse, frame)])
            case _:
                return self._statement(node, frame)

    def _statement(self, node: ast.AST, frame: Frame) -> Value:
        """Read what gives names, what leaves the function, and of everything else what is inside."""
        match node:
            case ast.Assign(targets=[*targets], value=given):
                return self._assign(targets, given, frame)
            case ast.AnnAssign(target=target, value=ast.expr() as given) | ast.NamedExpr(target=target, value=given):
                return self._assign([target], given, frame)
            case ast.withitem(optional_vars=ast.expr() as target):
                return self._assign([target], node.context_expr, frame)
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                _bind(node.target, gone_through(self._value(node.iter, frame)), frame)
                self._inside(node, frame, but=("target", "iter"))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                for generator in node.generators:
                    self._value(generator, frame)
                self._inside(node, frame, but=("generators",))
            case ast.Return(value=ast.expr() as returned):
                frame.returned.append(self._value(returned, frame))
            case ast.Raise(exc=ast.expr() as raised):
                self._note_refusal(raised, frame)
            case _:
                self._inside(node, frame)
        return None

    def _assign(self, targets: Iterable[ast.AST], given: ast.expr, frame: Frame) -> Value:
        """Let names stand for a value from here on, or for what they stood for: nobody knows which branch is taken."""
        value, before = self._value(given, frame), dict(frame.names)
        for target in targets:
            _bind(target, value, frame)
        for name, former in before.items():
            if frame.names[name] is not former:
                frame.names[name] = either([former, frame.names[name]])
        return value

    def _inside(self, node: ast.AST, frame: Frame, but: tuple[str, ...] = ()) -> None:
        for name, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST) and name not in but:
                    self._value(child, frame)

    def _attribute(self, owner: Value, name: str) -> Value:
        match owner:
            case Made(kind) if kind is Call and name == "params":
                return Sent((self.findings.parameters,))
            case Made(kind) if kind is Call and name == "request":
                return Made(Request)
            case Made(kind) if kind is Request and name == "headers":
                return Made(Headers)
            case Known(values) if all(is_open(value) and hasattr(value, name) for value in values):
                return Known(tuple(getattr(value, name) for value in values))
            case _:
                return None

    # ------------------------------------------------------------------------------------------------- calls

    def _call(self, node: ast.Call, frame: Frame) -> Value:
        owner, name = None, ""
        if isinstance(node.func, ast.Attribute):
            owner, name = self._value(node.func.value, frame), node.func.attr
        args = [self._value(argument, frame) for argument in node.args]
        keywords = {word.arg or "": self._value(word.value, frame) for word in node.keywords}
        match owner:
            case Sent():
                return self._read(owner, name, args, (frame.file, node.end_lineno or 0, node.end_col_offset or 0))
            case Made(kind) if kind is Headers and name == "get":
                self._note_header(args)
                return None
            case Made(kind) if kind is Call and name in RUNNERS:
                return self._enter(args[0], [None, *args[1:]], keywords)
            case Made(kind):
                method = getattr(kind, name, None)
                return self._enter(Known((method,)), [owner, *args], keywords)
            case _:
                callee = self._attribute(owner, name) if name else self._value(node.func, frame)
                return self._enter(callee, args, keywords)

    def _enter(self, callee: Value, args: list[Value], keywords: Mapping[str, Value]) -> Value:
        """Follow a call to what is ours and is handed something that was sent."""
        results: list[Value] = []
        for value in callee.values if isinstance(callee, Known) else ():
            if value is Params:
                results.append(Sent(({},)))  # made of something else than this request: a message in a WebSocket
            elif value is Answer:
                self._note_statuses(args[1] if len(args) > 1 else keywords.get("status"), self.findings.answers)
            elif value is Response:
                self._note_content_type(keywords.get("content_type"))
            elif value is partial:
                results.append(args[0])
            elif goes_through_a_mapping(value):
                results.append(Known((tuple(value()),)))
            elif is_deed(value):
                results.append(self._enter(Known((value.__wrapped__,)), [None, *args], keywords))
            elif is_ours(value):
                results.append(self._follow_into(value, args, keywords))
        return either(results)

    def _follow_into(self, value: Any, args: list[Value], keywords: Mapping[str, Value]) -> Value:
        if not any(map(has_parameters, (*args, *keywords.values()))):
            return self._outcome(value, args, keywords) if isinstance(value, FunctionType) else None
        if isinstance(value, FunctionType):
            return self.follow(value, args, keywords)
        made = Made(value)
        if isinstance(value.__init__, FunctionType):
            self.follow(value.__init__, [made, *args], keywords)
        return made

    def _outcome(self, function: FunctionType, args: list[Value], keywords: Mapping[str, Value]) -> Value:
        """Note how a function answers or refuses that is handed nothing of the request. It is followed once."""
        handed = [functions_of(value) for value in args]
        named = {name: functions_of(value) for name, value in keywords.items()}
        key = (function, tuple(handed), tuple(named.items()))
        if key not in self._sources.outcomes:
            self._sources.outcomes[key] = (Findings(), None)  # what calls itself finds nothing more by it
            alone = _Reading(self._sources)
            value = alone.follow(function, handed, named)
            self._sources.outcomes[key] = (alone.findings, value)
        found, value = self._sources.outcomes[key]
        self.findings.refusals |= found.refusals
        self.findings.answers |= found.answers
        return value

    def _read(self, sent: Sent, reader: str, args: list[Value], where: tuple[str, int, int]) -> Value:
        """Note that a parameter is read; of an object return what is inside."""
        if reader not in READERS:
            return None
        name = args[0] if args else None
        if not isinstance(name, Known) or not all(isinstance(each, str) for each in name.values):
            raise Unreadable(
                f"{where[0]}:{where[1]}: which parameter is read? Write its name, or loop over a constant."
            )
        self.findings.calls.add(where)
        noted = [_note(place, str(each), reader) for place in sent.places for each in name.values]
        return Sent(tuple(parameter.inside for parameter in noted)) if reader in OBJECTS else None

    # ------------------------------------------------------------------------------------------------ answers

    def _note_refusal(self, raised: ast.expr, frame: Frame) -> None:
        args: list[Value] = []
        if isinstance(raised, ast.Call):
            args = [self._value(argument, frame) for argument in raised.args]
            raised = raised.func
        kinds = self._value(raised, frame)
        for kind in kinds.values if isinstance(kinds, Known) else ():
            if isinstance(kind, type) and issubclass(kind, Refusal):
                self.findings.refusals.add(next(status for refusal, status in STATUSES if issubclass(kind, refusal)))
            elif is_ours(kind) and args:  # `ApiError`, and what becomes one: the status comes first
                self._note_statuses(args[0], self.findings.refusals)

    def _note_statuses(self, value: Value, noted: set[int]) -> None:
        if isinstance(value, Known):
            noted.update(status for status in value.values if type(status) is int)

    def _note_content_type(self, value: Value) -> None:
        if isinstance(value, Known):
            self.findings.content_type = str(value.values[0]).partition(";")[0]

    def _note_header(self, args: list[Value]) -> None:
        if args and isinstance(args[0], Known):
            self.findings.headers.extend(str(name) for name in args[0].values)


# ------------------------------------------------------------------------------------------------------ values


def _note(place: Parameters, name: str, reader: str) -> Parameter:
    """Note that something is read under a name. Of two readers the one that does not take everything counts."""
    kind = "text" if reader == "required" else reader
    if kind == "integer" and name.endswith("id"):
        kind = "one_id"
    parameter = place.setdefault(name, Parameter(kind))
    parameter.reader = kind if parameter.reader == "text" else parameter.reader
    parameter.required = parameter.required or reader == "required"
    return parameter


def _bind(target: ast.AST, value: Value, frame: Frame) -> None:
    match target:
        case ast.Name():
            frame.names[target.id] = value
        case ast.Tuple() | ast.List():
            for place, item in enumerate(target.elts):
                _bind(item, at(value, place), frame)
