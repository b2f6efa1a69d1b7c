"""Whether a Secret that something else keeps holds what Alertmanager will read from it.

Only what is certainly wrong is a problem: where kubectl is missing, or may not look, the engine goes on.
"""

from typing import Final

from common.problems import Problem
from preflight.kubectl import get_output
from settings.credentials import Credential

_NAME: Final = "monitoring:notifications.existingSecret"
# Names and lengths: no value ever leaves kubectl. The first line says that the Secret is there, if only empty.
_TEMPLATE: Final = '{{.metadata.name}}{{"\\n"}}{{range $key, $value := .data}}{{$key}} {{len $value}}{{"\\n"}}{{end}}'


def existing_secret_problems(
    context: str | None, namespace: str, name: str, credentials: tuple[Credential, ...]
) -> list[Problem]:
    """A problem for a Secret that is not there, and for each file that it lacks or has empty; takes 15 s at most."""
    lines = _look(context, namespace, name)
    if lines is None:
        return []
    if not lines:
        files = ", ".join(credential.file for credential in credentials)
        return [Problem(_NAME, f"no Secret {name} in namespace {namespace}", f"one with the keys {files}")]
    lengths = dict(line.split(" ") for line in lines[1:])
    return [
        Problem(
            _NAME,
            f"Secret {name} with {'an empty' if credential.file in lengths else 'no'} key {credential.file}",
            f"{credential.format.allowed}, under this key",
        )
        for credential in credentials
        if lengths.get(credential.file, "0") == "0"
    ]


def _look(context: str | None, namespace: str, name: str) -> list[str] | None:
    """The template's lines, none if there is no such Secret; None if it cannot be told."""
    where = f"--namespace={namespace}"
    options = ("--ignore-not-found", f"--output=go-template={_TEMPLATE}", "--request-timeout=5s")
    answer = get_output(context, "secret", name, where, *options)
    return None if answer is None else answer.splitlines()
