"""Values that a consumer of the settings would refuse, expand or misread, at every setting of their kind."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, get_args

import pytest
import yaml
from pydantic import BaseModel

from common.problems import Problem
from common.yaml_files import LARGEST_FILE, InvalidFileError, parse_json, parse_yaml, read_text
from preflight.plan import check_settings
from settings.credentials import GRAFANA_OAUTH_CLIENT_SECRET
from settings.loader import RawConfig, load_sections
from settings.stack import StackSettings

KINDS: Final[list[dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("cases.yaml").read_text(encoding="utf-8"))
# Refused at every setting that is a text, whatever its kind.
HOSTILE: Final = ("{{x", "${HOME}", "a\r\nb: c", "\x1b[2J", "\ud800", "x" * 20_000)
# Texts in which nothing is expanded: the Ingress is not part of a chart, and the engine reads the kubeconfig.
VERBATIM: Final = (
    "cluster.context",
    "grafana.ingress.annotations.example.com/issuer",
    "postgres[].batchAccounts[]",
    "prometheus.remoteWrite[].writeRelabel[].regex",
)
BOUNDLESS: Final = (-1, 10**400, float("nan"), float("inf"))

_RESOURCES: Final = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}
_SERVER: Final = {
    "name": "a", "address": "a.example:5", "service": "a", "team": "a",
    "scrapeInterval": "30s", "resources": _RESOURCES,
}  # fmt: skip
_LIMITS: Final = {
    "samples": 200_000, "targets": 2_000, "labels": 64, "labelNameLength": 256, "labelValueLength": 2_048,
    "bodySize": "64MB",
}  # fmt: skip
_RECEIVER: Final = {
    "url": "https://a.example",
    "headers": {"X-A": "b"},
    "queue": {"capacity": 10_000, "maxShards": 50, "maxSamplesPerSend": 2_000},
    "writeRelabel": [{"action": "keep", "label": "job", "regex": "a"}],
}
_PROBE: Final = {"service": "a", "team": "a"}
_EXPORTER: Final = {"enabled": True, "scrapeInterval": "30s", "resources": _RESOURCES}
# A stack that sets every setting.
WHOLE: Final[Mapping[str, Any]] = {
    "environment": "prod",
    "namespace": "monitoring",
    "namespaces": {"adopt": ["monitoring"]},
    "cluster": {
        "name": "a", "context": "a", "uid": "00000000-0000-0000-0000-000000000000", "qualifiedNames": False,
    },
    "charts": {"source": "upstream"},
    "links": dict.fromkeys(("runbooks", "grafana", "prometheus", "alertmanager"), "https://a.example"),
    "notifications": {
        "secretSource": "existing",
        "existingSecret": "a",
        "slack": {"botToken": True, "criticalChannel": "#a", "warningChannel": "#a", "securityChannel": "#a"},
        "pagerduty": True,
        "pagerdutyTeams": ["a"],
        "email": {
            **dict.fromkeys(("from", "security", "business", "management"), "a@a.example"),
            "onCall": "b@a.example", "smarthost": "a.example:25", "username": "a", "requireTls": True,
        },
        "deadMansSwitch": True,
        "groupWait": "30s",
        "groupInterval": "5m",
        "quietHours": {
            "begin": "20:00", "end": "06:00", "timezone": "UTC", "weekends": True, "warnings": True, "business": True,
        },
    },
    "operator": {
        "enabled": True, "crds": "managed", "controllerId": "a", "secretNamespaces": ["a"],
        "clusterTargets": {"apiServer": True, "kubelet": True, "coreDns": True}, "resources": _RESOURCES,
    },
    "blackboxExporter": _EXPORTER,
    "kubeStateMetrics": {**_EXPORTER, "excludedMetrics": ["kube_pod_ips"]},
    "nodeExporter": {**_EXPORTER, "port": 9100},
    "probes": {
        "http": [{"name": "a", "url": "https://a.example", **_PROBE}],
        "tls": [{"name": "b", "address": "a.example:1", **_PROBE}],
        "tcp": [{"name": "c", "address": "a.example:1", **_PROBE}],
    },
    "postgres": [{
        **_SERVER, "database": "a", "sslMode": "require", "batchAccounts": ["a"], "collectors": ["no-wal"],
        "secret": {"name": "a", "usernameKey": "a", "passwordKey": "a"},
    }],
    "redis": [{**_SERVER, "tls": True, "secret": {"name": "a", "passwordKey": "a"}}],
    "services": [{
        "name": "a", "kind": "pod", "namespace": "a", "selector": {"a": "b"}, "port": "a", "path": "/a",
        "interval": "30s", "team": "a",
    }],
    "prometheus": {
        "selector": "a",
        "replicas": 2, "shards": 1, "retention": "15d", "scrapeInterval": "30s", "evaluationInterval": "30s",
        "storage": {"size": "50Gi", "storageClass": "a", "retentionSize": "1GB"},
        "resources": _RESOURCES,
        "remoteWrite": [
            {"name": "a", **_RECEIVER, "credentials": {"bearer": {"secret": "a", "key": "a"}}},
            {
                "name": "b", **_RECEIVER,
                "credentials": {"basicAuth": {"secret": "a", "usernameKey": "a", "passwordKey": "a"}},
            },
            {
                "name": "c", **_RECEIVER,
                "credentials": {
                    "sigv4": {"region": "eu-central-1", "secret": "a", "accessKey": "a", "secretKey": "a"},
                },
            },
        ],
        "remoteWriteReceiver": True,
        "remoteRead": [{"name": "a", "url": "https://a.example", "requiredMatchers": {"a": "b"}}],
        "queryUrl": "https://a.example",
        "scrapeLimits": {"platform": _LIMITS, "teams": _LIMITS},
        "queries": {"concurrency": 20, "samples": 50_000_000, "timeout": "2m"},
        "ruleResults": 50_000,
        "thanos": {"objectStorage": {"secret": "a", "key": "a"}, "resources": _RESOURCES},
    },
    "alertmanager": {
        "replicas": 3, "retention": "5d", "storage": {"size": "2Gi", "storageClass": "a"}, "resources": _RESOURCES,
    },
    "grafana": {
        "enabled": True,
        "storage": {"size": "5Gi", "storageClass": "a"},
        "resources": _RESOURCES,
        "adminSecret": "a",
        "ingress": {"tlsSecret": "a", "className": "a", "annotations": {"example.com/issuer": "a"}},
        "signOn": {
            **dict.fromkeys(("name", "clientId", "scopes", "roleAttributePath", "allowedDomains"), "a"),
            **dict.fromkeys(("authUrl", "tokenUrl", "apiUrl"), "https://a.example"),
        },
    },
    "volumes": {"keepData": True},
    "alerts": {
        "calendar": [{"date": "2026-12-24", "until": "2026-12-26", "name": "a", "timezone": "UTC"}],
        "tunables": {},
        "overrides": {"EndpointSlow": {"for": "5m", "keep_firing_for": "5m"}},
    },
    "dashboards": {"boards": {"bais-infrastructure": {"panels": {
        "autoscalers": {"limits": {"warning": 0.5}},
        "targets-by-job": {"expressions": {"A": "up"}},
    }}}},
    "network": {"policies": True, "clients": ["a"], "ingressNamespaces": ["a"]},
    "scheduling": {"priorityClass": "a", "preemption": True},
}  # fmt: skip
# The catalogue and the boards check these sections, and so do not belong to the models.
CHECKED_ELSEWHERE: Final = ("alerts.tunables", "alerts.overrides", "dashboards.boards")

Place = tuple[Any, ...]


def places(value: object, place: Place = ()) -> Iterator[tuple[Place, object]]:
    """Yield each value that is no collection, with its place."""
    if isinstance(value, Mapping | list):
        for key, each in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from places(each, (*place, key))
    else:
        yield place, value


def name_of(place: Place) -> str:
    """Return the name of a setting as in the documentation, such as `probes.http[].url`."""
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")


def stack(place: Place, value: object) -> dict[str, Any]:
    """Return the whole stack with one changed value."""
    # Not a deep copy, in which what several settings share would remain shared.
    changed: dict[str, Any] = json.loads(json.dumps(WHOLE))
    parent: Any = changed
    for key in place[:-1]:
        parent = parent[key]
    parent[place[-1]] = value
    return changed


def settings_problems(values: Mapping[str, Any]) -> list[Problem]:
    secrets = frozenset({GRAFANA_OAUTH_CLIENT_SECRET.key})
    return list(load_sections(RawConfig(stack="prod", values=values, secrets=secrets)).problems)


def problems_at(place: Place, value: object) -> list[Problem]:
    """Return the problems of the whole stack with one changed value, also those of catalogue and boards."""
    values = stack(place, value)
    if not name_of(place).startswith(CHECKED_ELSEWHERE):
        return settings_problems(values)
    secrets = frozenset({GRAFANA_OAUTH_CLIENT_SECRET.key})
    return list(check_settings(RawConfig(stack="prod", values=values, secrets=secrets)).problems)


def is_about(problem: Problem, place: Place) -> bool:
    """Return whether a problem names the setting, a part of it, or the mapping of labels that it is an entry of."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    return problem.key.startswith(
        (f"monitoring:{shown}", f"monitoring:{shown}".removesuffix(".selector.a") + ".selector")
    )


VALUES: Final = dict(places(WHOLE))
PLACES: Final[dict[str, Place]] = {}
for _place in VALUES:
    PLACES.setdefault(name_of(_place), _place)


def model_settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the name of each setting of a model."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{field.alias or name}"
        inner = list(models_in(field.annotation))
        if not inner:
            yield key
        for each in inner:
            is_list = "tuple" in str(field.annotation)
            yield from model_settings(each, f"{key}{'[]' if is_list else ''}.")


def models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from models_in(each)


def test_the_stack_of_these_tests_is_valid_and_sets_every_setting() -> None:
    assert settings_problems(WHOLE) == []
    listed = set(PLACES)
    missing = [
        name
        for name in model_settings(StackSettings)
        if name not in CHECKED_ELSEWHERE
        and not any(each == name or each.startswith((f"{name}.", f"{name}[]")) for each in listed)
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("kind", "case"),
    [(kind, case) for kind in KINDS for case in kind["refused"]],
    ids=lambda part: part["kind"] if isinstance(part, dict) else part,
)
def test_every_setting_of_a_kind_refuses_the_value(kind: Mapping[str, Any], case: str) -> None:
    for setting in kind["settings"]:
        place = PLACES[setting]
        problems = problems_at(place, kind["refused"][case])
        assert [each for each in problems if is_about(each, place)], setting
        assert all(str(each).isprintable() and "hushhush" not in str(each) for each in problems)


@pytest.mark.parametrize("kind", KINDS, ids=[kind["kind"] for kind in KINDS])
def test_every_setting_of_a_kind_accepts_the_values_at_its_limits(kind: Mapping[str, Any]) -> None:
    for setting in kind["settings"]:
        place = PLACES[setting]
        for value in kind["accepted"].values():
            # Rules between settings, such as those for single sign-on, are not meant here.
            problems = [each for each in problems_at(place, value) if "with grafana." not in each.found]
            assert [each for each in problems if is_about(each, place)] == [], value


def test_every_text_refuses_what_a_reader_would_expand_obey_or_not_print() -> None:
    accepted = []
    for name, place in PLACES.items():
        if name in VERBATIM or name.startswith(CHECKED_ELSEWHERE) or not isinstance(VALUES[place], str):
            continue
        for value in HOSTILE:
            problems = settings_problems(stack(place, value))
            assert all(str(each).isprintable() for each in problems)
            if not any(is_about(each, place) for each in problems):
                accepted.append((name, value))
    assert accepted == []


def test_every_number_has_bounds_on_both_ends() -> None:
    numbers = {name: place for name, place in PLACES.items() if type(VALUES[place]) is int}
    assert len(numbers) >= 6
    for place in numbers.values():
        for value in BOUNDLESS:
            assert any(is_about(each, place) for each in settings_problems(stack(place, value)))


def test_every_name_of_a_kind_is_in_the_list_of_cases() -> None:
    by_kind = {kind["kind"]: set(kind["settings"]) for kind in KINDS}
    urls = {name for name, place in PLACES.items() if str(VALUES[place]).startswith("https://")}
    mails = {name for name, place in PLACES.items() if "@" in str(VALUES[place])}
    endpoints = {name for name in PLACES if name.endswith((".address", ".smarthost"))}
    secrets = {name for name in PLACES if name.lower().endswith("secret") or name.endswith(".secret.name")}
    assert (urls, mails) == (by_kind["URLs"], by_kind["mail addresses"])
    assert (endpoints, secrets) == (by_kind["host and port"], by_kind["names of Secrets"])


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    return value


QUERY: Final = "dashboards.boards.bais-infrastructure.panels.targets-by-job.expressions.A"
LARGE: Final = {
    "600 kB of PromQL": (QUERY, "up + " * 120_000 + "up"),
    "operators within the size": (QUERY, "up+" * 3_000 + "up"),
    "20,000 nested parentheses": (QUERY, "(" * 20_000 + "up" + ")" * 20_000),
    "nested parentheses within the size": (QUERY, "(" * 4_000 + "up" + ")" * 4_000),
    "a list nested 900 deep": ("alerts.overrides.EndpointSlow.for", nested(900)),
    "a thousand entries": ("alerts.overrides.EndpointSlow.for", ["x"] * 1_000),
    "a lone surrogate": ("cluster.name", "\ud800"),
    "a lone surrogate in a query": (QUERY, "up \ud800"),
    "a name longer than 253": ("grafana.adminSecret", "a" * 254),
    "a header longer than 1024": ("prometheus.remoteWrite[].headers.X-A", "a" * 1_025),
}


@pytest.mark.parametrize(("setting", "value"), LARGE.values(), ids=LARGE)
@pytest.mark.timeout(60)
def test_a_value_beyond_the_limits_is_one_clear_problem(setting: str, value: object) -> None:
    problem, *others = problems_at(PLACES[setting], value)
    assert others == []
    assert is_about(problem, PLACES[setting])
    assert str(problem).isprintable()
    assert len(str(problem)) < 1_000


@pytest.mark.parametrize("key", ["a\nb", "\x1b[2Jx", "\ud800", "k" * 20_000])
@pytest.mark.parametrize("section", ["prometheus", "alerts", "links"])
def test_a_key_that_cannot_be_printed_is_one_printable_line(section: str, key: str) -> None:
    values = {**WHOLE, section: {**WHOLE[section], key: 1}}
    (problem,) = settings_problems(values)
    assert str(problem).isprintable()
    assert len(str(problem)) < 500


BOMB: Final = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (BOMB, "more than 50000 values in line 5"),
        ("a: &a [*a]", "an alias without a complete value in line 1"),
        ("a: " + "[" * 900, "more than 20 levels in line 1"),
        ("a: " + "x" * 20_000, "a value of 20000 characters in line 1"),
        ("a: 1\nb: 2\na: 3", "the key a twice in line 3"),
        ('a: "\x1b[2J"', "a YAML error (unacceptable character"),
        ("a: !!int x", "a YAML error (a value that is not of its type)"),
        ("a: !!python/object:os.system x", "a YAML error in line 1"),
    ],
)
@pytest.mark.timeout(60)
def test_a_yaml_file_is_read_only_within_its_limits(text: str, found: str) -> None:
    with pytest.raises(InvalidFileError) as raised:
        parse_yaml(text)
    assert raised.value.found.startswith(found)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.large.yaml"
    file.write_text("# " + "x" * LARGEST_FILE)
    with pytest.raises(InvalidFileError, match="more than 512 KiB"):
        read_text(file)
    file.write_text("a: 1")
    assert read_text(file) == "a: 1"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5_000, "[1"])
def test_a_structure_that_the_engine_passes_may_be_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)
