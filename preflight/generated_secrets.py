"""Values that an earlier deployment generated and the data on the volumes depends on.

Without them, a deployment whose state was lost would generate new ones: Grafana keeps the administrator's password in
its database, and cannot decrypt what it stored with another secret key.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from preflight.kubectl import kubectl_get

# Values by key, by name of the Secret.
GeneratedSecrets = Mapping[str, Mapping[str, str]]


def existing_values(context: str | None, namespace: str, names: Iterable[str]) -> GeneratedSecrets:
    """Return the values of the Secrets that exist, of those named; takes at most 15 s.

    Empty if kubectl may not read them: the API server then refuses to replace a value that another state has set.
    """
    options = ("--ignore-not-found", "--output=json", "--request-timeout=5s")
    output = kubectl_get(context, "secret", *names, f"--namespace={namespace}", *options)
    if not output:
        return {}
    content: dict[str, Any] = json.loads(output)
    # kubectl prints a list for several Secrets, and the Secret itself for one.
    return {each["metadata"]["name"]: _decoded(each.get("data") or {}) for each in content.get("items", [content])}


def _decoded(data: Mapping[str, str]) -> dict[str, str]:
    values = {key: base64.b64decode(value).decode(errors="ignore") for key, value in data.items()}
    return {key: value for key, value in values.items() if value}
