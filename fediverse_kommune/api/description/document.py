"""The description of the client API for programs. https://spec.openapis.org/oas/v3.1.0

The same for every instance: addresses in it are relative to its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from fediverse_kommune.api.description.operations import Operation, Page
from fediverse_kommune.api.description.values import Parameter, Parameters
from fediverse_kommune.api.routing import Auth
from fediverse_kommune.services.scopes import SCOPES

Json = dict[str, Any]

JSON, FORM, MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"

ID: Json = {"$ref": "#/components/schemas/Id"}
KINDS: Mapping[str, Json] = {
    "text": {"type": "string"},
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer", "format": "int64"},
    "instant": {"type": "string", "format": "date-time"},
    "focus": {"type": "string", "examples": ["0.0,-0.5"]},
    "many": {"type": "array", "items": {"type": "string"}},
    "one_id": ID,
    "ids": {"type": "array", "items": ID},
    "file": {"type": "string", "format": "binary"},
}
"""The schema of what each reader of `Params` takes, but of objects."""

SAID: Mapping[int, str] = {
    101: "The WebSocket is open",
    200: "It is done",
    202: "It was taken, and is being worked on",
    206: "It is still being worked on",
    400: "The request makes no sense",
    401: "There is no token, or one that is not valid",
    403: "The token, the person or their role does not reach that far",
    404: "It does not exist, or not for whoever asks",
    409: "The same is being done at this very moment; ask again",
    413: "The body is too large",
    422: "Something that was sent is missing or wrong; `details` says what, by name, where that is known",
    429: "Too many requests; `X-RateLimit-Reset` says when there may be more",
    503: "Something that this needs does not answer just now",
}
SCOPE_KINDS: Mapping[str, str] = {
    "profile": "See who somebody is",
    "read": "Read what they can read",
    "write": "Do what they can do",
    "follow": "Manage whom they follow, block and mute",
    "push": "Send them notifications",
    "admin:read": "Read what only staff can read",
    "admin:write": "Do what only staff can do",
}
ERROR: Json = {
    "type": "object",
    "description": "https://docs.joinmastodon.org/entities/Error/ and ValidationError",
    "required": ["error"],
    "properties": {
        "error": {"type": "string"},
        "error_description": {"type": "string"},
        "details": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["error", "description"],
                    "properties": {"error": {"type": "string"}, "description": {"type": "string"}},
                },
            },
        },
    },
}


def document(operations: Sequence[Operation]) -> Json:
    """Return the OpenAPI document."""
    pages = list(dict.fromkeys(operation.page.name for operation in operations))
    paths: dict[str, Json] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fediverse_kommune",
            "version": version("fediverse-kommune"),
            "summary": "The client API of Mastodon, as this server answers it",
            "description": "Parameters may be sent as JSON, as a form or in the query, and are read alike. What is"
            " answered is described where `externalDocs` leads.",
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "tags": [_tag(name, operations) for name in pages],
        "paths": paths,
        "components": {
            "schemas": {"Id": _id_schema(), "Error": ERROR},
            "responses": {str(status): _refusal(status) for status in SAID if status >= 400},
            "securitySchemes": _security_schemes(),
        },
    }


def _tag(name: str, operations: Iterable[Operation]) -> Json:
    first = next(operation for operation in operations if operation.page.name == name)
    return {"name": name, "externalDocs": _link(first.page)}


def _link(page: Page) -> Json:
    return {"url": page.url}


def _operation(operation: Operation) -> Json:
    described: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.page.name],
        "externalDocs": _link(operation.page),
        "security": _security(operation),
        "parameters": _parameters(operation),
        "responses": {str(status): _response(operation, status) for status in operation.statuses},
    }
    if operation.permissions:
        described["description"] = f"For people whose role holds {' and '.join(operation.permissions)}."
    if operation.has_body and operation.found.parameters:
        described["requestBody"] = _body(operation.found.parameters)
    return described


def _security(operation: Operation) -> list[Json]:
    """Return what is asked for: one of these is enough, and an empty one is nothing."""
    declaration = operation.declaration
    if declaration.auth is Auth.NOBODY_ASKED:
        return []
    nobody: list[Json] = [{}] if declaration.auth is Auth.OPTIONAL else []
    schemes = ["token", "token_in_query"] if declaration.stream else ["token"]
    scopes = [[scope] for scope in declaration.scopes] or [[]]
    return [*nobody, *({scheme: needed} for scheme in schemes for needed in scopes)]


# -------------------------------------------------------------------------------------------------- parameters


def _parameters(operation: Operation) -> list[Json]:
    """Return what stands in the address and in the headers."""
    variables: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": ID if name.endswith("_id") else KINDS["text"]}
        for name in operation.variables
    ]
    headers: list[Json] = [
        {"name": name, "in": "header", "schema": KINDS["text"]}
        for name in operation.found.headers
        if name != "Authorization"  # `security` is about that one
    ]
    sent = {} if operation.has_body else operation.found.parameters
    return [*variables, *headers, *(_in_query(name, parameter) for name, parameter in sent.items())]


def _in_query(name: str, parameter: Parameter) -> Json:
    schema = _schema(parameter)
    described: Json = {"name": name, "in": "query", "required": parameter.required, "schema": schema}
    match schema.get("type"):
        case "array":
            described["name"] = f"{name}[]"
        case "object":
            described["style"] = "deepObject"
    return described


def _body(parameters: Parameters) -> Json:
    required = any(parameter.required for parameter in parameters.values())
    without_files = {name: parameter for name, parameter in parameters.items() if parameter.reader != "file"}
    form = MULTIPART if len(without_files) < len(parameters) else FORM
    content = {JSON: {"schema": _object(without_files)}, form: {"schema": _object(parameters)}}
    objects = [name for name, parameter in parameters.items() if parameter.reader == "nested"]
    if objects:  # `poll[multiple]=true`, and not JSON inside of a form
        content[form]["encoding"] = {name: {"style": "deepObject", "explode": True} for name in objects}
    return {"required": required, "content": content}


def _object(parameters: Parameters) -> Json:
    described: Json = {
        "type": "object",
        "properties": {name: _schema(parameter) for name, parameter in parameters.items()},
    }
    required = [name for name, parameter in parameters.items() if parameter.required]
    return described | ({"required": required} if required else {})


def _schema(parameter: Parameter) -> Json:
    if parameter.reader == "nested":
        return _object(parameter.inside)
    if parameter.reader == "entries":
        return {"type": "array", "items": _object(parameter.inside)}
    return KINDS[parameter.reader]


def _id_schema() -> Json:
    description = "An id: the digits of a number of 64 bits, which is more than a program in JavaScript can count to"
    return {"type": "string", "pattern": "^[0-9]{1,19}$", "description": description}


# ----------------------------------------------------------------------------------------------------- answers


def _response(operation: Operation, status: int) -> Json:
    """Return how a status is described. What a handler answers itself has its own shape, errors too."""
    if status >= 400 and status not in operation.found.answers:
        return {"$ref": f"#/components/responses/{status}"}
    if operation.is_websocket:
        return {"description": SAID[status]}
    return {"description": SAID[status], "content": {operation.found.content_type or JSON: {}}}


def _refusal(status: int) -> Json:
    return {"description": SAID[status], "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}


def _security_schemes() -> Json:
    scopes = {scope: SCOPE_KINDS.get(scope) or _of_a_part(scope) for scope in SCOPES}
    ask, give = "/oauth/authorize", "/oauth/token"
    flows = {
        "authorizationCode": {"authorizationUrl": ask, "tokenUrl": give, "scopes": scopes},
        "clientCredentials": {"tokenUrl": give, "scopes": scopes},
    }
    in_query = "For browsers, which cannot send headers when they open a stream"
    return {
        "token": {"type": "oauth2", "flows": flows},
        "token_in_query": {"type": "apiKey", "in": "query", "name": "access_token", "description": in_query},
    }


def _of_a_part(scope: str) -> str:
    kind, _, part = scope.rpartition(":")
    return f"{SCOPE_KINDS[kind]}: {part}"
