"""Checks of a stack's credentials: unencrypted, missing, malformed, or from two sources."""

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
    """Return a problem for each credential that the stack cannot use.

    `decrypted` holds the decrypted values that are known; their format is checked too. No problem contains a value.
    """
    notifications = values.get("notifications")
    required = (*required_in_config(notifications), *required_by_grafana(values.get("grafana")))
    from_config, problems = (*supported_credentials(notifications), GRAFANA_OAUTH_CLIENT_SECRET), []
    if uses_existing_secret(notifications):
        from_config = (GRAFANA_OAUTH_CLIENT_SECRET,)
        problems = [
            _second_source_problem(credential, stack)
            for credential in supported_credentials(notifications)
            if credential.key in {*values, *secrets}
        ]
    return problems + [
        problem
        for credential in from_config
        for problem in _value_problems(credential, values, secrets, decrypted, stack, required=credential in required)
    ]


def _value_problems(
    credential: Credential,
    values: Mapping[str, object],
    secrets: frozenset[str],
    decrypted: Mapping[str, str],
    stack: str,
    *,
    required: bool,
) -> Iterator[Problem]:
    key = f"monitoring:{credential.key}"
    if credential.key in values:
        yield Problem(key, "an unencrypted value", credential.command(stack))
    elif credential.key in secrets:
        value = decrypted.get(credential.key)
        if value is not None and not credential.format.accepts(value):
            yield Problem(key, _describe_length(value), credential.format.allowed)
    elif required:
        yield Problem(key, "nothing", credential.command(stack))


def _describe_length(value: str) -> str:
    return f"a string of {len(value)} characters" if value else "an empty string"


def _second_source_problem(credential: Credential, stack: str) -> Problem:
    path = "--path " if "." in credential.key else ""
    return Problem(
        f"monitoring:{credential.key}",
        "a value here although notifications.secretSource is existing",
        f"one source: pulumi config rm {path}monitoring:{credential.key} --stack {stack}",
    )
