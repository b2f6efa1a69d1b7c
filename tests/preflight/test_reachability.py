import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.reachability import cluster_problems

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture(autouse=True)
def clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine outside any cluster, without proxy and kubeconfig."""
    for name in (*PROXIES, "KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(autouse=True)
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake kubectl, the only program on PATH."""
    program = tmp_path / "bin" / "kubectl"
    program.parent.mkdir()
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return program


@pytest.fixture
def server() -> Iterator[str]:
    """The URL of a socket that accepts connections, as an API server does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def closed_port() -> str:
    """A host and port on which nothing listens, because its listener was just closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The addresses to which a connection is attempted; all attempts time out."""
    addresses: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        assert timeout == 5
        addresses.append(address)
        raise TimeoutError("timed out")

    monkeypatch.setattr("socket.create_connection", connect)
    return addresses


def kubeconfig(
    server: str, *, context: str = "bais", cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "current-context": context,
        "clusters": [{"name": "c", "cluster": {"server": server} | (cluster or {})}],
        "users": [{"name": "u", "user": user or {"token": "t"}}],
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
    }


def use(monkeypatch: pytest.MonkeyPatch, folder: Path, *contents: object) -> None:
    """Set KUBECONFIG to one file per content, after a file that does not exist."""
    files = [folder / "missing"]
    for number, content in enumerate(contents):
        files.append(folder / f"kubeconfig-{number}")
        files[-1].write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))


def found(context: str | None = "bais") -> tuple[str, str]:
    (problem,) = cluster_problems(context)
    return problem.key, problem.found


@pytest.mark.parametrize("context", ["bais", None])
def test_a_reachable_cluster_has_no_problems(
    context: str | None, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server))
    assert cluster_problems(context) == []


def test_a_missing_kubectl_is_a_problem(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kubectl: Path
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server))
    kubectl.unlink()
    assert found() == ("PATH", "no kubectl")


def test_the_kubeconfig_of_the_home_folder_is_the_default(server: str, tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").write_text(yaml.safe_dump(kubeconfig(server)))
    assert cluster_problems("bais") == []


@pytest.mark.parametrize(
    "user",
    [
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws", "interactiveMode": "Never"}},
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "sleep", "args": ["3600"]}},
        {"auth-provider": {"name": "oidc", "config": {"idp-issuer-url": "https://id.example"}}},
        {"client-certificate": "/no/such/file", "client-key": "/no/such/file"},
        {"token": "expired"},
        {},
    ],
)
def test_credentials_are_not_checked(
    user: dict[str, Any], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server, user=user, cluster={"tls-server-name": "kubernetes.example"}))
    assert cluster_problems("bais") == []


def test_the_first_kubeconfig_that_defines_a_name_takes_precedence(
    server: str, closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts_only = kubeconfig(server) | {"clusters": None}
    shadowed = kubeconfig(closed_port) | {"contexts": [{"name": "bais", "context": {"cluster": "another"}}]}
    use(monkeypatch, tmp_path, contexts_only, kubeconfig(server, context="other"), shadowed)
    assert cluster_problems("bais") == []
    assert cluster_problems("other") == []
    assert cluster_problems(None) == []


def test_a_closed_port_is_a_problem(closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path, kubeconfig(f"https://user:hush@{closed_port}/path"))
    (problem,) = cluster_problems("bais")
    assert problem.key == "monitoring:cluster.context"
    assert problem.found == f"no response from {closed_port} (Connection refused)"
    assert problem.allowed == "a cluster that responds within 5 s"


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        ("https://kubernetes.example", ("kubernetes.example", 443)),
        ("http://kubernetes.example/prefix", ("kubernetes.example", 80)),
        ("kubernetes.example:6443", ("kubernetes.example", 6443)),
        ("https://[2001:db8::1]:6443", ("2001:db8::1", 6443)),
    ],
)
def test_the_connection_uses_the_host_and_port_of_the_server(
    address: str,
    endpoint: tuple[str, int],
    dialled: list[tuple[str, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(address))
    assert found() == ("monitoring:cluster.context", f"no response from {endpoint[0]}:{endpoint[1]} (timed out)")
    assert dialled == [endpoint]


def test_an_invalid_host_name_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path, kubeconfig("https://no..name:6443"))
    assert found()[1].startswith("no response from no..name:6443 (")


def test_a_cluster_with_its_own_proxy_is_not_checked(
    dialled: list[tuple[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = {"proxy-url": "socks5://proxy.example:1080"}
    use(monkeypatch, tmp_path, kubeconfig("https://kubernetes.example", cluster=proxy))
    assert cluster_problems("bais") == []
    assert dialled == []


@pytest.mark.parametrize(
    ("address", "excluded", "directly"),
    [
        ("https://kubernetes.example", "", False),
        ("https://kubernetes.example", "other.example", False),
        ("https://kubernetes.example", "localhost,.example", True),
        ("http://kubernetes.example", "", True),
        ("https://127.0.0.1:6443", "", True),
        ("https://localhost:6443", "", True),
        ("https://[::1]:6443", "", True),
    ],
)
def test_a_cluster_behind_a_proxy_of_the_environment_is_not_checked(
    address: str,
    excluded: str,
    directly: bool,
    dialled: list[tuple[str, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", excluded)
    use(monkeypatch, tmp_path, kubeconfig(address))
    assert bool(cluster_problems("bais")) == directly
    assert bool(dialled) == directly


def test_an_unknown_context_is_reported_with_the_existing_contexts(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server), kubeconfig(server, context="acme"))
    (problem,) = cluster_problems("prod")
    assert (problem.key, problem.found) == ("monitoring:cluster.context", "prod")
    assert problem.allowed == "a context of the kubeconfig: acme, bais"


@pytest.mark.parametrize("content", ["", {}, {"contexts": None}])
def test_a_missing_current_context_is_a_problem(
    content: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, content)
    assert found(None) == ("monitoring:cluster.context", "no current context")


@pytest.mark.parametrize("file", ["missing", None])
def test_a_missing_kubeconfig_is_a_problem(file: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if file:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / file))
    assert found() == ("KUBECONFIG", "no such file")


def test_inside_a_cluster_only_a_configured_context_requires_a_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert cluster_problems(None) == []
    assert found("bais") == ("KUBECONFIG", "no such file")


@pytest.mark.parametrize("server", ["", "https://", "https://[x", "https://host:99999"])
def test_a_cluster_without_a_valid_server_is_a_problem(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server))
    assert found() == ("KUBECONFIG", "cluster c without a valid server")


@pytest.mark.parametrize("clusters", [[], [{"name": "other", "cluster": {"server": "https://x"}}]])
def test_a_context_without_its_cluster_is_a_problem(
    clusters: list[object], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server) | {"clusters": clusters})
    assert found() == ("KUBECONFIG", "context bais, whose cluster c is missing")


@pytest.mark.parametrize(
    "text", ["{", "\ttab: 1", "[]", "contexts: 3", "contexts: [3]", "clusters: [{name: c, cluster: 3}]"]
)
def test_an_invalid_kubeconfig_is_a_problem(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path, text)
    (problem,) = cluster_problems("bais")
    assert (problem.key, problem.allowed) == ("KUBECONFIG", "a valid kubeconfig")


def test_an_unreadable_kubeconfig_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, reason in ((".", "cannot be read (Is a directory)"), ("binary", "is not YAML")):
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / name))
        assert found() == ("KUBECONFIG", f"{tmp_path / name}, which {reason}")


def test_a_kubeconfig_can_be_json_with_tabs(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"""{{
\t"clusters": [{{"name": "c", "cluster": {{"server": "{server}"}}}}],
\t"contexts": [{{"name": "bais", "context": {{"cluster": "c"}}}}]
}}"""
    use(monkeypatch, tmp_path, text)
    assert cluster_problems("bais") == []
