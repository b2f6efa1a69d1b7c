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
        ("release-named", "A Helm release has a name set by the program.", releases.named),
        ("release-bounded", "A Helm release waits, has a time limit and stores few revisions.", releases.bounded),
        (
            "release-without-definitions",
            "A Helm release skips custom resource definitions.",
            releases.leaves_definitions_alone,
        ),
        ("release-without-namespace", "A Helm release creates no namespace.", releases.leaves_namespaces_alone),
        ("release-without-credentials", "A Helm release's values contain no credential.", releases.without_credentials),
        ("images-pinned", "An image has an exact tag or digest.", pods.images_pinned),
        ("resources-bounded", "A pod has requests and a memory limit.", pods.resources_bounded),
        ("pods-unprivileged", "A pod runs without root and with a seccomp profile.", pods.unprivileged),
        ("pods-apart-from-host", "A pod uses no host namespace and no hostPath volume.", pods.apart_from_host),
        ("volume-claimed", "Prometheus and Alertmanager store on claims with a size.", volumes.claimed),
        ("volume-retained", "Production retains its claims.", volumes.retained),
        ("retention-bounded", "Prometheus has a retention in time and in size.", volumes.bounded),
        ("service-internal", "No Service is exposed outside the cluster.", exposure.internal),
        ("ingress-encrypted", "Every host of an Ingress has a certificate.", exposure.encrypted),
        ("selector-label", "Rules and monitors carry the selector label.", discovery.labelled),
        ("alert-labels", "An alert has severity, area and team.", discovery.alerts_routable),
        ("alert-annotations", "An alert has summary, description and links.", discovery.alerts_explained),
        ("environment-label", "Prometheus labels alerts with its environment.", discovery.environment_named),
        ("role-without-wildcard", "A role names each verb and resource.", rbac.without_wildcard),
        ("role-without-secrets", "A role grants no access to Secrets.", rbac.without_secrets),
        ("binding-below-administrator", "No account is bound to a broad role.", rbac.below_administrator),
        ("namespace-secured", "A namespace enforces a pod security level.", namespaces.secured),
        ("credentials-in-secrets", "Only Secrets contain credentials.", credentials.in_secrets_only),
        ("credentials-in-files", "Alertmanager reads credentials from files.", credentials.in_files),
        ("pages-from-production-only", "Only production pages.", notifications.pages_from_production_only),
        ("replicas-enough", "Production has enough replicas.", availability.enough_replicas),
        ("replicas-spread", "Replicas have a constraint that spreads them over nodes.", availability.spread),
        ("connections-named", "Each rule of a network policy names peers or ports.", network_policies.flows_named),
        ("priority-named", "A pod has a priority class.", priorities.named),
        ("priority-not-default", "A priority class is not the cluster's default.", priorities.not_for_everybody),
    )
)

PROGRAM_CHECKS: Final = (
    Check(
        name="release-pinned",
        description="The program requests an exact version of a Helm chart.",
        validate=releases.pinned,
    ),
)
"""Checks of what the program asks for, run by its tests: before the engine asks a pack, the provider has put the
version that it found in the place of the one that was asked for, so a pack sees an exact one always."""

STACK_CHECKS: Final = (
    StackCheck(
        name="disruption-budget",
        description="A component with replicas has a disruption budget.",
        validate=availability.guarded,
    ),
    StackCheck(
        name="volume-owned",
        description="Each replica has a claim that the program creates.",
        validate=volumes.owned,
    ),
    StackCheck(
        name="retention-below-volume",
        description="Prometheus's retention size is below the size of its claims.",
        validate=volumes.fits,
    ),
    StackCheck(
        name="namespace-closed",
        description="In production a namespace denies connections by default.",
        validate=network_policies.closed,
    ),
)
