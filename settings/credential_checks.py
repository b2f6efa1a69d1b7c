"""What is wrong with a stack's credentials: in plain text, missing, of another shape, or from two sources."""

from collections.abc import Iterator, Mapping

from common.problems import Fault
from settings.credential_formats import describe
from settings.credentials import (
    GRAFANA_OAUTH_CLIENT_SECRET,
    Credential,
    asked_for,
    asked_for_by_grafana,
    is_kept_elsewhere,
    known,
)


def credential_faults(
    values: Mapping[str, object], secrets: frozenset[str], revealed: Mapping[str, str], stack: str
) -> list[Fault]:
    """A fault for each credential that the stack cannot use; none repeats a value.

    `revealed` holds the decrypted values, as far as they are known: their shape is checked too.
    """
    notifications = values.get("notifications")
    needed = (*asked_for(notifications), *asked_for_by_grafana(values.get("grafana")))
    ours, elsewhere = (*known(notifications), GRAFANA_OAUTH_CLIENT_SECRET), []
    if is_kept_elsewhere(notifications):
        given = [credential for credential in known(notifications) if credential.key in {*values, *secrets}]
        ours, elsewhere = (GRAFANA_OAUTH_CLIENT_SECRET,), [_second_source(credential, stack) for credential in given]
    return elsewhere + [
        fault
        for credential in ours
        for fault in _faults(credential, values, secrets, revealed, stack, needed=credential in needed)
    ]


def _faults(
    credential: Credential,
    values: Mapping[str, object],
    secrets: frozenset[str],
    revealed: Mapping[str, str],
    stack: str,
    *,
    needed: bool,
) -> Iterator[Fault]:
    key = f"monitoring:{credential.key}"
    if credential.key in values:
        yield Fault(key, "a plain value", credential.command(stack))
    elif credential.key in secrets:
        value = revealed.get(credential.key)
        if value is not None and not credential.shape.accepts(value):
            yield Fault(key, describe(value), credential.shape.allowed)
    elif needed:
        yield Fault(key, "nothing", credential.command(stack))


def _second_source(credential: Credential, stack: str) -> Fault:
    path = "--path " if "." in credential.key else ""
    return Fault(
        f"monitoring:{credential.key}",
        "two sources: a value here, and notifications.secretSource existing",
        f"one: pulumi config rm {path}monitoring:{credential.key} --stack {stack}",
    )
