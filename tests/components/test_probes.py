from typing import Final

import pytest

from manifests.probes import probe_specs
from manifests.scrape_limits import monitor_limits
from settings.loader import LoadResult, RawConfig, build_settings, load_sections
from settings.probes import MODULES
from settings.scrape_limits import PlatformScrapeLimits
from settings.stack import StackSettings

LIMITS: Final = PlatformScrapeLimits()
NAME: Final = "a Kubernetes name: lowercase letters, digits and -, at most 63 characters"
URL: Final = "an http or https URL without user, query, fragment, $ or ;"
ADDRESS: Final = "a host and port such as db.example.com:5432"
SECRETS: Final = frozenset({"slackCriticalWebhookUrl", "slackWarningWebhookUrl", "slackSecurityWebhookUrl"})
API: Final = {"name": "api", "url": "https://api.example", "service": "bais-api"}
MAIL: Final = {"name": "mail", "address": "smtp.example:465", "service": "mail", "team": "office"}
DATABASE: Final = {"name": "database", "address": "[2001:db8::1]:5432", "service": "postgresql"}


def load(probes: object, **changes: object) -> LoadResult:
    values: dict[str, object] = {
        "environment": "prod",
        "cluster": {"name": "bais-prod"},
        "namespace": "monitoring",
        "links": {"runbooks": "https://runbooks.example", "grafana": "https://grafana.example"},
        "notifications": {"slack": {}},
        "probes": probes,
    }
    return load_sections(RawConfig(stack="prod", values=values | changes, secrets=SECRETS))


def problems(probes: object, **changes: object) -> list[tuple[str, str, str]]:
    return [(problem.key, problem.found, problem.allowed) for problem in load(probes, **changes).problems]


def settings(probes: object, **changes: object) -> StackSettings:
    loaded = load(probes, **changes)
    assert loaded.problems == ()
    return build_settings(loaded)


def test_each_probe_has_its_own_spec() -> None:
    probes = settings({"http": [API], "tls": [MAIL], "tcp": [DATABASE]}).probes
    found = probe_specs(probes, prober="exporter:9115", interval=None, limits=LIMITS)
    assert list(found) == ["probe-api", "probe-mail", "probe-database"]
    assert found["probe-api"] == {
        "jobName": "probe-api",
        "prober": {"url": "exporter:9115"},
        "module": "http_2xx",
        "targets": {
            "staticConfig": {
                "static": ["https://api.example"],
                "labels": {"service": "bais-api", "team": "platform"},
            }
        },
        **monitor_limits(LIMITS),
    }
    assert [spec["module"] for spec in found.values()] == list(MODULES.values())
    assert found["probe-mail"]["targets"]["staticConfig"]["labels"] == {"service": "mail", "team": "office"}
    assert found["probe-database"]["targets"]["staticConfig"]["static"] == ["[2001:db8::1]:5432"]


def test_the_interval_reaches_every_probe() -> None:
    probes = settings({"http": [API], "tcp": [DATABASE]}).probes
    found = probe_specs(probes, prober="exporter:9115", interval="15s", limits=LIMITS)
    assert {spec["interval"] for spec in found.values()} == {"15s"}


def test_without_probes_there_are_no_specs() -> None:
    assert probe_specs(settings({}).probes, prober="exporter:9115", interval=None, limits=LIMITS) == {}


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://user:hushhush@api.example",
            "https://api.example?token=hushhush",
            "api.example",
            "ftp://api.example",
        ),
        *("https://api.example:99999", "https://api example", 7),
    ],
)
def test_an_invalid_url_or_one_with_credentials_is_rejected(url: object) -> None:
    ((key, found, allowed),) = problems({"http": [API | {"url": url}]})
    assert (key, allowed) == ("monitoring:probes.http[0].url", URL)
    assert "hushhush" not in found


@pytest.mark.parametrize("kind", ["tls", "tcp"])
@pytest.mark.parametrize(
    "address",
    [
        *("smtp.example", "smtp.example:0", "smtp.example:65536", ":465", "https://smtp.example:465", "a b:1"),
        *("user:hushhush@smtp.example:465", 465),
    ],
)
def test_an_endpoint_is_a_host_and_a_port(kind: str, address: object) -> None:
    ((key, found, allowed),) = problems({kind: [MAIL | {"address": address}]})
    assert (key, allowed) == (f"monitoring:probes.{kind}[0].address", ADDRESS)
    assert "hushhush" not in found


def test_all_problems_of_all_probes_are_reported_together() -> None:
    found = problems(
        {
            "http": [API, API | {"name": "API", "url": "api.example"}, {"name": "web", "url": "https://web.example"}],
            "tls": [MAIL | {"name": "api", "port": 1}, "smtp.example:465"],
            "tcp": {"name": "database"},
            "icmp": [],
        }
    )
    assert found == [
        ("monitoring:probes.http[1].name", '"API"', NAME),
        ("monitoring:probes.http[1].url", "a hidden value", URL),
        ("monitoring:probes.http[2].service", "nothing", "a value, because this setting has no default"),
        ("monitoring:probes.tls[0].port", "an unknown key", "one of address, name, service, team"),
        ("monitoring:probes.tls[1]", '"smtp.example:465"', "a mapping with the keys name, service, team, address"),
        ("monitoring:probes.tcp", "a mapping", "a list of mappings, at most 200"),
        ("monitoring:probes.icmp", "an unknown key", "one of http, tcp, tls"),
        ("monitoring:probes.http[0].name", "a name used by 2 probes", "a name that no other probe uses"),
        ("monitoring:probes.tls[0].name", "a name used by 2 probes", "a name that no other probe uses"),
    ]


@pytest.mark.parametrize("probes", [{"http": [{"name": ["x"]}]}, {"http": 7}, [], 7, {"tls": None}])
def test_an_invalid_list_of_probes_is_reported_as_a_problem(probes: object) -> None:
    assert problems(probes)


def test_probes_require_the_blackbox_exporter() -> None:
    disabled = {"enabled": False}
    assert problems({"http": [API]}, blackboxExporter=disabled) == [
        (
            "monitoring:blackboxExporter.enabled",
            "false, with probes",
            "true, or no probes, because this exporter runs them",
        )
    ]
    assert settings({}, blackboxExporter=disabled)


def test_the_namespace_is_short_enough_for_that_of_the_node_exporter() -> None:
    ((key, _, allowed),) = problems({}, namespace="n" * 50)
    assert key == "monitoring:namespace"
    assert allowed.endswith("at most 49 characters")
    assert settings({}, namespace="n" * 49)
