"""Values that an earlier deployment generated and the data on the volumes depends on.

Without them, a deployment whose state was lost would generate new ones: Grafana keeps the administrator's password in
its database, and cannot decrypt what it stored with another secret key.
"""

import base64
from collections.abc import Iterable, Mapping

from common.problems import Problem
from preflight.kubectl import UnreadableError, list_objects

# Values by key, by name of the Secret.
GeneratedSecrets = Mapping[str, Mapping[str, str]]


def existing_values(context: str | None, namespace: str, names: Iterable[str]) -> GeneratedSecrets:
    """Return the values of the Secrets that exist, of those named; takes at most 15 s.

    Raises:
        UnreadableError: If kubectl cannot read them.
    """
    found = list_objects(context, "secret", *names, f"--namespace={namespace}")
    return {each["metadata"]["name"]: _decoded(each.get("data") or {}) for each in found}


def unreadable_problem(namespace: str, names: Iterable[str], reason: UnreadableError) -> Problem:
    """Return the problem of Secrets that cannot be read: a deployment could replace their values with others."""
    return Problem(
        "monitoring:cluster.context",
        f"Secrets {', '.join(names)} in namespace {namespace} cannot be read ({reason})",
        "an account that may get them, because Grafana's volume depends on their values",
    )


def _decoded(data: Mapping[str, str]) -> dict[str, str]:
    values = {key: base64.b64decode(value).decode(errors="ignore") for key, value in data.items()}
    return {key: value for key, value in values.items() if value}
