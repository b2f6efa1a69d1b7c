"""Whether the stack's cluster can be reached, before anything is registered.

Only what is certainly wrong is a problem. How to log in is the engine's business: a kubeconfig knows more ways to do it
than can be tried here, and the engine tells of wrong credentials itself.
"""

import os
import socket
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from common import ports
from common.problems import Problem
from preflight.kubeconfig import Kubeconfig, KubeconfigError, read_kubeconfig

_SECONDS: Final = 5
_CONTEXT: Final = "monitoring:cluster.context"
_FILES: Final = "KUBECONFIG"


def cluster_problems(context: str | None) -> list[Problem]:
    """What keeps the cluster of a kubeconfig context (default: the current one) from being used.

    Waits 5 s at most for each address that the API server's name has.
    """
    files = _files()
    try:
        kubeconfig = read_kubeconfig(files)
    except KubeconfigError as error:
        return [Problem(_FILES, str(error), "a valid kubeconfig")]
    wanted = context or kubeconfig.current_context
    if wanted is None and "KUBERNETES_SERVICE_HOST" in os.environ:
        return []  # Inside a cluster the engine uses the pod's own service account.
    if not files:
        return [Problem(_FILES, "no such file", "the path of a kubeconfig that has the stack's context")]
    if wanted is None or wanted not in kubeconfig.contexts:
        known = ", ".join(sorted(kubeconfig.contexts)) or "none"
        return [Problem(_CONTEXT, wanted or "no current context", f"a context of the kubeconfig: {known}")]
    return _server_problems(kubeconfig, wanted)


def _files() -> list[Path]:
    """The kubeconfig files that exist; as for the engine, the others do not count."""
    names = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    return [file for name in names.split(os.pathsep) if name and (file := Path(name)).exists()]


def _server_problems(kubeconfig: Kubeconfig, context: str) -> list[Problem]:
    name = kubeconfig.contexts[context].get("cluster")
    cluster = kubeconfig.clusters.get(str(name))
    if cluster is None:
        return [Problem(_FILES, f"a context {context} whose cluster {name} is not there", "a valid kubeconfig")]
    try:
        server = _address(str(cluster.get("server") or ""))
        host, port = server.hostname or "", server.port or (ports.HTTP if server.scheme == "http" else ports.HTTPS)
    except ValueError:
        host, port = "", 0
    if not host:
        return [Problem(_FILES, f"a cluster {name} without a valid server", "an address such as https://host:6443")]
    if cluster.get("proxy-url") or _behind_proxy(server, host, port):
        return []
    try:
        socket.create_connection((host, port), timeout=_SECONDS).close()
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be one in the domain name system.
        reason = getattr(error, "strerror", None) or str(error)
        found = f"no answer from {host}:{port} ({reason})"
        return [Problem(_CONTEXT, found, f"a cluster that answers within {_SECONDS} s")]
    return []


def _address(server: str) -> SplitResult:
    return urlsplit(server if "://" in server else f"https://{server}")


def _behind_proxy(server: SplitResult, host: str, port: int) -> bool:
    """Whether the engine would go through a proxy of the environment; it never does on this machine itself."""
    if host in ("localhost", "::1") or host.startswith("127."):
        return False
    return server.scheme in getproxies_environment() and not proxy_bypass(f"{host}:{port}")
