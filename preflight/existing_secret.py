"""Check of an existing Secret, which the program does not manage, for the keys that Alertmanager reads.

If kubectl is missing or may not read the Secret, nothing is reported and the deployment continues.
"""

from typing import Final

from common.problems import Problem
from preflight.kubectl import kubectl_get
from settings.credentials import Credential

_KEY: Final = "monitoring:notifications.existingSecret"
# Prints names and lengths only, so that no value leaves kubectl. The first line shows that the Secret exists.
_TEMPLATE: Final = '{{.metadata.name}}{{"\\n"}}{{range $key, $value := .data}}{{$key}} {{len $value}}{{"\\n"}}{{end}}'


def existing_secret_problems(
    context: str | None, namespace: str, name: str, credentials: tuple[Credential, ...]
) -> list[Problem]:
    """Return a problem for a missing Secret, or for each missing or empty key of it; takes at most 15 s."""
    lines = _secret_lines(context, namespace, name)
    if lines is None:
        return []
    if not lines:
        keys = ", ".join(credential.file for credential in credentials)
        return [Problem(_KEY, f"no Secret {name} in namespace {namespace}", f"a Secret with the keys {keys}")]
    lengths = dict(line.split(" ") for line in lines[1:])
    return [
        Problem(
            _KEY,
            f"Secret {name} {'with an empty' if credential.file in lengths else 'without'} key {credential.file}",
            f"{credential.format.allowed}, in this key",
        )
        for credential in credentials
        if lengths.get(credential.file, "0") == "0"
    ]


def _secret_lines(context: str | None, namespace: str, name: str) -> list[str] | None:
    """Return the lines of the template, empty for a missing Secret; None if kubectl is missing or fails."""
    options = ("--ignore-not-found", f"--output=go-template={_TEMPLATE}", "--request-timeout=5s")
    output = kubectl_get(context, "secret", name, f"--namespace={namespace}", *options)
    return None if output is None else output.splitlines()
