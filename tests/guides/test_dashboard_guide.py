"""A new dashboard by docs/guides/dashboard.md: its tests pass, and nothing but what the guide names changes."""

import json
from typing import Final

import pytest

from tests.guides.scratch_copy import ScratchCopy

pytestmark = pytest.mark.slow

UID: Final = "bais-example"
TEST_BOARDS: Final = "tests/dashboards/test_boards.py"
GUIDE: Final = "docs/guides/dashboard.md"

SIGNALS: Final = '''\
"""Signals of the dashboard example: stored and expired keys of Redis."""

from typing import Final

from grafana_foundation_sdk.models import units

from dashboards.model import RATE_WINDOW, Signal
from dashboards.units import per_second

_SERVER: Final = 'job=~"$job", instance=~"$instance"'
_NAME: Final = "{{service}} {{instance}}"

STORED_KEYS: Final = Signal(
    name=_NAME,
    unit=units.Short,
    expression=f"sum by (service, instance) (redis_db_keys{{{_SERVER}}})",
)
EXPIRED_KEYS: Final = Signal(
    name=_NAME,
    unit=per_second("keys"),
    expression=f"sum by (service, instance) (rate(redis_expired_keys_total{{{_SERVER}}}{RATE_WINDOW}))",
)
'''
BOARD: Final = '''\
"""Example dashboard: stored and expired keys of Redis."""

from typing import Final

from dashboards.model import Board, Panel, Row, Variable, View
from dashboards.signals import example

_KEYS: Final = Row(
    title="Keys",
    panels=(
        Panel(
            slug="example-stored-keys",
            title="Stored keys",
            description="Keys of all databases of each server.",
            view=View.TREND,
            signals=(example.STORED_KEYS,),
            width=12,
        ),
        Panel(
            slug="example-expired-keys",
            title="Expired keys",
            description="Keys per second removed because their time to live ended.",
            view=View.TREND,
            signals=(example.EXPIRED_KEYS,),
            width=12,
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-example",
    title="BAIS Example",
    description="Stored and expired keys of Redis.",
    topic="example",
    areas=("cache",),
    variables=(
        Variable(name="job", label="Job", query="label_values(redis_up, job)"),
        Variable(name="instance", label="Instance", query='label_values(redis_up{job=~"$job"}, instance)'),
    ),
    rows=(_KEYS,),
)
'''


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> ScratchCopy:
    """The copy after all steps of the guide but the tests."""
    copy = ScratchCopy.create(tmp_path_factory.mktemp("dashboard") / "checkout")
    copy.write("dashboards/signals/example.py", SIGNALS)
    copy.write("dashboards/boards/example.py", BOARD)
    copy.replace(
        "dashboards/boards/__init__.py",
        "import api, business, cache, database,",
        "import api, business, cache, database, example,",
    )
    copy.insert_after("dashboards/boards/__init__.py", "    monitoring.BOARD,\n", "    example.BOARD,\n")
    copy.replace(
        GUIDE,
        "\n\n`bais-production` is also",
        f"\n| `{UID}` | stored and expired keys of Redis |\n\n`bais-production` is also",
    )
    copy.insert_after("CHANGELOG.md", "## [Unreleased]\n\n### Added\n\n", f"- Dashboard `{UID}`.\n")
    copy.generate()
    return copy


def test_the_tests_of_the_guide_pass(copy: ScratchCopy) -> None:
    failed, output = copy.failed_tests(
        TEST_BOARDS,
        "tests/dashboards/test_golden.py",
        "tests/dashboards/test_links.py",
        "tests/dashboards/test_requirement_docs.py",
        "tests/tools/boards/test_lint.py",
        "tests/components/test_golden.py",
    )
    assert failed == set(), output
    assert f"test_lint.py::test_lint_has_no_findings[{UID}]" in output


def test_the_program_deploys_the_board(copy: ScratchCopy) -> None:
    resources = copy.deployed("prod")
    board = json.loads(resources["kubernetes:core/v1:ConfigMap", f"dashboard-{UID}"]["data"][f"{UID}.json"])
    assert [panel["title"] for panel in board["panels"]] == [
        "Keys (filters: Job, Instance)",
        "Stored keys",
        "Expired keys",
    ]


def test_nothing_but_what_the_guide_names_has_changed(copy: ScratchCopy) -> None:
    changed = copy.changed_files()
    assert f"tests/golden/boards/{UID}.json" in changed
    assert {"tests/golden/local.txt", "tests/golden/prod.txt", "tests/golden/staging.txt"} <= set(changed)
    assert copy.unnamed_changes("dashboard.md", source="example", name="example", uid=UID) == []
