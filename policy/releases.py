"""Helm releases: what the engine cannot see inside must at least be pinned, named and bounded."""

import re
from collections.abc import Iterator
from typing import Final

from common.problems import Problem
from manifests.charts import POSTGRES_EXPORTER, REDIS_EXPORTER
from policy.credentials import looks_secret
from policy.model import RELEASE, Resource, problem
from policy.properties import leaves

_EXACT: Final = re.compile(r"v?\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_AUTOMATIC: Final = re.compile(r"-[0-9a-f]{8}")
_MOST_SECONDS: Final = 1800
_WAIT_FOR_SECRETS: Final = frozenset({POSTGRES_EXPORTER.name, REDIS_EXPORTER.name})


def has_exact_version(resource: Resource, environment: str) -> Iterator[Problem]:
    """An exact chart version, without which a run deploys whatever is newest that day."""
    version = resource.properties.get("version")
    if resource.kind == RELEASE and not (isinstance(version, str) and _EXACT.fullmatch(version)):
        yield problem("version", version, "an exact version such as 1.2.3")


def has_name(resource: Resource, environment: str) -> Iterator[Problem]:
    """A name of its own: a generated one is the logical name and eight digits, and changes when it is made anew."""
    if resource.kind != RELEASE:
        return
    name = str(resource.properties.get("name") or "")
    if not name or (name.startswith(resource.name) and _AUTOMATIC.fullmatch(name.removeprefix(resource.name))):
        yield problem("name", name or None, "a name set by the program")


def creates_no_namespace(resource: Resource, environment: str) -> Iterator[Problem]:
    """A namespace made by Helm has no security level, and goes with the release."""
    if resource.kind == RELEASE and resource.properties.get("createNamespace"):
        yield problem("createNamespace", True, "false, with the namespace as a resource of its own")


def skips_crds(resource: Resource, environment: str) -> Iterator[Problem]:
    """Definitions installed on the side are never upgraded, and clash with those of the definitions' own release."""
    if resource.kind == RELEASE and resource.properties.get("skipCrds") is not True:
        yield problem("skipCrds", resource.properties.get("skipCrds"), "true")


def is_bounded(resource: Resource, environment: str) -> Iterator[Problem]:
    """It gives up in time, waits until then, and keeps few old revisions: each is a Secret of up to 1 MiB.

    An exporter of a database waits by itself, for a Secret that comes from elsewhere; until then its target is down.
    """
    if resource.kind != RELEASE:
        return
    timeout, history = resource.properties.get("timeout"), resource.properties.get("maxHistory")
    if not (isinstance(timeout, int | float) and 0 < timeout <= _MOST_SECONDS):
        yield problem("timeout", timeout, f"1 to {_MOST_SECONDS} seconds")
    if not (isinstance(history, int | float) and 0 < history <= 20):
        yield problem("maxHistory", history, "1 to 20; 0 keeps every revision for ever")
    if resource.properties.get("skipAwait") and _chart(resource) not in _WAIT_FOR_SECRETS:
        yield problem("skipAwait", True, "false: what is not waited for fails unseen")


def holds_no_credential(resource: Resource, environment: str) -> Iterator[Problem]:
    """Values are kept in the cluster, in the state and in every preview; they may name a Secret, never hold one."""
    if resource.kind != RELEASE:
        return
    for path, key, value in leaves(resource.properties.get("values"), "values"):
        if looks_secret(key, value):
            yield problem(path, "a value that looks like a credential", "the name of a Secret that holds it")


def _chart(resource: Resource) -> str:
    """The chart's name, wherever the chart comes from."""
    return str(resource.properties.get("chart") or "").rpartition("/")[2]
