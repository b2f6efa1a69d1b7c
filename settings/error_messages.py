"""Turns what pydantic reports into problems that somebody can act on at three in the morning."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from common.problems import Problem, suggestion

_SECRET_KEY: Final = re.compile(r"password|token|secret|webhook|routing|url$|key$", re.IGNORECASE)
_LOOKS_SECRET: Final = re.compile(r"[\w+/=.-]{20,}")
_HAS_USER: Final = re.compile(r"[^@\s]*:[^@\s]*@")
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def problems_from_validation_error(key: str, kind: object, value: object, error: ValidationError) -> list[Problem]:
    """One problem for each error in the value of one configuration key, whose type is `kind`."""
    return [_problem(key, kind, value, dict(report)) for report in error.errors(include_url=False)]


def _problem(key: str, kind: object, value: object, report: Mapping[str, Any]) -> Problem:
    context = report.get("ctx", {})
    path = [part for part in (*report["loc"], context.get("key")) if part not in ("", None)]
    where = "".join(["monitoring:" + key, *(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)])
    match report["type"]:
        case "refused":
            return Problem(where, context["found"] or describe_value(where, _at(value, path)), context["allowed"])
        case "extra_forbidden":
            return Problem(where, "an unknown key", suggestion(str(path[-1]), keys_of(kind, path[:-1])))
        case "missing":
            return Problem(where, "nothing", "a value: this setting has no default")
        case "model_type" | "mapping_type" | "dict_type":
            valid = ", ".join(keys_of(kind, path)) or "names and values"
            return Problem(where, describe_value(where, _at(value, path)), f"a mapping of {valid}")
    return Problem(where, describe_value(where, _at(value, path)), str(report["msg"]))


def describe_value(key: str, value: object) -> str:
    """What was found, in a few words that never give a secret away."""
    match value:
        case None:
            return "nothing"
        case bool() | int() | float():
            return json.dumps(value)
        case {"secure": _}:
            return "an encrypted value"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case str() if _SECRET_KEY.search(key):
            return "a plain value"
        case str() if address := _ADDRESS.match(value):
            # The path or the user of an address may be a secret: a Slack webhook is one.
            return f"an address that starts with {address[0]}"
        case str() if _HAS_USER.match(value):
            return "an address with a user and a password"
        case str() if _LOOKS_SECRET.fullmatch(value):
            return f"a text of {len(value)} characters"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return f"a {type(value).__name__}"


def keys_of(kind: object, path: Iterable[object] = ()) -> list[str]:
    """The keys allowed in a section, or in the section that a path of keys leads to from there."""
    model = _model(kind)
    for part in path:
        if isinstance(part, int):  # A place in a list; the model is that of its items already.
            continue
        if model is None:
            return []
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = _model(fields[str(part)].annotation) if part in fields else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model(kind: object) -> type[BaseModel] | None:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((model for part in get_args(kind) if (model := _model(part))), None)


def _at(value: object, path: Iterable[object]) -> object:
    for part in path:
        match value, part:
            case Mapping(), str():
                value = value.get(part)
            case list(), int():
                value = value[part]
            case _:
                return None
    return value
