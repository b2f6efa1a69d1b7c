"""Problems of a stack's credentials: in plain text, missing, malformed, or from two sources."""

from collections.abc import Iterator, Mapping

from common.problems import Problem
from settings.credentials import (
    GRAFANA_OAUTH_CLIENT_SECRET,
    Credential,
    required_by_grafana,
    required_in_config,
    supported_credentials,
    uses_existing_secret,
)


def credential_problems(
    values: Mapping[str, object], secrets: frozenset[str], decrypted: Mapping[str, str], stack: str
) -> list[Problem]:
    """Return a problem for each credential that the stack cannot use; none repeats a value.

    `decrypted` holds the decrypted values that are known; their format is checked too.
    """
    notifications = values.get("notifications")
    needed = (*required_in_config(notifications), *required_by_grafana(values.get("grafana")))
    ours, elsewhere = (*supported_credentials(notifications), GRAFANA_OAUTH_CLIENT_SECRET), []
    if uses_existing_secret(notifications):
        given = [
            credential for credential in supported_credentials(notifications) if credential.key in {*values, *secrets}
        ]
        ours, elsewhere = (GRAFANA_OAUTH_CLIENT_SECRET,), [_second_source(credential, stack) for credential in given]
    return elsewhere + [
        problem
        for credential in ours
        for problem in _problems(credential, values, secrets, decrypted, stack, needed=credential in needed)
    ]


def _problems(
    credential: Credential,
    values: Mapping[str, object],
    secrets: frozenset[str],
    decrypted: Mapping[str, str],
    stack: str,
    *,
    needed: bool,
) -> Iterator[Problem]:
    key = f"monitoring:{credential.key}"
    if credential.key in values:
        yield Problem(key, "a plain value", credential.command(stack))
    elif credential.key in secrets:
        value = decrypted.get(credential.key)
        if value is not None and not credential.format.accepts(value):
            yield Problem(key, _describe_length(value), credential.format.allowed)
    elif needed:
        yield Problem(key, "nothing", credential.command(stack))


def _describe_length(value: str) -> str:
    return f"a text of {len(value)} characters" if value else "an empty text"


def _second_source(credential: Credential, stack: str) -> Problem:
    path = "--path " if "." in credential.key else ""
    return Problem(
        f"monitoring:{credential.key}",
        "two sources: a value here, and notifications.secretSource existing",
        f"one: pulumi config rm {path}monitoring:{credential.key} --stack {stack}",
    )
