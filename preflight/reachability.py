"""Check that the stack's cluster is reachable, and kubectl installed, before any resource is registered.

Credentials are not checked: a kubeconfig supports more login methods than can be tried here, and the engine reports
wrong credentials itself.
"""

import os
import shutil
import socket
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from common import ports
from common.problems import Problem
from preflight.kubeconfig import Kubeconfig, KubeconfigError, read_kubeconfig

_TIMEOUT_SECONDS: Final = 5
_CONTEXT_KEY: Final = "monitoring:cluster.context"
_KUBECONFIG: Final = "KUBECONFIG"


def cluster_problems(context: str | None) -> list[Problem]:
    """Return the problem that makes the cluster of a kubeconfig context (default: the current one) unusable.

    Takes at most 5 s for each address of the API server's host name.
    """
    files = kubeconfig_files()
    try:
        kubeconfig = read_kubeconfig(files)
    except KubeconfigError as error:
        return [Problem(_KUBECONFIG, str(error), "a valid kubeconfig")]
    wanted = context or kubeconfig.current_context
    if wanted is None and "KUBERNETES_SERVICE_HOST" in os.environ:
        return []  # Inside a cluster the engine uses the pod's own service account.
    if not files:
        return [Problem(_KUBECONFIG, "no such file", "the path of a kubeconfig that has the stack's context")]
    if wanted is None or wanted not in kubeconfig.contexts:
        contexts = ", ".join(sorted(kubeconfig.contexts)) or "none"
        return [Problem(_CONTEXT_KEY, wanted or "no current context", f"a context of the kubeconfig: {contexts}")]
    return _server_problems(kubeconfig, wanted) or _kubectl_problems()


def kubeconfig_files() -> list[Path]:
    """Return the kubeconfig files that exist; like the engine, ignore the others."""
    names = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    return [file for name in names.split(os.pathsep) if name and (file := Path(name)).exists()]


def _kubectl_problems() -> list[Problem]:
    """Return the problem of a missing kubectl, with which the program reads the cluster before and after changes."""
    if shutil.which("kubectl"):
        return []
    return [Problem("PATH", "no kubectl", 'kubectl, for example with `eval "$(make -s env)"`')]


def _server_problems(kubeconfig: Kubeconfig, context: str) -> list[Problem]:
    name = kubeconfig.contexts[context].get("cluster")
    cluster = kubeconfig.clusters.get(str(name))
    if cluster is None:
        return [Problem(_KUBECONFIG, f"context {context}, whose cluster {name} is missing", "a valid kubeconfig")]
    try:
        server = _parse_server(str(cluster.get("server") or ""))
        host, port = server.hostname or "", server.port or (ports.HTTP if server.scheme == "http" else ports.HTTPS)
    except ValueError:
        host, port = "", 0
    if not host:
        return [Problem(_KUBECONFIG, f"cluster {name} without a valid server", "an address such as https://host:6443")]
    if cluster.get("proxy-url") or _behind_proxy(server, host, port):
        return []
    try:
        socket.create_connection((host, port), timeout=_TIMEOUT_SECONDS).close()
    except (OSError, UnicodeError) as error:  # UnicodeError: not a valid DNS name.
        reason = getattr(error, "strerror", None) or str(error)
        found = f"no response from {host}:{port} ({reason})"
        return [Problem(_CONTEXT_KEY, found, f"a cluster that responds within {_TIMEOUT_SECONDS} s")]
    return []


def _parse_server(server: str) -> SplitResult:
    return urlsplit(server if "://" in server else f"https://{server}")


def _behind_proxy(server: SplitResult, host: str, port: int) -> bool:
    """Return whether the engine would use a proxy of the environment; it never does for this machine itself."""
    if host in ("localhost", "::1") or host.startswith("127."):
        return False
    return server.scheme in getproxies_environment() and not proxy_bypass(f"{host}:{port}")
