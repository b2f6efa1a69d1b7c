import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

PROJECT: Final = Path(__file__).resolve().parent.parent
LINES: Final = [
    line.split()
    for line in (PROJECT / ".github" / "CODEOWNERS").read_text().splitlines()
    if line and not line.startswith("#")
]


def matches(pattern: str, path: str) -> bool:
    """Return whether a pattern matches: `*`, `/folder/`, or `/path` with `*` within one name."""
    if pattern == "*":
        return True
    expression = re.escape(pattern.removeprefix("/")).replace(r"\*", "[^/]*")
    return re.fullmatch(expression + (".*" if pattern.endswith("/") else ""), path) is not None


def owners(path: str) -> list[str]:
    return [line[1:] for line in LINES if matches(line[0], path)][-1]


def alerts() -> list[tuple[str, dict[str, Any]]]:
    """Return each alert with the name of its rule file."""
    found = []
    for file in sorted((PROJECT / "rules").glob("*.yaml")):
        content = yaml.safe_load(file.read_text())
        groups = content.get("groups", []) if isinstance(content, dict) else []
        found += [(file.name, rule) for group in groups for rule in group["rules"] if "alert" in rule]
    return found


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("README.md", "@bais/platform"),
        ("rules/payments.yaml", "@bais/payments"),
        ("tests/rules/payments_slos_windows_test.yaml", "@bais/payments"),
        ("tests/rules/cache_test.yaml", "@bais/platform"),
        ("tests/rules/nested/payments_test.yaml", "@bais/platform"),
        ("dashboards/boards/security.py", "@bais/security"),
    ],
)
def test_the_last_matching_line_names_the_owner(path: str, owner: str) -> None:
    assert owners(path) == [owner]


def test_rule_file_tests_and_runbook_of_each_alert_belong_to_its_team() -> None:
    assert len(alerts()) > 100
    offenders = [
        (rule["alert"], path, owners(path))
        for file, rule in alerts()
        for path in (
            f"rules/{file}",
            f"tests/rules/{Path(file).stem}_test.yaml",
            f"runbooks/{rule['alert']}.md",
        )
        if owners(path) != [f"@bais/{rule['labels']['team']}"]
    ]
    assert offenders == []


def test_every_rule_and_runbook_pattern_matches_a_file() -> None:
    patterns = [line[0] for line in LINES if line[0].startswith(("/rules/", "/tests/rules/", "/runbooks/"))]
    assert [pattern for pattern in patterns if not list(PROJECT.glob(pattern.removeprefix("/")))] == []
