"""Admission policy that refuses monitors of other teams with higher limits than theirs.

The operator enforces one limit for all jobs, and that of the stack's own jobs is higher.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from common.quantities import parse_size
from manifests.cluster_objects import CRD_GROUP
from manifests.scrape_limits import monitor_limits
from settings.scrape_limits import ScrapeLimits

_MONITORS: Final = ("servicemonitors", "podmonitors", "probes", "scrapeconfigs")
# Prometheus writes the powers of 1024 as KB or KiB, Kubernetes as Ki.
_UNITS: Final = "KMGTPE"


def scrape_limit_policy(
    limits: ScrapeLimits, *, selector: Mapping[str, str], namespaces: Sequence[str]
) -> dict[str, Any]:
    """Return the `spec` of a ValidatingAdmissionPolicy for the limits of other teams.

    It covers monitors that Prometheus selects, except those in the stack's own namespaces.
    """
    other_namespaces = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": list(namespaces)}
    return {
        # A monitor whose limits cannot be compared is refused.
        "failurePolicy": "Fail",
        "matchConstraints": {
            "namespaceSelector": {"matchExpressions": [other_namespaces]},
            "objectSelector": {"matchLabels": dict(selector)},
            "resourceRules": [
                {
                    "apiGroups": [CRD_GROUP],
                    "apiVersions": ["*"],
                    "operations": ["CREATE", "UPDATE"],
                    "resources": list(_MONITORS),
                }
            ],
        },
        "validations": [
            *(_count_validation(field, limit) for field, limit in monitor_limits(limits).items()),
            _body_size_validation(limits.body_size),
        ],
    }


def scrape_limit_binding(policy: str) -> dict[str, Any]:
    """Return the `spec` of the binding that puts a policy in force."""
    return {"policyName": policy, "validationActions": ["Deny"]}


def _count_validation(field: str, limit: int) -> dict[str, str]:
    found = f"object.spec.{field}"
    return {
        # Zero means the default.
        "expression": f"!has({found}) || {found} <= {limit}",
        "messageExpression": f"'spec.{field}: found ' + string({found}) + '; allowed: at most {limit}'",
    }


def _body_size_validation(limit: str) -> dict[str, str]:
    found = "object.spec.bodySizeLimit"
    size = f"{found}.replace('iB', 'B')"
    for unit in _UNITS:
        size += f".replace('{unit}B', '{unit}i')"
    size += ".replace('B', '')"
    # Zero means no limit.
    above_zero = f"quantity({size}).isGreaterThan(quantity('0'))"
    within_limit = f"quantity({size}).compareTo(quantity('{parse_size(limit)}')) <= 0"
    return {
        "expression": f"!has({found}) || {found} == '' || ({above_zero} && {within_limit})",
        "messageExpression": f"'spec.bodySizeLimit: found ' + {found} + '; allowed: above zero and at most {limit}'",
    }
