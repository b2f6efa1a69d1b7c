"""Tests of each policy check on valid and invalid resources."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Final

import pytest

from common.exporters import POSTGRES_EXPORTER, REDIS_EXPORTER
from common.labels import READS_SECRETS
from common.project import PROJECT
from policy.credential_formats import FORMATS, credential_format
from policy.environments import environment_of
from policy.model import Check, Resource, message
from policy.namespaces import REASON
from policy.registry import PROGRAM_CHECKS, RESOURCE_CHECKS, STACK_CHECKS
from tests.policy.cases import (
    ALERTMANAGER,
    BAD,
    BINDING,
    BUDGET,
    CANARY,
    CONFIG_MAP,
    DENY,
    DEPLOYMENT,
    GOOD,
    NAMESPACE,
    PAGING,
    POLICY,
    PROMETHEUS,
    READING,
    RELEASE,
    ROLE,
    Case,
    changed,
    claims,
)
from tests.policy.credential_samples import SAMPLES

BY_NAME: Final = {check.name: check for check in (*RESOURCE_CHECKS, *PROGRAM_CHECKS)}
STACK_BY_NAME: Final = {check.name: check for check in STACK_CHECKS}


def refusals(resource: Resource, environment: str = "prod") -> list[str]:
    return [check.name for check in RESOURCE_CHECKS for _ in check.validate(resource, environment)]


def open_namespaces(*resources: Resource) -> Sequence[str]:
    return stack_problems("namespace-closed", *resources)


def budget_problems(*resources: Resource) -> Sequence[str]:
    return stack_problems("disruption-budget", *resources)


def stack_problems(check: str, *resources: Resource) -> Sequence[str]:
    return [message(resource, problem) for resource, problem in STACK_BY_NAME[check].validate(resources)]


@pytest.mark.parametrize("check", BY_NAME.values(), ids=lambda check: check.name)
def test_valid_resources_pass(check: Check) -> None:
    assert [message(good, problem) for good in GOOD for problem in check.validate(good, "prod")] == []


@pytest.mark.parametrize("case", BAD, ids=lambda case: f"{case.check}: {case.message}")
def test_an_invalid_resource_is_refused_with_one_message_that_names_it(case: Case) -> None:
    messages = [message(case.resource, problem) for problem in BY_NAME[case.check].validate(case.resource, "prod")]
    (refusal,) = (text for text in messages if case.message in text)
    assert refusal.startswith(f"{case.resource.type.rpartition(':')[2]} example: ")
    assert "; allowed: " in refusal
    assert CANARY not in refusal


def test_every_check_has_an_invalid_case_and_a_unique_name() -> None:
    assert len(BY_NAME) == len(RESOURCE_CHECKS) + len(PROGRAM_CHECKS)
    assert {case.check for case in BAD} | {"pages-from-production-only"} == set(BY_NAME)
    assert len(RESOURCE_CHECKS) + len(STACK_CHECKS) >= 15


@pytest.mark.parametrize("environment", ["staging", "local"])
def test_only_production_pages(environment: str) -> None:
    assert refusals(PAGING) == []
    assert refusals(PAGING, environment) == ["pages-from-production-only"]


def test_staging_may_have_fewer_replicas_and_delete_its_claims() -> None:
    small = changed(changed(PROMETHEUS, "spec.replicas", 1.0), "spec.externalLabels.environment", "staging")
    assert refusals(small, "staging") == []
    deleting = changed(small, "spec.persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Delete"})
    assert refusals(deleting, "staging") == []


def test_an_unlisted_environment_has_the_requirements_of_production() -> None:
    small = changed(changed(PROMETHEUS, "spec.replicas", 1.0), "spec.externalLabels.environment", "demo")
    assert refusals(small, "demo") == ["replicas-enough"]


def test_a_privileged_namespace_requires_a_reason() -> None:
    privileged = changed(NAMESPACE, "metadata.labels", {"pod-security.kubernetes.io/enforce": "privileged"})
    assert refusals(changed(privileged, "metadata.annotations", {REASON: "node exporter reads /proc"})) == []


def test_a_release_with_a_generated_name_is_refused() -> None:
    """The provider sets the logical name and eight hex digits before the engine calls a pack."""
    assert refusals(changed(RELEASE, "name", f"{RELEASE.name}-0a1b2c3d")) == ["release-named"]


def test_an_image_may_be_pinned_by_its_digest() -> None:
    image = "quay.io/prometheus/prometheus@sha256:" + "0" * 64
    assert refusals(changed(PROMETHEUS, "spec.image", image)) == []


@pytest.mark.parametrize("value", ["${PASSWORD}", "$__file{/etc/password}", "$(PASSWORD)", ""])
def test_a_reference_is_not_a_credential(value: str) -> None:
    assert refusals(changed(RELEASE, "values.adminPassword", value)) == []


@pytest.mark.parametrize("chart", [POSTGRES_EXPORTER.chart, f".state/charts/{REDIS_EXPORTER.chart}"])
def test_only_the_database_exporters_may_skip_waiting(chart: str) -> None:
    unawaited = changed(RELEASE, "skipAwait", True)
    assert refusals(unawaited) == ["release-bounded"]
    assert refusals(changed(unawaited, "chart", chart)) == []


def test_pods_and_jobs_are_checked_like_deployments() -> None:
    template = DEPLOYMENT.properties["spec"]["template"]
    pod = Resource(type="kubernetes:core/v1:Pod", name="example", properties={"spec": template["spec"]})
    job = Resource(type="kubernetes:batch/v1:Job", name="example", properties={"spec": {"template": template}})
    scheduled = {"spec": {"jobTemplate": {"spec": {"template": template}}}}
    cron_job = Resource(type="kubernetes:batch/v1:CronJob", name="example", properties=scheduled)
    for resource, path in (
        (pod, "spec"),
        (job, "spec.template.spec"),
        (cron_job, "spec.jobTemplate.spec.template.spec"),
    ):
        assert refusals(resource) == []
        assert refusals(changed(resource, f"{path}.hostNetwork", True)) == ["pods-apart-from-host"]


def test_a_component_with_replicas_requires_its_own_disruption_budget() -> None:
    assert budget_problems(PROMETHEUS, BUDGET) == []
    assert "PodDisruptionBudget: found none" in budget_problems(ALERTMANAGER, BUDGET)[0]
    assert budget_problems(changed(PROMETHEUS, "spec.replicas", 1.0)) == []
    elsewhere = changed(BUDGET, "metadata.namespace", "elsewhere")
    assert len(budget_problems(PROMETHEUS, elsewhere)) == 1


@pytest.mark.parametrize(
    ("specification", "found"),
    [
        ({"maxUnavailable": 0.0}, "no pod may be evicted"),
        ({"minAvailable": 3.0}, "no pod may be evicted"),
        ({"maxUnavailable": 3.0}, "all pods may be evicted at once"),
        ({"maxUnavailable": "100%"}, "all pods may be evicted at once"),
    ],
)
def test_a_disruption_budget_allows_some_evictions_but_not_all(specification: dict[str, object], found: str) -> None:
    selector = BUDGET.properties["spec"]["selector"]
    budget = changed(BUDGET, "spec", {"selector": selector, **specification})
    assert found in budget_problems(PROMETHEUS, budget)[0]


def test_every_replica_requires_a_claim_created_by_the_program() -> None:
    assert stack_problems("volume-owned", *GOOD) == []
    assert "found 2 of its own; allowed: 3, one per replica" in "".join(
        stack_problems("volume-owned", PROMETHEUS, *claims("prometheus", replicas=2), *claims("alertmanager"))
    )
    sharded = changed(PROMETHEUS, "spec.shards", 2.0)
    assert "allowed: 6" in stack_problems("volume-owned", sharded, *claims("prometheus"))[0]
    elsewhere = changed(PROMETHEUS, "metadata.namespace", "elsewhere")
    assert "found 0" in stack_problems("volume-owned", elsewhere, *claims("prometheus"))[0]


@pytest.mark.parametrize("size", ["50GiB", "60GB"])
def test_the_retention_size_must_be_below_the_smallest_claim(size: str) -> None:
    assert stack_problems("retention-below-volume", *GOOD) == []
    too_large = changed(PROMETHEUS, "spec.retentionSize", size)
    (refusal,) = stack_problems(
        "retention-below-volume", too_large, *claims("prometheus", size="80Gi"), *claims("prometheus")
    )
    assert f"spec.retentionSize: found {size}; allowed: a size below the 50Gi of claim" in refusal
    assert refusal.startswith("Prometheus ")
    assert stack_problems(
        "retention-below-volume", changed(PROMETHEUS, "spec.retentionSize", "x"), *claims("prometheus")
    )


def test_every_format_of_a_credential_has_a_sample_that_only_it_recognises() -> None:
    assert {name: credential_format(sample) for name, sample in SAMPLES.items()} == {
        name: name for name, _, _ in FORMATS
    }


def test_a_refusal_does_not_repeat_the_credential() -> None:
    for sample in SAMPLES.values():
        resource = changed(CONFIG_MAP, "data.text", sample)
        (problem,) = BY_NAME["credentials-in-secrets"].validate(resource, "prod")
        assert sample.strip() not in str(problem)


def test_a_binding_grants_a_role_of_the_stack_to_accounts_in_its_namespaces() -> None:
    check = "binding-of-own-role"
    assert stack_problems(check, BINDING, ROLE, NAMESPACE) == []
    (refusal,) = stack_problems(check, BINDING, NAMESPACE)
    assert "roleRef.name: found example; allowed: a role that the stack creates" in refusal
    (refusal,) = stack_problems(check, BINDING, ROLE)
    assert "subjects[0].namespace: found example; allowed: a namespace of the stack" in refusal
    # A Role of the same name grants nothing to a binding of a ClusterRole, and none in another namespace.
    as_role = changed(BINDING, "roleRef.kind", "Role")
    assert len(stack_problems(check, as_role, ROLE, NAMESPACE)) == 1
    elsewhere = changed(as_role, "metadata.namespace", "elsewhere")
    assert len(stack_problems(check, elsewhere, READING, NAMESPACE)) == 1


def test_a_reason_allows_access_to_secrets_in_one_namespace_only() -> None:
    reason = {READS_SECRETS: "a reason"}
    secrets = changed(READING, "rules.0.resources", ["secrets"])
    assert refusals(secrets) == ["role-without-secrets"]
    assert refusals(changed(secrets, "metadata.annotations", reason)) == []
    everywhere = changed(changed(ROLE, "rules.0.resources", ["secrets"]), "metadata.annotations", reason)
    assert refusals(everywhere) == ["role-without-secrets"]


@pytest.mark.parametrize("tag", ["1.2.3", "v3.14.0", "2.1.4-distroless", "1.37.0@sha256:" + "0" * 64])
def test_a_full_version_is_an_allowed_tag(tag: str) -> None:
    assert refusals(changed(PROMETHEUS, "spec.image", f"registry.example:5000/prometheus:{tag}")) == []


@pytest.mark.parametrize(
    "to",
    [
        [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["0.0.0.0/1", "128.0.0.0/2"]}}],
        [{"ipBlock": {"cidr": cidr}} for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")],
        [{"namespaceSelector": {"matchLabels": {"team": "search"}}}],
    ],
)
def test_peers_that_exclude_something_need_no_ports(to: list[dict[str, object]]) -> None:
    assert refusals(changed(POLICY, "spec.egress.0", {"to": to})) == []


def test_a_namespace_of_production_requires_a_default_deny_policy() -> None:
    assert open_namespaces(NAMESPACE, DENY) == []
    (refusal,) = open_namespaces(NAMESPACE)
    assert refusal.startswith("Namespace example: NetworkPolicy: found none that denies by default; allowed: ")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.namespace", "elsewhere"),
        ("spec.podSelector", {"matchLabels": {"app": "example"}}),
        ("spec.policyTypes", ["Ingress"]),
        ("spec.egress", [{"ports": [{"port": 443.0}]}]),
    ],
)
def test_a_policy_for_some_pods_for_one_direction_or_with_rules_is_not_default_deny(path: str, value: object) -> None:
    assert len(open_namespaces(NAMESPACE, changed(DENY, path, value))) == 1


@pytest.mark.parametrize("environment", ["staging", "local"])
def test_other_environments_need_no_default_deny_policy(environment: str) -> None:
    urn = f"urn:pulumi:{environment}::monitoring::kubernetes:core/v1:Namespace::example"
    assert open_namespaces(dataclasses.replace(NAMESPACE, urn=urn)) == []


def test_the_environment_is_the_stack_in_the_urn() -> None:
    assert environment_of("urn:pulumi:staging::monitoring::kubernetes:core/v1:Service::open") == "staging"


def test_every_check_is_documented_once_with_its_description() -> None:
    text = (PROJECT / "docs" / "reference" / "policy.md").read_text()
    descriptions = {check.name: check.description for check in BY_NAME.values()}
    descriptions |= {check.name: check.description for check in STACK_CHECKS}
    documented = dict(re.findall(r"^\| `([a-z-]+)` \| (.+?) \|", text, re.MULTILINE))
    assert documented == descriptions


def test_a_monitor_that_the_stacks_prometheus_does_not_select_is_refused() -> None:
    def labelled(kind: str, value: str) -> Resource:
        properties = {"metadata": {"labels": {"monitoring/stack": value}}}
        return Resource(type=f"kubernetes:monitoring.coreos.com/v1:{kind}", name=kind.lower(), properties=properties)

    selectors = {
        f"{kind}Selector": {"matchLabels": {"monitoring/stack": "second"}} for kind in ("rule", "serviceMonitor")
    }
    prometheus = Resource(
        type="kubernetes:monitoring.coreos.com/v1:Prometheus", name="prometheus", properties={"spec": selectors}
    )
    kinds = ("PrometheusRule", "ServiceMonitor")
    assert stack_problems("selector-matched", prometheus, *(labelled(kind, "second") for kind in kinds)) == []
    found = stack_problems("selector-matched", prometheus, *(labelled(kind, "bais") for kind in kinds))
    assert ["found bais; allowed: second" in line for line in found] == [True, True]


def test_the_level_of_an_adopted_namespace_is_required_of_its_patch() -> None:
    adopted = {"metadata": {"annotations": {"monitoring/adopted": "true"}}}
    namespace, patch = (f"kubernetes:core/v1:{kind}" for kind in ("Namespace", "NamespacePatch"))
    secured = BY_NAME["namespace-secured"]
    assert list(secured.validate(Resource(type=namespace, name="a", properties=adopted), "prod")) == []
    assert len(list(secured.validate(Resource(type=patch, name="a", properties=adopted), "prod"))) == 1
