"""Registry of all checks. Refusals show their names, and the documentation lists them."""

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
        (
            "release-bounded",
            "A Helm release waits for readiness, with a timeout and a revision limit.",
            releases.is_bounded,
        ),
        ("release-without-definitions", "A Helm release does not install CRDs.", releases.skips_crds),
        ("release-without-namespace", "A Helm release does not create a namespace.", releases.creates_no_namespace),
        (
            "release-without-credentials",
            "The values of a Helm release contain no credentials.",
            releases.holds_no_credential,
        ),
        ("images-pinned", "An image has a digest or the tag of a full version.", pods.has_pinned_images),
        ("resources-bounded", "A pod has requests and a memory limit.", pods.has_resource_limits),
        ("pods-unprivileged", "A pod runs without root and with a seccomp profile.", pods.is_unprivileged),
        ("pods-apart-from-host", "A pod uses no host namespace and no host path.", pods.is_isolated_from_host),
        ("volume-claimed", "Prometheus and Alertmanager use volume claims with a size.", volumes.has_claim),
        ("volume-retained", "Production retains its volume claims.", volumes.retains_claims),
        ("retention-bounded", "Prometheus has a retention time and a retention size.", volumes.has_retention_limits),
        ("service-internal", "No Service is reachable from outside the cluster.", exposure.is_internal),
        ("ingress-encrypted", "Every host of an Ingress has a certificate.", exposure.has_certificates),
        ("selector-label", "Rules and monitors have the selector label of the stack.", discovery.has_selector_label),
        ("alert-labels", "An alert has severity, area and team.", discovery.has_routing_labels),
        ("alert-annotations", "An alert has summary, description and links.", discovery.has_alert_annotations),
        (
            "environment-label",
            "Prometheus adds the environment and cluster to alerts.",
            discovery.has_environment_label,
        ),
        ("role-without-wildcard", "A role names each verb and resource.", rbac.has_no_wildcard),
        (
            "role-without-escalation",
            "A role neither runs code in pods, nor acts as another account, nor grants permissions.",
            rbac.has_no_escalation,
        ),
        ("role-in-one-namespace", "A ClusterRole changes only events.", rbac.changes_one_namespace),
        ("role-endpoints-named", "A role reads only addresses with metrics and health.", rbac.names_endpoints),
        ("role-not-aggregated", "A role neither collects nor extends other roles.", rbac.is_not_aggregated),
        (
            "role-without-secrets",
            "A role grants no access to Secrets, except a Role with a reason.",
            rbac.has_no_secret_access,
        ),
        ("binding-below-administrator", "No account is bound to a broad role.", rbac.binds_no_broad_role),
        ("binding-of-accounts", "A binding names service accounts, not groups.", rbac.binds_service_accounts),
        ("namespace-secured", "A namespace enforces a pod security level.", namespaces.enforces_pod_security),
        ("credentials-in-secrets", "Credentials are stored in Secrets only.", credentials.keeps_credentials_in_secrets),
        (
            "credentials-in-files",
            "Alertmanager reads credentials from files.",
            credentials.reads_credentials_from_files,
        ),
        (
            "pages-from-production-only",
            "Only production pages the on-call engineer.",
            notifications.pages_only_from_production,
        ),
        ("replicas-enough", "Production has enough replicas.", availability.has_enough_replicas),
        ("replicas-spread", "Replicas are spread over nodes.", availability.spreads_replicas),
        ("connections-named", "No network policy rule allows all traffic.", network_policies.has_no_open_rule),
        ("ports-named", "A network policy has no range of ports.", network_policies.names_ports),
        ("priority-named", "A pod has a priority class.", priorities.has_priority_class),
        ("priority-not-default", "A priority class is not the cluster's default.", priorities.is_not_default),
    )
)

# Checks of the program's own inputs, run by its tests: before the engine calls a pack, the provider replaces the
# requested chart version by the one that it found, which is always exact.
PROGRAM_CHECKS: Final = (
    Check(
        name="release-pinned",
        description="The program requests an exact version of a Helm chart.",
        validate=releases.has_exact_version,
    ),
)

STACK_CHECKS: Final = (
    StackCheck(
        name="selector-matched",
        description="Prometheus selects every rule and monitor of the stack.",
        validate=discovery.is_selected,
    ),
    StackCheck(
        name="disruption-budget",
        description="A component with replicas has a disruption budget.",
        validate=availability.has_disruption_budget,
    ),
    StackCheck(
        name="volume-owned",
        description="Each replica has a volume claim created by the program.",
        validate=volumes.has_claim_per_replica,
    ),
    StackCheck(
        name="retention-below-volume",
        description="The retention size of Prometheus is below the size of its claims.",
        validate=volumes.retention_fits_volume,
    ),
    StackCheck(
        name="binding-of-own-role",
        description="A binding grants a role of the stack to accounts in its namespaces.",
        validate=rbac.binds_own_roles,
    ),
    StackCheck(
        name="namespace-closed",
        description="In production each namespace denies traffic by default.",
        validate=network_policies.denies_by_default,
    ),
)
