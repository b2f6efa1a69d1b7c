from pathlib import Path

import pytest
import yaml

from common.project import PROJECT
from preflight.offline import offline_problems
from preflight.passphrase import passphrase_problems
from settings.loader import problem_report

LOCAL = PROJECT / "Pulumi.local.yaml"


@pytest.fixture
def stack_file(tmp_path: Path, stand_in_charts: str) -> Path:
    """The stack file of the local stack, with existing charts."""
    return write(tmp_path, charts={"source": stand_in_charts})


def write(folder: Path, **changes: object) -> Path:
    content = yaml.safe_load(LOCAL.read_text())
    for key, value in changes.items():
        content["config"][f"monitoring:{key}"] = value
    file = folder / "Pulumi.local.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


def test_a_valid_stack_has_no_problems(stack_file: Path, cluster_answers: None) -> None:
    assert offline_problems(stack_file, "local", PROJECT) == []


@pytest.mark.parametrize("passphrase", ["remote", ""])
def test_a_wrong_passphrase_is_a_problem(stack_file: Path, passphrase: str, cluster_answers: None) -> None:
    (problem,) = offline_problems(stack_file, passphrase, PROJECT)
    assert (problem.key, problem.found) == ("PULUMI_CONFIG_PASSPHRASE", "the wrong passphrase")


def test_an_unknown_passphrase_is_not_checked(stack_file: Path, cluster_answers: None) -> None:
    assert offline_problems(stack_file, None, PROJECT) == []


@pytest.mark.parametrize("salt", ["", "v1:x", "v2:YQ==:v1:YQ==:YQ==", "v1:!:v1:YQ==:YQ==", 7])
def test_a_damaged_salt_is_distinguished_from_a_wrong_passphrase(salt: object) -> None:
    (problem,) = passphrase_problems(salt, "local")
    assert problem.key == "encryptionsalt"


@pytest.mark.parametrize("passphrase", [None, "", "local"])
def test_a_stack_with_another_secrets_provider_requires_no_passphrase(passphrase: str | None) -> None:
    assert passphrase_problems(None, passphrase) == []


def test_every_problem_is_one_line_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Nothing listens on port 1, which is reserved and requires root.
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "bais-local", "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    file = write(
        tmp_path,
        promtheus={},
        prometheus={"replicas": "2", "retention": "1 day", "storage": {"size": "2Gi", "retentionSize": "3GB"}},
        alertmanager={"replicas": 99},
        charts={"source": "no/such/folder"},
        alerts={"tunables": {"no_such_tunable": 1}, "overrides": {"NoSuchAlert": {"for": "1m"}}},
        slackCriticalWebhookUrl="http://127.0.0.1/hush",
    )
    problems = offline_problems(file, "remote", PROJECT)
    assert [problem.key for problem in problems] == [
        "PULUMI_CONFIG_PASSPHRASE",
        "monitoring:promtheus",
        "monitoring:prometheus.replicas",
        "monitoring:prometheus.retention",
        "monitoring:prometheus.storage.retentionSize",
        "monitoring:alertmanager.replicas",
        "monitoring:slackCriticalWebhookUrl",
        "monitoring:alerts.tunables.no_such_tunable",
        "monitoring:alerts.overrides.NoSuchAlert",
        "monitoring:charts.source",
        "monitoring:cluster.context",
    ]
    text = problem_report("local", problems)
    assert text.splitlines()[0] == "11 problems in the settings of stack local:"
    assert len(text.splitlines()) == 12
    assert "hush" not in text


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (None, "no readable file"),
        (b"config: {\n", "a YAML error in line 2 (did not find expected node content)"),
        (b"config: {environment: 2026-13-45}", "a YAML error (a value that is not of its type)"),
        (b"config: {environment: \xff}", "text that is not UTF-8"),
        (b"[]", "a list"),
        (b"text", '"text"'),
        (b"config: [a]", "a list as `config`"),
        (b"config: text", '"text" as `config`'),
        (b"config: {1: 2}", "1, which is not a string, as a key of `config`"),
        (b"config: {0: 2}", "0, which is not a string, as a key of `config`"),
    ],
)
def test_an_invalid_stack_file_is_one_problem(content: bytes | None, found: str, tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.local.yaml"
    if content is not None:
        file.write_bytes(content)
    (problem,) = offline_problems(file, "local", PROJECT)
    assert (problem.key, problem.found) == ("Pulumi.local.yaml", found)


@pytest.mark.parametrize("text", ["", "config:\n", "config: {}"])
def test_every_required_key_is_missing_from_an_empty_stack_file(
    text: str, tmp_path: Path, cluster_answers: None
) -> None:
    file = tmp_path / "Pulumi.local.yaml"
    file.write_text(text)
    keys = {problem.key for problem in offline_problems(file, None, PROJECT)}
    assert keys == {f"monitoring:{key}" for key in ("environment", "cluster", "links", "notifications")}
