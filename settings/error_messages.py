"""Conversion of pydantic's validation errors to problems that do not reveal secrets."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

from common.problems import Problem, suggestion
from settings import validators

# The allowed value of a missing key.
NO_DEFAULT: Final = "a value, because this setting has no default"

# Keys whose values are never shown, and the forms of values that may be secret under any key.
_SECRET_KEY: Final = re.compile(r"password|token|secret|webhook|routing|url$|key$", re.IGNORECASE)
_LOOKS_SECRET: Final = re.compile(r"[\w+/=.-]{20,}")
_HAS_USER: Final = re.compile(r"[^@\s]*:[^@\s]*@")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def problems_from_validation_error(key: str, kind: object, value: object, error: ValidationError) -> list[Problem]:
    """Return one problem per error in the value of a configuration key, whose type is `kind`."""
    return [_problem(key, kind, value, dict(report)) for report in error.errors(include_url=False)]


def _problem(key: str, kind: object, value: object, report: Mapping[str, Any]) -> Problem:
    context = report.get("ctx", {})
    path = [part for part in (*report["loc"], context.get("key")) if part not in ("", None)]
    full_key = "".join(["monitoring:" + key, *(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)])
    match report["type"]:
        case validators.INVALID_VALUE:
            found = context["found"] or describe_value(full_key, _value_at(value, path))
            return Problem(full_key, found, context["allowed"])
        case "extra_forbidden":
            return Problem(full_key, "an unknown key", suggestion(str(path[-1]), allowed_keys(kind, path[:-1])))
        case "missing":
            return Problem(full_key, "nothing", NO_DEFAULT)
        case "model_type" | "mapping_type" | "dict_type":
            keys = ", ".join(allowed_keys(kind, path))
            allowed = f"a mapping with the keys {keys}" if keys else "a mapping of keys to values"
            return Problem(full_key, describe_value(full_key, _value_at(value, path)), allowed)
    return Problem(full_key, describe_value(full_key, _value_at(value, path)), str(report["msg"]))


def describe_value(key: str, value: object) -> str:
    """Return a short description of a value that does not reveal a secret."""
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
            return "a hidden value"
        case str() if scheme := _SCHEME.match(value):
            # The path and the user of a URL can be secret, as in a Slack webhook.
            return f"a URL that starts with {scheme[0]}"
        case str() if _HAS_USER.match(value):
            return "an address with user and password"
        case str() if _LOOKS_SECRET.fullmatch(value):
            return f"a string of {len(value)} characters"
        case str():
            return json.dumps(value, ensure_ascii=False)
    return f"a {type(value).__name__}"


def allowed_keys(kind: object, path: Iterable[object] = ()) -> list[str]:
    """Return the allowed keys of a section, or of the section at a path of keys below it."""
    model = _model_in(kind)
    for part in path:
        if isinstance(part, int):  # An index in a list; `model` is the items' already.
            continue
        if model is None:
            return []
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        model = _model_in(fields[str(part)].annotation) if part in fields else None
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def _model_in(kind: object) -> type[BaseModel] | None:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((model for part in get_args(kind) if (model := _model_in(part))), None)


def _value_at(value: object, path: Iterable[object]) -> object:
    for part in path:
        match value, part:
            case Mapping(), str():
                value = value.get(part)
            case list(), int():
                value = value[part]
            case _:
                return None
    return value
