"""Whether the stack's cluster answers, before anything is registered."""

import os
from pathlib import Path
from typing import Final

from rules.faults import Fault

_SECONDS: Final = 5
_CONTEXT: Final = "monitoring:cluster.context"


def cluster_faults(context: str | None) -> list[Fault]:
    """What keeps the cluster of a kubeconfig context (default: the current one) from being used; waits 5 s at most."""
    # Imported here, because only a run against a cluster needs a client.
    from lightkube import KubeConfig
    from lightkube.config.client_adapter import Client, ConnectionParams

    names = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    files = [file for name in names.split(os.pathsep) if name and (file := Path(name).expanduser()).is_file()]
    if not files:
        return [Fault("KUBECONFIG", "no such file", "the path of a kubeconfig that has the stack's context")]
    try:
        configs = [KubeConfig.from_file(file) for file in files]
    except Exception as error:  # A kubeconfig can be wrong in any number of ways, each with its own exception.
        return [Fault("KUBECONFIG", f"an unreadable kubeconfig ({type(error).__name__})", "a valid kubeconfig")]

    wanted = context or next((config.current_context for config in configs if config.current_context), None)
    config = next((config for config in configs if wanted in config.contexts), None)
    if config is None:
        known = ", ".join(sorted(name for config in configs for name in config.contexts)) or "none"
        return [Fault(_CONTEXT, wanted or "no current context", f"a context of the kubeconfig: {known}")]
    try:
        chosen = config.get(wanted)
    except KeyError as error:
        return [Fault("KUBECONFIG", f"a context {wanted} whose {error} is not there", "a valid kubeconfig")]
    assert chosen, "a named context is found or raises"
    server = chosen.cluster.server
    try:
        with Client(chosen, ConnectionParams()) as client:
            status = client.get("/version", timeout=_SECONDS).status_code
    except (
        Exception
    ) as error:  # Refused, timed out, wrong certificate, failed login helper: to the reader all the same.
        found = f"no answer from {server} ({type(error).__name__})"
        return [Fault(_CONTEXT, found, f"a cluster that answers within {_SECONDS} s")]
    if status != 200:
        return [Fault(_CONTEXT, f"HTTP status {status} from {server}", "a cluster that this user may use")]
    return []
