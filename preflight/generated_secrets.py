"""Values that an earlier deployment generated and the data on the volumes depends on.

Without them, a deployment whose state was lost would generate new ones: Grafana keeps the administrator's password in
its database, and cannot decrypt what it stored with another secret key.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence

from common.problems import Problem
from preflight.kubectl import UnreadableError, list_objects
from preflight.namespaces import taken_problem
from preflight.ownership import is_by_provider

# Values by key, by name of the Secret.
GeneratedSecrets = Mapping[str, Mapping[str, str]]


def read_generated(
    context: str | None, namespace: str, names: Sequence[str], *, adopted: bool
) -> tuple[GeneratedSecrets, list[Problem]]:
    """Return the values of the Secrets that exist, of those named, and the problems of using them; takes at most 15 s.

    If the namespace is `adopted`, a Secret that no Pulumi program manages belongs to another owner.
    """
    try:
        found = list_objects(context, "secret", *names, f"--namespace={namespace}")
    except UnreadableError as error:
        return {}, [_unreadable(namespace, names, error)]
    problems = [taken_problem(namespace, each) for each in found if adopted and not is_by_provider(each)]
    return {each["metadata"]["name"]: _decoded(each.get("data") or {}) for each in found}, problems


def _unreadable(namespace: str, names: Iterable[str], reason: UnreadableError) -> Problem:
    """Return the problem of Secrets that cannot be read: a deployment could replace their values with others."""
    return Problem(
        "monitoring:cluster.context",
        f"Secrets {', '.join(names)} in namespace {namespace} cannot be read ({reason})",
        "a kubectl and an account that can get them, because Grafana's volume depends on their values",
    )


def _decoded(data: Mapping[str, str]) -> dict[str, str]:
    values = {key: base64.b64decode(value).decode(errors="ignore") for key, value in data.items()}
    return {key: value for key, value in values.items() if value}
