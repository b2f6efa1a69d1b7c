import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.reachability import cluster_problems

PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without proxy, outside any cluster, whose user has no kubeconfig."""
    for name in (*PROXIES, "KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def server() -> Iterator[str]:
    """An address that takes connections, as an API server does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def closed_port() -> str:
    """An address on which nothing listens: a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that is tried; none answers in time."""
    tried: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        assert timeout == 5
        tried.append(address)
        raise TimeoutError("timed out")

    monkeypatch.setattr("socket.create_connection", connect)
    return tried


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
    """Make KUBECONFIG name one file for each content, after one that does not exist."""
    files = [folder / "missing"]
    for number, content in enumerate(contents):
        files.append(folder / f"kubeconfig-{number}")
        files[-1].write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))


def found(context: str | None = "bais") -> tuple[str, str]:
    (problem,) = cluster_problems(context)
    return problem.key, problem.found


@pytest.mark.parametrize("context", ["bais", None])
def test_a_cluster_that_answers_is_no_problem(
    context: str | None, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server))
    assert cluster_problems(context) == []


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
def test_how_to_log_in_is_left_to_the_engine(
    user: dict[str, Any], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server, user=user, cluster={"tls-server-name": "kubernetes.example"}))
    assert cluster_problems("bais") == []


def test_files_are_merged_and_the_first_to_name_something_decides(
    server: str, closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts_only = kubeconfig(server) | {"clusters": None}
    too_late = kubeconfig(closed_port) | {"contexts": [{"name": "bais", "context": {"cluster": "another"}}]}
    use(monkeypatch, tmp_path, contexts_only, kubeconfig(server, context="other"), too_late)
    assert cluster_problems("bais") == []
    assert cluster_problems("other") == []
    assert cluster_problems(None) == []


def test_a_closed_port_is_a_problem(closed_port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path, kubeconfig(f"https://user:hush@{closed_port}/path"))
    (problem,) = cluster_problems("bais")
    assert problem.key == "monitoring:cluster.context"
    assert problem.found == f"no answer from {closed_port} (Connection refused)"
    assert problem.allowed == "a cluster that answers within 5 s"


@pytest.mark.parametrize(
    ("address", "dials"),
    [
        ("https://kubernetes.example", ("kubernetes.example", 443)),
        ("http://kubernetes.example/prefix", ("kubernetes.example", 80)),
        ("kubernetes.example:6443", ("kubernetes.example", 6443)),
        ("https://[2001:db8::1]:6443", ("2001:db8::1", 6443)),
    ],
)
def test_the_host_and_port_of_the_server_are_tried(
    address: str,
    dials: tuple[str, int],
    dialled: list[tuple[str, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(address))
    assert found() == ("monitoring:cluster.context", f"no answer from {dials[0]}:{dials[1]} (timed out)")
    assert dialled == [dials]


def test_a_server_that_cannot_be_a_name_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path, kubeconfig("https://no..name:6443"))
    assert found()[1].startswith("no answer from no..name:6443 (")


def test_a_cluster_with_a_proxy_of_its_own_is_not_tried(
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
def test_a_proxy_of_the_environment_counts_where_the_engine_uses_it(
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


def test_an_unknown_context_is_a_problem_that_names_the_known_ones(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server), kubeconfig(server, context="acme"))
    (problem,) = cluster_problems("prod")
    assert (problem.key, problem.found) == ("monitoring:cluster.context", "prod")
    assert problem.allowed == "a context of the kubeconfig: acme, bais"


@pytest.mark.parametrize("content", ["", {}, {"contexts": None}])
def test_without_any_context_there_is_none_to_use(
    content: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, content)
    assert found(None) == ("monitoring:cluster.context", "no current context")


@pytest.mark.parametrize("named", ["missing", None])
def test_no_kubeconfig_is_a_problem(named: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if named:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / named))
    assert found() == ("KUBECONFIG", "no such file")


def test_inside_a_cluster_only_a_named_context_needs_a_kubeconfig(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert cluster_problems(None) == []
    assert found("bais") == ("KUBECONFIG", "no such file")


@pytest.mark.parametrize("server", ["", "https://", "https://[x", "https://host:99999"])
def test_a_cluster_without_a_valid_server_is_a_problem(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server))
    assert found() == ("KUBECONFIG", "a cluster c without a valid server")


@pytest.mark.parametrize("clusters", [[], [{"name": "other", "cluster": {"server": "https://x"}}]])
def test_a_context_without_its_cluster_is_a_problem(
    clusters: list[object], server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path, kubeconfig(server) | {"clusters": clusters})
    assert found() == ("KUBECONFIG", "a context bais whose cluster c is not there")


@pytest.mark.parametrize(
    "text", ["{", "\ttab: 1", "[]", "contexts: 3", "contexts: [3]", "clusters: [{name: c, cluster: 3}]"]
)
def test_a_broken_kubeconfig_is_a_problem(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path, text)
    (problem,) = cluster_problems("bais")
    assert (problem.key, problem.allowed) == ("KUBECONFIG", "a valid kubeconfig")


def test_a_kubeconfig_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, reason in ((".", "cannot be read (Is a directory)"), ("binary", "is not YAML")):
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / name))
        assert found() == ("KUBECONFIG", f"{tmp_path / name}, which {reason}")


def test_a_kubeconfig_may_be_json_with_tabs(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"""{{
\t"clusters": [{{"name": "c", "cluster": {{"server": "{server}"}}}}],
\t"contexts": [{{"name": "bais", "context": {{"cluster": "c"}}}}]
}}"""
    use(monkeypatch, tmp_path, text)
    assert cluster_problems("bais") == []
