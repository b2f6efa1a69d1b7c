"""Checks of access from outside the cluster."""

from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from policy.model import RELEASE, Resource, problem
from policy.properties import at, items, leaves, mapping

_OPEN: Final = ("LoadBalancer", "NodePort", "ExternalName")


def is_internal(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid externally reachable Services, in resources and in the values of releases."""
    if resource.kind == "core:Service":
        if (found := at(resource.properties, "spec.type")) in _OPEN:
            yield problem("spec.type", found, "ClusterIP")
        if addresses := items(at(resource.properties, "spec.externalIPs")):
            yield problem("spec.externalIPs", ", ".join(map(str, addresses)), "none")
    if resource.kind == RELEASE:
        for path, key, value in leaves(resource.properties.get("values"), "values"):
            if key == "type" and value in _OPEN[:2]:
                yield problem(path, value, "ClusterIP")


def has_certificates(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a certificate for every host of an Ingress."""
    if resource.kind != "networking.k8s.io:Ingress":
        return
    entries = items(at(resource.properties, "spec.tls"))
    covered = {host for entry in entries if at(entry, "secretName") for host in items(at(entry, "hosts"))}
    for rule in items(at(resource.properties, "spec.rules")):
        if (host := mapping(rule).get("host")) not in covered:
            yield problem("spec.tls", f"no certificate for {host}", "each host in spec.tls with its secretName")
