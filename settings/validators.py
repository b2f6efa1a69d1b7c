"""Validators of single values, whose errors state the allowed values in words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError

from common.durations import parse_duration
from common.quantities import parse_quantity

# The type of the errors below, as pydantic reports it.
INVALID_VALUE: Final = "invalid_value"

# A DNS label, as in names of Kubernetes objects, and a word of a Kubernetes label's name or value.
DNS_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LABEL_WORD: Final = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_LONGEST_OBJECT_NAME: Final = 253
# Of labels or annotations.
_MOST_ENTRIES: Final = 64
# Of calendar days: with a year that is only mistyped, all weeks would be excluded, or none.
_FIRST_YEAR: Final = 2000
_LAST_YEAR: Final = 2100


def invalid_value(allowed: str, *, key: str = "", found: str = "") -> PydanticCustomError:
    """Return an error that states the allowed values.

    `key` narrows the error to one key of a mapping; `found` replaces the description of the value.
    """
    return PydanticCustomError(INVALID_VALUE, "allowed: {allowed}", {"allowed": allowed, "key": key, "found": found})


@dataclass(frozen=True)
class Validator(BeforeValidator):
    """A validator that states the allowed values in a JSON schema too, for the completion of an editor.

    Attributes:
        schema: Keywords of the JSON schema.
    """

    schema: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON schema of the type with the keywords."""
        return {**handler(core), **self.schema}


def validator(kind: type, allowed: str, accepts: Callable[[Any], bool], **schema: Any) -> Validator:
    """Return a validator of values of exactly one type; a ValueError from `accepts` counts as False.

    `schema` are keywords of the JSON schema that no allowed value contradicts.
    """

    def validate(value: object) -> object:
        try:
            # The exact type, because bool is a subclass of int.
            accepted = type(value) is kind and accepts(value)
        except ValueError:
            accepted = False
        if not accepted:
            raise invalid_value(allowed)
        return value

    return Validator(validate, schema={"description": f"Allowed: {allowed}.", **schema})


def one_of(*words: str) -> Validator:
    """Return a validator of a fixed set of strings."""
    return validator(str, f"one of {', '.join(words)}", lambda text: text in words, enum=list(words))


def whole_number(lowest: int, highest: int) -> Validator:
    """Return a validator of integers between two bounds, both included."""
    return validator(
        int,
        f"a whole number from {lowest} to {highest}",
        lambda number: lowest <= number <= highest,
        minimum=lowest,
        maximum=highest,
    )


def kubernetes_name(max_length: int) -> Validator:
    """Return a validator of DNS labels of at most `max_length` characters."""
    return validator(
        str,
        f"a Kubernetes name: lowercase letters, digits and -, at most {max_length} characters",
        lambda text: re.fullmatch(DNS_LABEL, text) is not None and len(text) <= max_length,
        pattern=f"^{DNS_LABEL}$",
        maxLength=max_length,
    )


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a predicate for strings that a pattern matches as a whole."""
    return lambda text: re.fullmatch(pattern, text) is not None


def is_label_map(labels: Mapping[object, object]) -> bool:
    """Return whether a mapping holds valid Kubernetes labels, at least one."""
    return 0 < len(labels) <= _MOST_ENTRIES and all(
        isinstance(key, str)
        and isinstance(value, str)
        and _is_qualified_name(key)
        and re.fullmatch(rf"({_LABEL_WORD})?", value)
        for key, value in labels.items()
    )


def is_annotation_map(annotations: Mapping[object, object]) -> bool:
    """Return whether a mapping leads from Kubernetes names to strings; it may be empty."""
    return len(annotations) <= _MOST_ENTRIES and all(
        isinstance(key, str) and _is_qualified_name(key) and isinstance(value, str)
        for key, value in annotations.items()
    )


def _is_qualified_name(text: str) -> bool:
    prefix, slash, name = text.rpartition("/")
    return re.fullmatch(_LABEL_WORD, name) is not None and (not slash or is_object_name(prefix))


def is_object_name(text: str) -> bool:
    """Return whether a string is a name of a Kubernetes object, which is a DNS subdomain."""
    return len(text) <= _LONGEST_OBJECT_NAME and re.fullmatch(rf"{DNS_LABEL}(\.{DNS_LABEL})*", text) is not None


def byte_quantity(lowest: str, highest: str = "64Ti") -> Validator:
    """Return a validator of Kubernetes quantities of bytes between two bounds, both included."""
    bounds = parse_quantity(lowest), parse_quantity(highest)
    return validator(
        str,
        f"a Kubernetes quantity of bytes from {lowest} to {highest}, such as 50Gi",
        # Kubernetes reads `1000m` of memory as one byte, which is always a typing error.
        lambda text: not text.endswith("m") and bounds[0] <= parse_quantity(text) <= bounds[1],
    )


def duration(lowest: str, highest: str, reason: str = "") -> Validator:
    """Return a validator of Prometheus durations between two bounds, both included."""
    bounds = parse_duration(lowest), parse_duration(highest)
    return validator(
        str,
        f"a Prometheus duration from {lowest} to {highest}{reason}",
        lambda text: bounds[0] <= parse_duration(text) <= bounds[1],
    )


def is_cpu_quantity(text: str) -> bool:
    """Return whether a string is a number of CPU cores above zero and up to 256, such as `500m` or `1.5`."""
    return re.fullmatch(r"[0-9]+m|[0-9]+(\.[0-9]{1,3})?", text) is not None and 0 < parse_quantity(text) <= 256


def is_date(text: str) -> bool:
    """Return whether a text is a date of this century in the form 2026-12-25."""
    return date.fromisoformat(text).isoformat() == text and _FIRST_YEAR <= int(text[:4]) < _LAST_YEAR


def is_time_zone(text: str) -> bool:
    """Return whether a string is the name of a time zone known on this machine, or UTC."""
    # Alertmanager has no zones of the folders `posix` and `right`, which are in lower case, nor of files beside them.
    if not re.fullmatch(r"[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*", text):
        return False
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):  # OSError: a folder of zones, such as Europe.
        return text == "UTC"
    return True
