import pytest

from manifests.probes import probe_specifications
from settings.loader import LoadResult, RawConfig, build_settings, load_sections
from settings.probes import MODULES
from settings.stack import StackSettings

NAME = "a Kubernetes name: lowercase letters, digits and -, at most 63 characters"
URL = "an http or https URL without user, query or fragment"
ADDRESS = "a host and port such as db.example.com:5432"
SECRETS = frozenset({"slackCriticalWebhookUrl", "slackWarningWebhookUrl", "slackSecurityWebhookUrl"})
API = {"name": "api", "url": "https://api.example", "service": "bais-api"}
MAIL = {"name": "mail", "address": "smtp.example:465", "service": "mail", "team": "office"}
DATABASE = {"name": "database", "address": "[2001:db8::1]:5432", "service": "postgresql"}


def reading(probes: object, **changes: object) -> LoadResult:
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
    return [(problem.key, problem.found, problem.allowed) for problem in reading(probes, **changes).problems]


def accepted(probes: object, **changes: object) -> StackSettings:
    done = reading(probes, **changes)
    assert done.problems == ()
    return build_settings(done)


def test_each_probe_becomes_a_specification_of_its_own() -> None:
    probes = accepted({"http": [API], "tls": [MAIL], "tcp": [DATABASE]}).probes
    found = probe_specifications(probes, prober="exporter:9115", interval=None)
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
    }
    assert [one["module"] for one in found.values()] == list(MODULES.values())
    assert found["probe-mail"]["targets"]["staticConfig"]["labels"] == {"service": "mail", "team": "office"}
    assert found["probe-database"]["targets"]["staticConfig"]["static"] == ["[2001:db8::1]:5432"]


def test_an_interval_of_its_own_reaches_every_probe() -> None:
    probes = accepted({"http": [API], "tcp": [DATABASE]}).probes
    found = probe_specifications(probes, prober="exporter:9115", interval="15s")
    assert {one["interval"] for one in found.values()} == {"15s"}


def test_without_probes_there_is_no_specification() -> None:
    assert probe_specifications(accepted({}).probes, prober="exporter:9115", interval=None) == {}


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
def test_an_address_that_nobody_can_ask_or_everybody_could_misuse_is_refused(url: object) -> None:
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


def test_every_problem_of_every_probe_is_told_at_once() -> None:
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
        ("monitoring:probes.tcp", "a mapping", "a list of mappings"),
        ("monitoring:probes.icmp", "an unknown key", "one of http, tcp, tls"),
        ("monitoring:probes.http[0].name", "a name used by 2 probes", "a name that no other probe uses"),
        ("monitoring:probes.tls[0].name", "a name used by 2 probes", "a name that no other probe uses"),
    ]


@pytest.mark.parametrize("probes", [{"http": [{"name": ["x"]}]}, {"http": 7}, [], 7, {"tls": None}])
def test_what_is_no_list_of_probes_is_a_problem_and_no_crash(probes: object) -> None:
    assert problems(probes)


def test_probes_need_their_exporter() -> None:
    off = {"enabled": False}
    assert problems({"http": [API]}, blackboxExporter=off) == [
        (
            "monitoring:blackboxExporter.enabled",
            "false, with probes",
            "true, or no probes, because this exporter runs them",
        )
    ]
    assert accepted({}, blackboxExporter=off)


def test_the_namespace_leaves_room_for_the_node_exporters() -> None:
    ((key, _, allowed),) = problems({}, namespace="n" * 50)
    assert key == "monitoring:namespace"
    assert allowed.endswith("at most 49 characters")
    assert accepted({}, namespace="n" * 49)
