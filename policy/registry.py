"""Every check of the pack. The names are what a refusal shows, and what the documentation lists."""

from typing import Final

from policy import (
    availability,
    credentials,
    discovery,
    exposure,
    namespaces,
    network_policies,
    notifications,
    pods,
    priorities,
    rbac,
    releases,
    volumes,
)
from policy.model import Check, StackCheck

RESOURCE_CHECKS: Final = tuple(
    Check(name=name, description=description, validate=validate)
    for name, description, validate in (
        ("release-named", "A Helm release has a name set by the program.", releases.has_name),
        ("release-bounded", "A Helm release waits, has a time limit and keeps few revisions.", releases.is_bounded),
        ("release-without-definitions", "A Helm release skips definitions.", releases.skips_crds),
        ("release-without-namespace", "A Helm release creates no namespace.", releases.creates_no_namespace),
        ("release-without-credentials", "A Helm release's values hold no credential.", releases.holds_no_credential),
        ("images-pinned", "An image has an exact tag or digest.", pods.has_pinned_images),
        ("resources-bounded", "A pod has requests and a memory limit.", pods.has_resource_limits),
        ("pods-unprivileged", "A pod runs without root and with a seccomp profile.", pods.is_unprivileged),
        ("pods-apart-from-host", "A pod uses nothing of its node.", pods.is_isolated_from_host),
        ("volume-claimed", "Prometheus and Alertmanager store on claims with a size.", volumes.has_claim),
        ("volume-retained", "Production keeps its claims.", volumes.retains_claims),
        ("retention-bounded", "Prometheus has a retention in time and in size.", volumes.has_retention_limits),
        ("service-internal", "No Service is open to the outside.", exposure.is_internal),
        ("ingress-encrypted", "Every host of an Ingress has a certificate.", exposure.has_certificates),
        ("selector-label", "Rules and monitors carry the label that has them picked up.", discovery.has_selector_label),
        ("alert-labels", "An alert has severity, area and team.", discovery.has_routing_labels),
        ("alert-annotations", "An alert has summary, description and links.", discovery.has_alert_annotations),
        ("environment-label", "Prometheus labels alerts with its environment.", discovery.has_environment_label),
        ("role-without-wildcard", "A role names each verb and resource.", rbac.has_no_wildcard),
        ("role-without-secrets", "A role gives no access to Secrets.", rbac.has_no_secret_access),
        ("binding-below-administrator", "No account gets a broad role.", rbac.binds_no_broad_role),
        ("namespace-secured", "A namespace enforces a pod security level.", namespaces.enforces_pod_security),
        ("credentials-in-secrets", "Credentials stand in Secrets only.", credentials.keeps_credentials_in_secrets),
        (
            "credentials-in-files",
            "Alertmanager reads credentials from files.",
            credentials.reads_credentials_from_files,
        ),
        ("pages-from-production-only", "Only production pages.", notifications.pages_only_from_production),
        ("replicas-enough", "Production has replicas enough.", availability.has_enough_replicas),
        ("replicas-spread", "Replicas are kept on different nodes.", availability.spreads_replicas),
        ("connections-named", "A network policy opens nothing to everybody.", network_policies.has_no_open_rule),
        ("priority-named", "A pod has a priority class.", priorities.has_priority_class),
        ("priority-not-default", "A priority class is not the whole cluster's.", priorities.is_not_default),
    )
)

PROGRAM_CHECKS: Final = (
    Check(
        name="release-pinned",
        description="A Helm release is asked for in an exact version.",
        validate=releases.has_exact_version,
    ),
)
"""Checks of what the program asks for, run by its tests: before the engine asks a pack, the provider has put the
version that it found in the place of the one that was asked for, so a pack sees an exact one always."""

STACK_CHECKS: Final = (
    StackCheck(
        name="disruption-budget",
        description="A component with replicas has a disruption budget.",
        validate=availability.has_disruption_budget,
    ),
    StackCheck(
        name="volume-owned",
        description="Each replica has a claim that the program makes.",
        validate=volumes.has_claim_per_replica,
    ),
    StackCheck(
        name="retention-below-volume",
        description="Prometheus keeps less than its claims hold.",
        validate=volumes.retention_fits_volume,
    ),
    StackCheck(
        name="namespace-closed",
        description="In production a namespace denies what no network policy allows.",
        validate=network_policies.denies_by_default,
    ),
)
