"""Validators of single values, whose errors state the allowed values in words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from common.quantities import parse_quantity

# The type of the errors below, as pydantic reports it.
INVALID_VALUE: Final = "invalid_value"

# A DNS label, as in names of Kubernetes objects, and a word of a Kubernetes label's name or value.
DNS_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LABEL_WORD: Final = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"


def invalid_value(allowed: str, *, key: str = "", found: str = "") -> PydanticCustomError:
    """Return an error that states the allowed values.

    `key` narrows the error to one key of a mapping; `found` replaces the description of the value.
    """
    return PydanticCustomError(INVALID_VALUE, "allowed: {allowed}", {"allowed": allowed, "key": key, "found": found})


def validator(kind: type, allowed: str, accepts: Callable[[Any], bool]) -> BeforeValidator:
    """Return a validator of values of exactly one type; a ValueError from `accepts` counts as False."""

    def validate(value: object) -> object:
        try:
            # The exact type, because bool is a subclass of int.
            accepted = type(value) is kind and accepts(value)
        except ValueError:
            accepted = False
        if not accepted:
            raise invalid_value(allowed)
        return value

    return BeforeValidator(validate)


def one_of(*words: str) -> BeforeValidator:
    """Return a validator of a fixed set of strings."""
    return validator(str, f"one of {', '.join(words)}", lambda text: text in words)


def whole_number(lowest: int, highest: int) -> BeforeValidator:
    """Return a validator of integers between two bounds, both included."""
    return validator(int, f"a whole number from {lowest} to {highest}", lambda number: lowest <= number <= highest)


def kubernetes_name(max_length: int) -> BeforeValidator:
    """Return a validator of DNS labels of at most `max_length` characters."""
    return validator(
        str,
        f"a Kubernetes name: lowercase letters, digits and -, at most {max_length} characters",
        lambda text: re.fullmatch(DNS_LABEL, text) is not None and len(text) <= max_length,
    )


def matches(pattern: str) -> Callable[[str], bool]:
    """Return a predicate for strings that a pattern matches as a whole."""
    return lambda text: re.fullmatch(pattern, text) is not None


def is_oci(text: str) -> bool:
    """Return whether a chart source is an OCI registry."""
    return text.startswith("oci://")


def is_url(text: str) -> bool:
    """Return whether a chart source is a URL of any scheme, not a folder."""
    return "://" in text


def is_chart_source(text: str) -> bool:
    """Return whether a string is `upstream`, an https or oci URL without user, or a relative path."""
    if text == "upstream":
        return True
    if is_url(text):
        url = urlsplit(text)
        return url.scheme in ("https", "oci") and bool(url.hostname) and "@" not in url.netloc
    return bool(text) and not text.startswith(("/", "~"))


def is_base_url(text: str) -> bool:
    """Return whether a string is an http or https URL without user, query and fragment."""
    url = urlsplit(text)
    return (
        url.scheme in ("http", "https")
        and bool(url.hostname)
        and url.port != 0  # Reading `port` raises ValueError for an invalid one.
        and not ("@" in url.netloc or url.query or url.fragment or re.search(r"\s", text))
    )


def is_https_base_url(text: str) -> bool:
    """Return whether a string is an https URL without user, query and fragment."""
    return text.startswith("https://") and is_base_url(text)


def is_endpoint(text: str) -> bool:
    """Return whether a string is `host:port`; IPv6 addresses are in brackets."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", text)
    return found is not None and 1 <= int(found[2]) <= 65535


def is_regular_expression(text: str) -> bool:
    """Return whether a string is a regular expression, and not empty."""
    try:
        re.compile(text)
    except re.error:
        return False
    return bool(text)


def is_label_map(labels: Mapping[object, object]) -> bool:
    """Return whether a mapping holds valid Kubernetes labels, at least one."""
    return bool(labels) and all(
        isinstance(key, str)
        and isinstance(value, str)
        and re.fullmatch(rf"({DNS_LABEL}(\.{DNS_LABEL})*/)?{_LABEL_WORD}", key)
        and re.fullmatch(rf"({_LABEL_WORD})?", value)
        for key, value in labels.items()
    )


def is_annotation_map(annotations: Mapping[object, object]) -> bool:
    """Return whether a mapping leads from names to strings; it may be empty."""
    return all(isinstance(key, str) and key and isinstance(value, str) for key, value in annotations.items())


def is_byte_quantity(text: str) -> bool:
    """Return whether a string is a Kubernetes quantity of at least 1 MiB; ValueError if it is not a quantity."""
    # Kubernetes reads `1000m` of memory as one byte, which is always a typing error.
    return not text.endswith("m") and parse_quantity(text) >= 1024**2


def is_cpu_quantity(text: str) -> bool:
    """Return whether a string is a number of CPU cores above zero, such as `500m` or `1.5`."""
    return re.fullmatch(r"[0-9]+m|[0-9]+(\.[0-9]{1,3})?", text) is not None and parse_quantity(text) > 0


def is_date(text: str) -> bool:
    """Return whether a text is a date in the form 2026-12-25."""
    return date.fromisoformat(text).isoformat() == text


def is_time_zone(text: str) -> bool:
    """Return whether a string is the name of a time zone known on this machine, or UTC."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):  # OSError: a folder of zones, such as Europe.
        return text == "UTC"
    return True
