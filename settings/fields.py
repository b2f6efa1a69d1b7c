"""Field types of the settings, each with its allowed values in words."""

import re
from collections.abc import Mapping
from typing import Annotated, Final

from common.durations import parse_duration
from common.exporters import EXPORTERS
from common.quantities import parse_size
from common.regular_expressions import LONGEST, is_regular_expression
from common.secrets import is_created_by_stack
from settings.addresses import (
    is_base_url,
    is_chart_source,
    is_endpoint,
    is_https_base_url,
    is_linked_url,
    is_mail_address,
    is_url_path,
)
from settings.validators import (
    byte_quantity,
    duration,
    is_annotation_map,
    is_cpu_quantity,
    is_date,
    is_label_map,
    is_object_name,
    is_time_zone,
    kubernetes_name,
    matches,
    one_of,
    validator,
    whole_number,
)

# General

_FLAG: Final = validator(bool, "true or false", lambda _: True)
Flag = Annotated[bool, _FLAG]
OptionalFlag = Annotated[bool | None, _FLAG]
_LONGEST_TEXT: Final = 1024
# Helm, Go templates, Grafana and its configuration file, and the configuration reloader expand the rejected sequences.
_EXPANDED: Final = ("$", '"""', "{{", "%(")


def _is_plain_text(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST_TEXT
        and text.isprintable()
        and text == text.strip()
        and not any(each in text for each in _EXPANDED)
    )


_PLAIN_TEXT: Final = validator(
    str, f'a single line of at most {_LONGEST_TEXT} characters without $, """, {{{{ and %(', _is_plain_text
)
PlainText = Annotated[str, _PLAIN_TEXT]
OptionalPlainText = Annotated[str | None, _PLAIN_TEXT]
# `$(NAME)` is a variable to the configuration reloader.
MetricPattern = Annotated[
    str,
    validator(
        str,
        "a regular expression of metric names, of lowercase letters, digits and _ . * + ? | ( ), such as kube_pod_ips",
        lambda text: re.fullmatch(r"[a-z0-9_.*+?|()]{1,200}", text) is not None and is_regular_expression(text),
    ),
]
RegularExpression = Annotated[
    str,
    validator(
        str,
        f"a regular expression in RE2 syntax of at most {LONGEST} characters without $(, "
        "which Prometheus anchors at both ends",
        lambda text: "$(" not in text and is_regular_expression(text),
    ),
]
HeaderValue = Annotated[
    str,
    validator(
        str,
        f"printable ASCII without leading or trailing spaces, $ and {{{{, at most {_LONGEST_TEXT} characters",
        lambda text: text == "" or (text.isascii() and _is_plain_text(text)),
    ),
]

# Names

Name = Annotated[str, kubernetes_name(63)]
OptionalName = Annotated[str | None, kubernetes_name(63)]
# The name of the node exporter's namespace is the stack's with this suffix, and both must be valid names.
NODE_EXPORTER_SUFFIX: Final = "-node-exporter"
_LONGEST_NAMESPACE: Final = 63 - len(NODE_EXPORTER_SUFFIX)
NamespaceName = Annotated[str, kubernetes_name(_LONGEST_NAMESPACE)]
# Helm limits release names to 53 characters; that of a database exporter is `<exporter>-<server>`.
_LONGEST_RELEASE: Final = 53
_LONGEST_PREFIX: Final = max(len(f"{exporter.name}-") for exporter in EXPORTERS if exporter.per_server)
InstanceName = Annotated[str, kubernetes_name(_LONGEST_RELEASE - _LONGEST_PREFIX)]
ObjectName = Annotated[
    str | None,
    validator(str, "the name of a Kubernetes object: lowercase letters, digits, - and .", is_object_name),
]
# A Secret of another owner. The engine deletes one of its own when a setting replaces it, and another reader would get
# the credentials in it.
_SECRET_NAME: Final = validator(
    str,
    "the name of a Secret that the stack does not create itself: lowercase letters, digits, - and .",
    lambda text: is_object_name(text) and not is_created_by_stack(text),
)
SecretName = Annotated[str, _SECRET_NAME]
OptionalSecretName = Annotated[str | None, _SECRET_NAME]
SecretKey = Annotated[
    str, validator(str, "a key of the Secret: letters, digits, -, _ and .", matches(r"[A-Za-z0-9._-]{1,253}"))
]
# Of a Service or a container, with the limits of Kubernetes.
PortName = Annotated[
    str,
    validator(
        str,
        "the name of a port: lowercase letters, digits and -, at most 15 characters",
        matches(r"(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*"),
    ),
]
Labels = Annotated[
    Mapping[str, str] | None, validator(dict, "a mapping of Kubernetes labels to values, at least one", is_label_map)
]
Annotations = Annotated[
    Mapping[str, str],
    validator(dict, "a mapping of names to strings, with true, false and numbers in quotes", is_annotation_map),
]
Environment = Annotated[
    str,
    validator(
        str,
        "local, staging, prod or another name of lowercase letters, digits and -",
        matches(r"[a-z][a-z0-9-]{0,30}"),
    ),
]
Context = Annotated[
    str | None,
    validator(
        str,
        "the name of a kubeconfig context, at most 253 characters without spaces",
        lambda text: 0 < len(text) <= 253 and text.isprintable() and " " not in text,
    ),
]
LabelName = Annotated[
    str, validator(str, "the name of a label: letters, digits and _", matches(r"[a-zA-Z_][a-zA-Z0-9_]{0,127}"))
]
DatabaseName = Annotated[
    str, validator(str, "the name of a database: letters, digits, _ and -", matches(r"[A-Za-z0-9_-]{1,63}"))
]
AccountName = Annotated[
    str,
    validator(
        str,
        'the name of a database account, without " and \\',
        lambda text: text.isprintable() and re.fullmatch(r'[^\s"\\]{1,63}', text) is not None,
    ),
]
# Collectors of postgres_exporter 0.20.1. Any other flag would keep the exporter from starting.
COLLECTORS: Final = (
    "buffercache_summary",
    "database",
    "database_wraparound",
    "locks",
    "long_running_transactions",
    "postmaster",
    "process_idle",
    "replication",
    "replication_slots",
    "roles",
    "settings",
    "stat_activity",
    "stat_activity_autovacuum",
    "stat_archiver",
    "stat_bgwriter",
    "stat_checkpointer",
    "stat_database",
    "stat_progress_vacuum",
    "stat_replication",
    "stat_statements",
    "stat_user_tables",
    "stat_wal_receiver",
    "statio_user_indexes",
    "statio_user_tables",
    "wal",
    "xlog_location",
)
# Before the name of a collector that a server does not support.
WITHOUT: Final = "no-"
Collector = Annotated[
    str,
    validator(
        str,
        "a collector of the PostgreSQL exporter, or no- and the name of one, such as no-wal",
        lambda text: text.removeprefix(WITHOUT) in COLLECTORS,
    ),
]
Region = Annotated[str, validator(str, "an AWS region such as eu-central-1", matches(r"[a-z]{2}(-[a-z]+)+-[0-9]"))]

# URLs and hosts

_BASE_URL: Final = validator(str, "an http or https URL without user, query, fragment, $ or ;", is_base_url)
BaseUrl = Annotated[str, _BASE_URL]
OptionalBaseUrl = Annotated[str | None, _BASE_URL]
_LINKED_URL: Final = validator(
    str,
    "an http or https URL that people can open, without user, query, fragment, $ or ;, and not of a Service (*.svc)",
    is_linked_url,
)
LinkedUrl = Annotated[str, _LINKED_URL]
OptionalLinkedUrl = Annotated[str | None, _LINKED_URL]
# Instead of an address: the runbooks are boards of the stack's own Grafana.
IN_GRAFANA: Final = "grafana"
RunbooksUrl = Annotated[
    str,
    validator(
        str,
        f"{IN_GRAFANA}, or an http or https URL that people can open, without user, query, fragment, $ or ;, "
        "and not of a Service (*.svc)",
        lambda text: text == IN_GRAFANA or is_linked_url(text),
    ),
]
SecureUrl = Annotated[str, validator(str, "an https URL without user, query, fragment, $ or ;", is_https_base_url)]
UrlPath = Annotated[str, validator(str, "a path that starts with /, without query, fragment, $ or ;", is_url_path)]
Endpoint = Annotated[str, validator(str, "a host and port such as db.example.com:5432", is_endpoint)]
ChartSource = Annotated[
    str,
    validator(
        str,
        "upstream, the https:// URL of a mirror, an oci:// registry (both without user, query and fragment), "
        "or a folder relative to the project",
        is_chart_source,
    ),
]

# Above the ports that only a process with a capability may open.
NodePort = Annotated[int, whole_number(1024, 65535)]
# The UID of a Kubernetes object.
OptionalUid = Annotated[
    str | None,
    validator(
        str,
        "the UID of the cluster's namespace kube-system",
        matches(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ),
]

# Quantities and durations

Bytes = Annotated[str, byte_quantity("1Mi")]
# Of a volume. Prometheus writes its log in segments of 128 MiB, and 85 % of the volume must hold several of them.
VolumeSize = Annotated[str, byte_quantity("64Mi")]
PrometheusVolumeSize = Annotated[str, byte_quantity("1Gi")]
Cores = Annotated[str, validator(str, "CPU cores above zero and up to 256, such as 500m or 2", is_cpu_quantity)]
_SMALLEST_RETENTION_SIZE: Final = 512 * 1024**2
_LARGEST_RETENTION_SIZE: Final = 64 * 1024**4
OptionalSize = Annotated[
    str | None,
    validator(
        str,
        "a Prometheus size from 512MB to 64TB, such as 40GB",
        lambda text: _SMALLEST_RETENTION_SIZE <= parse_size(text) <= _LARGEST_RETENTION_SIZE,
    ),
]
_LARGEST_BODY_SIZE: Final = 4 * 1024**3
BodySize = Annotated[
    str,
    validator(
        str,
        "a Prometheus size from 1MB to 4GB, such as 64MB",
        lambda text: 1024**2 <= parse_size(text) <= _LARGEST_BODY_SIZE,
    ),
]
# In seconds. The longest interval leaves four samples in the shortest window of the catalogue; the shortest limits the
# load on targets.
SHORTEST_INTERVAL: Final = 5
LONGEST_INTERVAL: Final = 60
_INTERVAL: Final = validator(
    str,
    "a Prometheus duration from 5s to 1m, because alerts need 4 samples in 5m",
    lambda text: SHORTEST_INTERVAL <= parse_duration(text) <= LONGEST_INTERVAL,
)
Interval = Annotated[str, _INTERVAL]
OptionalInterval = Annotated[str | None, _INTERVAL]
# In seconds: the longest window of the catalogue, and the longest repeat interval. Alertmanager repeats a notification
# early if it has deleted the record of the last one.
SHORTEST_RETENTION: Final = 24 * 60 * 60
# Go's durations end at 292 years, and a stack that must keep samples for longer than this uses object storage.
Retention = Annotated[str, duration("1d", "10y", ", such as 30d")]

QueryTimeout = Annotated[str, duration("10s", "10m")]

# Notifications

SecretSource = Annotated[str, one_of("configuration", "existing")]
Channel = Annotated[
    str, validator(str, 'a Slack channel such as "#bais-alerts", in quotes', matches(r"#[a-z0-9_-]{1,79}"))
]
_MAILBOX: Final = validator(str, "an e-mail address such as on-call@example.com", is_mail_address)
Address = Annotated[str, _MAILBOX]
OptionalAddress = Annotated[str | None, _MAILBOX]
Smarthost = Annotated[str, validator(str, "a host and port such as smtp.example.com:587", is_endpoint)]
TimeOfDay = Annotated[
    str, validator(str, 'a time of day such as "19:00", in quotes', matches(r"([01][0-9]|2[0-3]):[0-5][0-9]"))
]
_DATE: Final = validator(str, 'a date such as "2026-12-25", in quotes', is_date)
Date = Annotated[str, _DATE]
OptionalDate = Annotated[str | None, _DATE]
TimeZone = Annotated[str, validator(str, "a time zone such as Europe/Berlin, or UTC", is_time_zone)]
# Long enough for a rule to be evaluated, and well below the default of GroupInterval.
GroupWait = Annotated[str, duration("5s", "2m")]
# Repeat intervals are whole hours, and Alertmanager checks a group only once per group interval.
GroupInterval = Annotated[
    str,
    validator(
        str,
        "a Prometheus duration from 5s to 10m that divides 1h evenly, such as 40s or 5m",
        lambda text: 5 <= parse_duration(text) <= 10 * 60 and 3600 % parse_duration(text) == 0,
    ),
]

# Scale-out

KeepOrDrop = Annotated[str, one_of("keep", "drop")]
