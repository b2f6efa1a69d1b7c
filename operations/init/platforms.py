"""Kubernetes platforms, and the settings in which a stack on each differs from the defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A kind of Kubernetes cluster.

    Attributes:
        storage_class: Class of the volumes that a new cluster usually has; empty for the cluster's default.
        storage_hint: What to know about the classes.
        is_test: Whether such a cluster is meant for tests, on one machine.
        settings: Sections of the stack file.
    """

    storage_class: str = ""
    storage_hint: str = "the cluster's default"
    is_test: bool = False
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


# So that all replicas fit on one machine.
_ONE_MACHINE: Final[Mapping[str, Mapping[str, Any]]] = {
    "prometheus": {
        "storage": {"size": "5Gi"},
        "resources": {"requests": {"cpu": "100m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
    },
    "alertmanager": {
        "storage": {"size": "256Mi"},
        "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
    },
    "grafana": {"storage": {"size": "256Mi"}},
}

PLATFORMS: Final[Mapping[str, Platform]] = {
    "kind": Platform(
        storage_class="standard", storage_hint="standard, on the node's disk", is_test=True, settings=_ONE_MACHINE
    ),
    "k3d": Platform(
        storage_class="local-path", storage_hint="local-path, on the node's disk", is_test=True, settings=_ONE_MACHINE
    ),
    "eks": Platform(
        storage_class="gp2",
        storage_hint="needs the EBS CSI driver; new clusters have no default class, Auto Mode clusters none at all",
    ),
    # Name servers are kube-dns or Cloud DNS, without metrics at CoreDNS's port.
    "gke": Platform(
        storage_class="standard-rwo",
        storage_hint="standard-rwo, or premium-rwo for SSDs",
        settings={"operator": {"clusterTargets": {"coreDns": False}}},
    ),
    "aks": Platform(storage_class="managed-csi", storage_hint="managed-csi, or managed-csi-premium for SSDs"),
    # The cluster has the CRDs, an operator and a node exporter of its own. Its name servers listen on port 5353, which
    # the stack's network policies do not allow, and are not in kube-system. Its
    # operators have no controller id, and ignore objects with one.
    "openshift": Platform(
        settings={
            "operator": {"crds": "existing", "controllerId": "monitoring", "clusterTargets": {"coreDns": False}},
            "nodeExporter": {"port": 9101},
            "network": {"policies": False},
        }
    ),
    "other": Platform(),
}
_UNKNOWN: Final = Platform(storage_hint="")


def platform_of(answers: Mapping[str, str]) -> Platform:
    """Return the platform that was answered; one without any difference if it is not known."""
    return PLATFORMS.get(answers.get("platform", ""), _UNKNOWN)
