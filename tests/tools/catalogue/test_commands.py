"""Commands in documents: blocks of shell lines, and commands in the text."""

from pathlib import Path

import pytest

from tools.catalogue.commands import blocks, commands, inline_commands

DOCUMENT = """# Title

Roll back: `kubectl -n "$NAMESPACE" rollout undo deployment/<name>`.
See `kubectl cordon`, `psql` and `kubectl patch pvc`.

```sh
kubectl get pods \\
  -A | grep -v 'Running|Completed'
kubectl get pod "$POD" -o jsonpath='{.spec
  .nodeName}'
```

```promql
up == 0
```
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Guide.md").write_text(DOCUMENT)
    return tmp_path


def test_a_command_that_continues_is_one_line(folder: Path) -> None:
    ((name, lines),) = blocks(folder)
    assert name == "Guide"
    assert [line.split()[:3] for line in lines] == [["kubectl", "get", "pods"], ["kubectl", "get", "pod"]]


def test_the_commands_of_a_line_are_separate(folder: Path) -> None:
    assert [command.words[:3] for command in commands(folder)] == [
        ("kubectl", "get", "pods"),
        ("grep", "-v", "Running|Completed"),
        ("kubectl", "get", "pod"),
    ]


def test_a_command_in_the_text_names_an_object(folder: Path) -> None:
    assert inline_commands(folder) == [("Guide", 'kubectl -n "$NAMESPACE" rollout undo deployment/<name>')]
