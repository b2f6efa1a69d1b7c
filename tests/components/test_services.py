from typing import Final

import pytest

from common.labels import SELECTOR
from manifests.scrape_limits import monitor_limits
from manifests.services import service_monitor
from settings.loader import build_settings, load_sections
from settings.scrape_limits import PlatformScrapeLimits
from settings.services import ServiceSettings
from tests.components.production import production, run_production
from tools.mocked_program import COMPLETE_STACKS, Run, configuration, run_program

LIMITS: Final = PlatformScrapeLimits()
CUSTOM: Final = "kubernetes:monitoring.coreos.com/v1"
NAME: Final = "a Kubernetes name: lowercase letters, digits and -, at most 63 characters"
LABELS: Final = "a mapping of Kubernetes labels to values, at least one"
PORT: Final = "the name of a port: lowercase letters, digits and -, at most 15 characters"
PATH: Final = "a path that starts with /, without query, fragment, $ or ;"


def problems(services: object) -> list[tuple[str, str, str]]:
    return [
        (problem.key, problem.found, problem.allowed)
        for problem in load_sections(production(services=services)).problems
    ]


def service(**changes: object) -> ServiceSettings:
    (found,) = build_settings(load_sections(production(services=[{"name": "api"} | changes]))).services
    return found


def monitors(done: Run) -> dict[str, str]:
    kinds = ("ServiceMonitor", "PodMonitor")
    found = [(one, kind) for kind in kinds for one in done.of_type(f"{CUSTOM}:{kind}")]
    return {one.name: kind for one, kind in found if one.parent == "bais-services"}


def test_a_service_is_selected_by_name_in_the_namespace_of_bais() -> None:
    assert service_monitor(service(), LIMITS) == (
        "ServiceMonitor",
        {
            "namespaceSelector": {"matchNames": ["bais"]},
            "selector": {"matchLabels": {"app.kubernetes.io/name": "api"}},
            "endpoints": [
                {
                    "port": "metrics",
                    "path": "/metrics",
                    "relabelings": [
                        {"targetLabel": "job", "replacement": "api"},
                        {"targetLabel": "service", "replacement": "api"},
                        {"targetLabel": "team", "replacement": "platform"},
                    ],
                }
            ],
            **monitor_limits(LIMITS),
        },
    )


def test_every_setting_of_a_service_reaches_its_monitor() -> None:
    changes = {"namespace": "shop", "port": "http", "path": "/internal/metrics", "interval": "15s", "team": "payments"}
    kind, found = service_monitor(
        service(kind="pod", selector={"app": "checkout", "example.com/tier": ""}, **changes), LIMITS
    )
    (endpoint,) = found.pop("podMetricsEndpoints")
    assert kind == "PodMonitor"
    assert found == {
        "namespaceSelector": {"matchNames": ["shop"]},
        "selector": {"matchLabels": {"app": "checkout", "example.com/tier": ""}},
        **monitor_limits(LIMITS),
    }
    assert (endpoint["port"], endpoint["path"], endpoint["interval"]) == ("http", "/internal/metrics", "15s")
    assert {"targetLabel": "team", "replacement": "payments"} in endpoint["relabelings"]


@pytest.mark.parametrize("name", COMPLETE_STACKS)
def test_a_stack_scrapes_three_services_by_default(name: str, cluster_answers: None, stand_in_charts: str) -> None:
    done = run_program(configuration(name, stand_in_charts if name == "local" else "upstream"))
    three = dict.fromkeys(("service-api", "service-worker", "service-webhook-dispatcher"), "ServiceMonitor")
    assert monitors(done) == ({} if name == "local" else three)


def test_a_service_has_one_monitor_in_the_namespace_of_the_stack(cluster_answers: None) -> None:
    done = run_production(services=[{"name": "api"}, {"name": "worker", "kind": "pod"}])
    assert monitors(done) == {"service-api": "ServiceMonitor", "service-worker": "PodMonitor"}
    worker = done.one(f"{CUSTOM}:PodMonitor", "service-worker")
    assert worker.inputs["metadata"] == {
        "name": "service-worker",
        "namespace": "monitoring",
        "labels": dict(SELECTOR),
        "annotations": {"pulumi.com/patchForce": "true"},
    }
    assert "custom-resource-definitions-release" in worker.dependencies


@pytest.mark.parametrize(
    ("key", "changes", "found", "allowed"),
    [
        ("name", {"name": "Api"}, '"Api"', NAME),
        ("kind", {"kind": "deployment"}, '"deployment"', "one of service, pod"),
        ("namespace", {"namespace": "a.b"}, '"a.b"', NAME),
        ("selector", {"selector": {}}, "a mapping", LABELS),
        ("selector", {"selector": "app=api"}, '"app=api"', LABELS),
        ("selector", {"selector": {"app": 1}}, "a mapping", LABELS),
        ("selector", {"selector": {"a b": "c"}}, "a mapping", LABELS),
        ("selector", {"selector": {"app": "-"}}, "a mapping", LABELS),
        ("port", {"port": 8080}, "8080", PORT),
        ("port", {"port": "8080"}, '"8080"', PORT),
        ("port", {"port": "metrics-and-more"}, '"metrics-and-more"', PORT),
        ("port", {"port": "a--b"}, '"a--b"', PORT),
        ("path", {"path": "metrics"}, '"metrics"', PATH),
        ("path", {"path": "/metrics?x=y"}, '"/metrics?x=y"', PATH),
        ("team", {"team": None}, "nothing", NAME),
        ("intervall", {"intervall": "30s"}, "an unknown key", None),
    ],
)
def test_an_invalid_value_is_reported_with_its_key_and_allowed_values(
    key: str, changes: dict[str, object], found: str, allowed: str | None
) -> None:
    ((reported_key, reported_value, reported_allowed),) = problems([{"name": "api"} | changes])
    assert (reported_key, reported_value) == (f"monitoring:services[0].{key}", found)
    assert allowed in (reported_allowed, None)


def test_names_of_services_are_unique() -> None:
    assert problems([{"name": "api"}, {"name": "worker"}, {"name": "api", "namespace": "other"}]) == [
        (f"monitoring:services[{index}].name", "a name used by 2 services", "a name that no other service uses")
        for index in (0, 2)
    ]


@pytest.mark.parametrize("name", ["prometheus", "kubelet", "redis-exporter", "probe-api"])
def test_a_service_cannot_have_the_job_of_a_component(name: str) -> None:
    ((key, found, allowed),) = problems([{"name": name}])
    assert (key, found) == ("monitoring:services[0].name", f"{name}, a reserved job name")
    assert allowed.startswith("a name that does not start with probe- and is not one of alertmanager, apiserver, ")


@pytest.mark.parametrize("services", [{}, 7, ["api"], [{"name": ["api"]}], None])
def test_an_invalid_list_of_services_is_reported_as_a_problem(services: object) -> None:
    assert problems(services)
