"""Checks of Helm releases, whose rendered resources the engine cannot see."""

import re
from collections.abc import Iterator
from typing import Final

from common.exporters import EXPORTERS
from common.problems import Problem
from policy.credentials import looks_secret
from policy.model import RELEASE, Resource, problem
from policy.properties import leaves

_EXACT: Final = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_AUTOMATIC: Final = re.compile(r"-[0-9a-f]{8}")
_MAX_SECONDS: Final = 1800
_WAIT_FOR_SECRETS: Final = frozenset(exporter.chart for exporter in EXPORTERS if exporter.per_server)


def has_exact_version(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require an exact chart version; otherwise each run deploys the newest version."""
    version = resource.properties.get("version")
    if resource.kind == RELEASE and not (isinstance(version, str) and _EXACT.fullmatch(version)):
        yield problem("version", version, "an exact version such as 1.2.3")


def has_name(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require an explicit name; a generated one (logical name and eight hex digits) changes on replacement."""
    if resource.kind != RELEASE:
        return
    name = str(resource.properties.get("name") or "")
    if not name or (name.startswith(resource.name) and _AUTOMATIC.fullmatch(name.removeprefix(resource.name))):
        yield problem("name", name or None, "a name set by the program")


def creates_no_namespace(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid namespaces created by Helm: they have no security level and are deleted with the release."""
    if resource.kind == RELEASE and resource.properties.get("createNamespace"):
        yield problem("createNamespace", True, "false, with the namespace as a resource of its own")


def skips_crds(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require `skipCrds`; CRDs from a release are never upgraded and conflict with the CRDs' own release."""
    if resource.kind == RELEASE and resource.properties.get("skipCrds") is not True:
        yield problem("skipCrds", resource.properties.get("skipCrds"), "true")


def is_bounded(resource: Resource, environment: str) -> Iterator[Problem]:
    """Require a timeout, waiting for readiness, and few revisions, each a Secret of up to 1 MiB.

    The database exporters may skip waiting: their pods wait for Secrets created outside the stack.
    """
    if resource.kind != RELEASE:
        return
    timeout, history = resource.properties.get("timeout"), resource.properties.get("maxHistory")
    if not (isinstance(timeout, int | float) and 0 < timeout <= _MAX_SECONDS):
        yield problem("timeout", timeout, f"1 to {_MAX_SECONDS} seconds")
    if not (isinstance(history, int | float) and 0 < history <= 20):
        yield problem("maxHistory", history, "1 to 20; 0 keeps every revision forever")
    if resource.properties.get("skipAwait") and _chart(resource) not in _WAIT_FOR_SECRETS:
        yield problem("skipAwait", True, "false; otherwise failures go unnoticed")


def holds_no_credential(resource: Resource, environment: str) -> Iterator[Problem]:
    """Forbid credentials in values, which appear in the cluster, the state and every preview."""
    if resource.kind != RELEASE:
        return
    for path, key, value in leaves(resource.properties.get("values"), "values"):
        if looks_secret(key, value):
            yield problem(path, "a value that looks like a credential", "the name of a Secret that contains it")


def _chart(resource: Resource) -> str:
    """Return the chart's name, without its repository or folder."""
    return str(resource.properties.get("chart") or "").rpartition("/")[2]
