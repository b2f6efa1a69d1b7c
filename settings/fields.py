"""The kinds of value that a setting may hold; each says in words what it allows."""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from common.durations import parse_duration
from common.exporters import EXPORTERS
from common.quantities import parse_quantity, parse_size


def refuse(allowed: str, *, key: str = "", found: str = "") -> PydanticCustomError:
    """An error that says what is allowed; `key` narrows it to one key of a mapping, `found` replaces the value."""
    return PydanticCustomError("refused", "allowed: {allowed}", {"allowed": allowed, "key": key, "found": found})


def _value(kind: type, allowed: str, accepts: Callable[[Any], bool]) -> BeforeValidator:
    def check(value: object) -> object:
        try:
            # The exact type: to Python, True is a whole number too.
            accepted = type(value) is kind and accepts(value)
        except ValueError:  # What cannot be read is not accepted.
            accepted = False
        if not accepted:
            raise refuse(allowed)
        return value

    return BeforeValidator(check)


def _above_zero(read: Callable[[str], Fraction | int]) -> Callable[[str], bool]:
    return lambda text: read(text) > 0


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(pattern, text) is not None


def _name(longest: int) -> BeforeValidator:
    return _value(
        str,
        f"a Kubernetes name: small letters, digits and -, {longest} characters at most",
        lambda text: re.fullmatch(_LABEL, text) is not None and len(text) <= longest,
    )


def one_of(*words: str) -> BeforeValidator:
    """One of a few words."""
    return _value(str, f"one of {', '.join(words)}", lambda text: text in words)


def whole_number(lowest: int, highest: int) -> BeforeValidator:
    """A whole number between two bounds, both included."""
    return _value(int, f"a whole number from {lowest} to {highest}", lambda number: lowest <= number <= highest)


def _is_base_url(text: str) -> bool:
    url = urlsplit(text)
    return (
        url.scheme in ("http", "https")
        and bool(url.hostname)
        and url.port != 0  # Reading it refuses what is no port.
        and not ("@" in url.netloc or url.query or url.fragment or re.search(r"\s", text))
    )


def _is_endpoint(text: str) -> bool:
    found = re.fullmatch(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})", text)
    return found is not None and 1 <= int(found[2]) <= 65535


def _is_regular_expression(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return bool(text)


def _is_label_map(labels: Mapping[object, object]) -> bool:
    return bool(labels) and all(
        isinstance(key, str)
        and isinstance(value, str)
        and re.fullmatch(rf"({_LABEL}(\.{_LABEL})*/)?{_LABEL_WORD}", key)
        and re.fullmatch(rf"({_LABEL_WORD})?", value)
        for key, value in labels.items()
    )


def is_oci(text: str) -> bool:
    """Whether a chart source is an OCI registry."""
    return text.startswith("oci://")


def is_url(text: str) -> bool:
    """Whether a chart source is an address of any kind, not a folder."""
    return "://" in text


def _is_chart_source(text: str) -> bool:
    if text == "upstream":
        return True
    if is_url(text):
        url = urlsplit(text)
        return url.scheme in ("https", "oci") and bool(url.hostname) and "@" not in url.netloc
    return bool(text) and not text.startswith(("/", "~"))


def _is_bytes(text: str) -> bool:
    # To Kubernetes, `1000m` of memory is one byte: hardly what anybody means.
    return not text.endswith("m") and parse_quantity(text) >= 1024**2


def _is_cores(text: str) -> bool:
    return re.fullmatch(r"[0-9]+m|[0-9]+(\.[0-9]{1,3})?", text) is not None and parse_quantity(text) > 0


def _is_time_zone(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError):  # A folder of zones, such as Europe, is no file.
        return text == "UTC"
    return True


def _is_annotations(value: Mapping[object, object]) -> bool:
    return all(isinstance(key, str) and key and isinstance(item, str) for key, item in value.items())


# In seconds. The longest leaves four samples in the shortest window of the catalogue; the shortest is still affordable.
SHORTEST_INTERVAL: Final = 5
LONGEST_INTERVAL: Final = 60
_LABEL: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LABEL_WORD: Final = r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = r"[^@\s]+@[^@\s]+"

Flag = Annotated[bool, _value(bool, "true or false", lambda _: True)]
OptionalFlag = Annotated[bool | None, _value(bool, "true or false", lambda _: True)]
Name = Annotated[str, _name(63)]
# The node exporter's namespace is named after the stack's, and both have to fit.
NODE_EXPORTER_SUFFIX: Final = "-node-exporter"
_LONGEST_NAMESPACE: Final = 63 - len(NODE_EXPORTER_SUFFIX)
NamespaceName = Annotated[str, _name(_LONGEST_NAMESPACE)]
_OBJECT_NAME: Final = _value(
    str, "the name of a Kubernetes object: small letters, digits, - and .", _matches(rf"{_LABEL}(\.{_LABEL})*")
)
ObjectName = Annotated[str | None, _OBJECT_NAME]
SecretName = Annotated[str, _OBJECT_NAME]
Annotations = Annotated[
    Mapping[str, str], _value(dict, "a mapping of names and texts; true, false and numbers in quotes", _is_annotations)
]
SecretKey = Annotated[
    str, _value(str, "a key of the Secret: letters, digits, -, _ and .", _matches(r"[A-Za-z0-9._-]{1,253}"))
]
Environment = Annotated[
    str,
    _value(
        str, "local, staging, prod or another name of small letters, digits and -", _matches(r"[a-z][a-z0-9-]{0,30}")
    ),
]
Context = Annotated[str | None, _value(str, "the name of a context of the kubeconfig", _matches(r"\S+"))]
OptionalText = Annotated[str | None, _value(str, "text", _matches(r"\S(.*\S)?"))]
# For a configuration file of Grafana in a Helm value: both would put something else in the place of what is refused.
_PLAIN_TEXT: Final = _value(
    str, 'text on one line, without $, """ and {{', _matches(r"(?!.*(\$|\"\"\"|\{\{))\S(.*\S)?")
)
PlainText = Annotated[str, _PLAIN_TEXT]
OptionalPlainText = Annotated[str | None, _PLAIN_TEXT]
SecretSource = Annotated[
    str, _value(str, "configuration or existing", lambda text: text in ("configuration", "existing"))
]
Channel = Annotated[
    str, _value(str, 'a Slack channel such as "#bais-alerts", in quotes', _matches(r"#[a-z0-9_-]{1,79}"))
]
TimeOfDay = Annotated[
    str, _value(str, 'a time of day such as "19:00", in quotes', _matches(r"([01][0-9]|2[0-3]):[0-5][0-9]"))
]
TimeZone = Annotated[str, _value(str, "a time zone such as Europe/Berlin, or UTC", _is_time_zone)]
_MAILBOX: Final = _value(str, "an e-mail address", _matches(_ADDRESS))
Address = Annotated[str, _MAILBOX]
OptionalAddress = Annotated[str | None, _MAILBOX]
Smarthost = Annotated[str, _value(str, "a host and port such as smtp.example.com:587", _is_endpoint)]
_BASE_URL: Final = _value(str, "an http or https address without user, query or fragment", _is_base_url)
BaseUrl = Annotated[str, _BASE_URL]
OptionalBaseUrl = Annotated[str | None, _BASE_URL]
SecureUrl = Annotated[
    str,
    _value(
        str,
        "an https address without user, query or fragment",
        lambda text: text.startswith("https://") and _is_base_url(text),
    ),
]
ChartSource = Annotated[
    str,
    _value(
        str,
        "upstream, the https:// address of a mirror, an oci:// registry (both without a user), "
        "or a folder relative to the project",
        _is_chart_source,
    ),
]
Bytes = Annotated[str, _value(str, "a Kubernetes quantity of bytes, at least 1Mi, such as 50Gi", _is_bytes)]
Cores = Annotated[str, _value(str, "processor cores above zero such as 500m or 2", _is_cores)]
# As far back as the catalogue looks, and longer than Alertmanager may wait before it repeats a notification: it repeats
# what it has forgotten.
SHORTEST_RETENTION: Final = 24 * 60 * 60
Retention = Annotated[
    str,
    _value(
        str, "a Prometheus duration of 1d or more such as 30d", lambda text: parse_duration(text) >= SHORTEST_RETENTION
    ),
]
_INTERVAL: Final = _value(
    str,
    "a Prometheus duration from 5s to 1m: alerts look back 5m and need 4 samples there",
    lambda text: SHORTEST_INTERVAL <= parse_duration(text) <= LONGEST_INTERVAL,
)
Interval = Annotated[str, _INTERVAL]
# Long enough for a rule to be evaluated, and well below the default of GroupInterval.
GroupWait = Annotated[
    str, _value(str, "a Prometheus duration from 5s to 2m", lambda text: 5 <= parse_duration(text) <= 2 * 60)
]
# The routes repeat messages after whole hours, and a group is only looked at once per group interval.
GroupInterval = Annotated[
    str,
    _value(
        str,
        "a Prometheus duration from 5s to 10m that divides 1h evenly, such as 40s or 5m",
        lambda text: 5 <= parse_duration(text) <= 10 * 60 and 3600 % parse_duration(text) == 0,
    ),
]
OptionalInterval = Annotated[str | None, _INTERVAL]
Endpoint = Annotated[str, _value(str, "a host and port such as db.example.com:5432", _is_endpoint)]
LabelName = Annotated[
    str, _value(str, "the name of a label: letters, digits and _", _matches(r"[a-zA-Z_][a-zA-Z0-9_]*"))
]
KeepOrDrop = Annotated[str, _value(str, "keep or drop", lambda text: text in ("keep", "drop"))]
RegularExpression = Annotated[
    str, _value(str, "a regular expression; Prometheus anchors it at both ends", _is_regular_expression)
]
Region = Annotated[str, _value(str, "an AWS region such as eu-central-1", _matches(r"[a-z]{2}(-[a-z]+)+-[0-9]"))]
OptionalSize = Annotated[str | None, _value(str, "a Prometheus size above zero such as 40GB", _above_zero(parse_size))]
# The longest name of a Helm release is 53 characters; that of an exporter's is `<exporter>-<server>`.
_LONGEST_RELEASE: Final = 53
_LONGEST_PREFIX: Final = max(len(f"{exporter.name}-") for exporter in EXPORTERS if exporter.per_server)
InstanceName = Annotated[str, _name(_LONGEST_RELEASE - _LONGEST_PREFIX)]
DatabaseName = Annotated[
    str, _value(str, "the name of a database: letters, digits, _ and -", _matches(r"[A-Za-z0-9_-]{1,63}"))
]
# Of a Service or a container, as Kubernetes has it.
PortName = Annotated[
    str,
    _value(
        str,
        "the name of a port: small letters, digits and -, 15 characters at most",
        _matches(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*"),
    ),
]
UrlPath = Annotated[str, _value(str, "a path that begins with /, without query or fragment", _matches(r"/[^\s?#]*"))]
Labels = Annotated[
    Mapping[str, str] | None, _value(dict, "labels of Kubernetes with their values, at least one", _is_label_map)
]
