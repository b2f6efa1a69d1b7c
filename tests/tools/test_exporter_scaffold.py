"""`make exporter` begins an exporter whose gaps the tests list; with them filled, the program deploys it."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner

from catalogue.scaffold import GAP
from common.project import PROJECT
from tests.guides.scratch_copy import ScratchCopy
from tools.exporter_scaffold import edits
from tools.exporter_scaffold.__main__ import main
from tools.exporter_scaffold.files import page
from tools.exporter_scaffold.scaffold import NewExporter, problems

ARGUMENTS: Final = [
    "--name=memcached-exporter",
    "--chart=prometheus-memcached-exporter",
    "--version=0.4.2",
    "--port=9150",
]
CHART: Final = "local/charts/prometheus-memcached-exporter"
REGISTRY: Final = "tests/components/test_exporter_registry.py"
OWN: Final = "tests/components/test_memcached_exporter.py"
RUNBOOK: Final = "runbooks/MemcachedExporterAbsent.md"
IMPACT: Final = "Evictions and misses of Memcached go unnoticed."
REPORTS: Final = "Hits, evictions and memory of Memcached."

# What an engineer would write in place of each gap: a pattern of the gap and its replacement, by file.
FILLED: Final = {
    "common/exporters.py": [
        (r"# TODO egress=.*", 'egress=Egress(purpose="query the servers", ports=(11211,)),'),
    ],
    "settings/exporters.py": [(r"TODO [^\"]*", REPORTS)],
    "manifests/exporters.py": [(r"# TODO .*", '"options": {"memcached.address": "memcached.bais.svc:11211"},')],
    "components/memcached_exporter.py": [(r"TODO what it reports on", "hits, evictions and memory of Memcached")],
    "rules/availability.yaml": [(r"TODO .*", IMPACT)],
    "tests/rules/availability_test.yaml": [(r"TODO .*", IMPACT)],
    "tests/manifests/network/test_flows.py": [
        (
            r'(    \("prometheus", "memcached-exporter", 9150\),\n)',
            r'\1    ("memcached-exporter", "outside", 11211),\n',
        ),
    ],
    OWN: [(r'\["TODO .*', '["options"] == {"memcached.address": "memcached.bais.svc:11211"}')],
    f"{CHART}/Chart.yaml": [(r"appVersion: .*", "appVersion: v0.15.3")],
    f"{CHART}/values.yaml": [
        (r"# TODO .*", 'options: {memcached.address: ""}'),
        (r"repository: TODO", "repository: quay.io/prometheus/memcached-exporter"),
    ],
    f"{CHART}/templates/memcached-exporter.yaml": [
        (r"# TODO the arguments.*", "# One address."),
        (r"args: \[\]", "args: ['--memcached.address={{ index .Values.options \"memcached.address\" }}']"),
        (r" *# TODO check.*\n", ""),
    ],
}
# What the program makes of it, printed as JSON.
OUTCOME: Final = """
import json
from common.project import PROJECT
from preflight.plan import prepare_stack
from settings.services import service_problems
from tools.mocked_program import configuration, run_program, with_every_exporter
from tools.stubbed_cluster import stubbed_cluster

NAME = "memcached-exporter"
prod = configuration("prod", "upstream")
with stubbed_cluster():
    runs = {key: run_program(raw) for key, raw in (("default", prod), ("enabled", with_every_exporter(prod)))}
    rules = {
        key: json.dumps(prepare_stack(raw, PROJECT).rules)
        for key, raw in (("default", prod), ("enabled", with_every_exporter(prod)))
    }
release = runs["enabled"].one("kubernetes:helm.sh/v3:Release", f"{NAME}-release").inputs
policies = runs["enabled"].of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
(policy,) = (each.inputs["spec"] for each in policies if each.inputs["metadata"]["name"] == NAME)
print(json.dumps({
    "default": [each.name for each in runs["default"].resources if NAME in each.name],
    "enabled": sorted(each.name for each in runs["enabled"].resources if NAME in each.name),
    "release": [release["name"], release["chart"], release["version"], release["namespace"]],
    "ingress": [port["port"] for rule in policy["ingress"] for port in rule["ports"]],
    "egress": [port["port"] for rule in policy["egress"] for port in rule["ports"]],
    "reserved": [str(problem.key) for problem in service_problems({"services": [{"name": NAME}]})],
    "alert": {key: "MemcachedExporterAbsent" in text for key, text in rules.items()},
}))
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> ScratchCopy:
    return ScratchCopy.create(tmp_path_factory.mktemp("exporter") / "checkout")


@dataclass(frozen=True)
class Scaffolded:
    """The copy with a new exporter: each gap as `file:line`, the tests that fail, and their output."""

    copy: ScratchCopy
    gaps: list[str]
    failed: set[str]
    output: str


@pytest.fixture(scope="module")
def scaffolded(copy: ScratchCopy) -> Scaffolded:
    copy.run_ok("-m", "tools.exporter_scaffold", *ARGUMENTS)
    gaps = [
        f"{path}:{number}"
        for path in copy.changed_files()
        for number, line in enumerate(copy.read(path).splitlines(), 1)
        if GAP in line
    ]
    failed, output = copy.failed_tests(REGISTRY, OWN, "tests/rules/test_rules.py", "tests/catalogue/test_runbooks.py",
                                       "-k", "registry or memcached or gap or a_runbook_is_complete")  # fmt: skip
    return Scaffolded(copy, gaps, failed, output)


@pytest.fixture(scope="module")
def filled(scaffolded: Scaffolded) -> ScratchCopy:
    """The copy with all gaps filled and everything generated."""
    folder = scaffolded.copy.folder
    for name, replacements in FILLED.items():
        text = (folder / name).read_text(encoding="utf-8")
        for pattern, replacement in replacements:
            text, count = re.subn(pattern, replacement, text)
            assert count, (name, pattern)
        (folder / name).write_text(text, encoding="utf-8")
    settings = page("settings.md", folder)
    settings.write_text(re.sub(r"TODO what it reports on\.", REPORTS, settings.read_text()))
    hardening = page("hardening.md", folder)
    row = "| memcached-exporter | any address | 11211 | query the servers |\n"
    hardening.write_text(edits.after_line(hardening.read_text(), start="| blackbox-exporter | any address |", text=row))
    model = (folder / "runbooks" / "BlackboxExporterAbsent.md").read_text(encoding="utf-8")
    (folder / RUNBOOK).write_text(model.replace("lackbox", "emcached").replace("bemcached", "memcached")
                                  .replace("Bemcached", "Memcached"), encoding="utf-8")  # fmt: skip
    scaffolded.copy.generate()
    return scaffolded.copy


def test_exactly_the_tests_of_gaps_fail(scaffolded: Scaffolded) -> None:
    assert scaffolded.failed == {
        f"{REGISTRY}::test_no_gap_of_a_new_exporter_is_left",
        f"{OWN}::test_it_reads_its_target",
        "tests/rules/test_rules.py::test_no_gap_of_a_new_alert_is_left[rules]",
        "tests/rules/test_rules.py::test_no_gap_of_a_new_alert_is_left[tests]",
        "tests/catalogue/test_runbooks.py::test_a_runbook_is_complete[availability]",
    }, scaffolded.output


def test_each_gap_is_listed(scaffolded: Scaffolded) -> None:
    assert len(scaffolded.gaps) > 15
    # The tests of rules name a file without its folder, and that of runbooks the alert.
    listed = [gap for gap in scaffolded.gaps if not gap.startswith(RUNBOOK)]
    names = {gap: gap.rpartition("/")[2] if "availability" in gap else gap for gap in listed}
    assert [gap for gap, name in names.items() if name not in scaffolded.output] == []


def test_a_second_time_is_refused_and_writes_nothing(scaffolded: Scaffolded) -> None:
    content = {name: scaffolded.copy.read(name) for name in scaffolded.copy.changed_files()}
    again = scaffolded.copy.run("-m", "tools.exporter_scaffold", *ARGUMENTS)
    assert again.returncode == 1
    assert "NAME: found memcached-exporter, which is taken" in again.stderr
    assert {name: scaffolded.copy.read(name) for name in scaffolded.copy.changed_files()} == content


def test_the_program_deploys_it_where_a_stack_enables_it(filled: ScratchCopy) -> None:
    found: dict[str, Any] = json.loads(filled.run_ok("-c", OUTCOME))
    assert found == {
        "default": [],
        "enabled": [
            "memcached-exporter",
            "memcached-exporter-monitor",
            "memcached-exporter-release",
            "network-policies-memcached-exporter",
        ],
        "release": ["prometheus-memcached-exporter", "prometheus-memcached-exporter", "0.4.2", "monitoring"],
        "ingress": [9150],
        "egress": [53, 53, 11211],
        "reserved": ["monitoring:services[0].name"],
        "alert": {"default": False, "enabled": True},
    }


def test_the_tests_of_the_stack_pass_with_it(filled: ScratchCopy) -> None:
    failed, output = filled.failed_tests(
        REGISTRY,
        OWN,
        "tests/components/test_golden.py",
        "tests/manifests",
        "tests/local/test_charts.py",
        "tests/synthetic/test_exposition.py",
        "tests/synthetic/test_scenarios.py::test_in_a_healthy_hour_only_the_heartbeat_fires",
        "tests/rules/test_rules.py",
        "tests/catalogue/test_runbooks.py",
        "tests/test_documentation.py::test_every_setting_is_documented_once_with_its_default",
        "tests/test_documentation.py::test_no_table_cell_is_longer_than_140_characters",
        "-k",
        "not (promtool or runbook) or availability or gap or up_to_date",
    )
    assert failed == set(), output


def test_its_code_is_formatted_and_free_of_lint(filled: ScratchCopy) -> None:
    ruff = str(Path(sys.executable).with_name("ruff"))
    for command in (["check", "--no-cache"], ["format", "--no-cache", "--check"]):
        done = subprocess.run([ruff, *command, "."], cwd=filled.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_nothing_but_what_the_guide_names_has_changed(filled: ScratchCopy) -> None:
    guide = page("exporter.md", PROJECT).read_text(encoding="utf-8")
    # A folder stands for all in it; `*` and `<name>` for a part of a path.
    named = [re.sub(r"<[a-z]+>|\*", "@", path) for path in re.findall(r"`([\w./<>*-]+)`", guide)]
    patterns = [re.escape(path).replace("@", "[^/]+") + (".*" if path.endswith("/") else "") for path in named]
    changed = filled.changed_files()
    assert changed
    assert [path for path in changed if not any(re.fullmatch(pattern, path) for pattern in patterns)] == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["--name=Memcached_", "--chart=", "--version=latest", "--port=http"],
            [
                "NAME: found 'Memcached_'; allowed: a name such as memcached-exporter: ",
                "CHART: found ''; allowed: the name of a chart",
                "VERSION: found 'latest'; allowed: an exact chart version such as 1.2.3",
                "PORT: found 0; allowed: a port from 1 to 65535",
            ],
        ),
        (
            ["--name=kubelet", "--chart=grafana", "--version=1.2.3", "--port=9115"],
            [
                "NAME: found kubelet, which is taken; allowed: a name that no component, job or setting has",
                "CHART: found grafana, which is released already; allowed: a chart that no component has",
                "PORT: found 9115, the port of the blackbox-exporter; allowed: a port that no other exporter has",
            ],
        ),
        (
            ["--name=postgres", "--chart=x", "--version=1.2.3", "--port=70000"],
            ["NAME: found postgres, which is taken", "PORT: found 70000; allowed: a port from 1 to 65535"],
        ),
        (["--name=probe-x", "--chart=x", "--version=1.2.3", "--port=1"], ["NAME: found probe-x, which is taken"]),
        (["--name=" + "m" * 35, "--chart=x", "--version=1.2.3", "--port=1"], ["NAME: found 'mmm"]),
    ],
    ids=["malformed", "in use", "a setting", "the job of a probe", "too long"],
)
def test_bad_input_is_refused_all_at_once(arguments: list[str], expected: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert len(lines) == len(expected), result.stderr
    assert all(line.startswith(problem) for problem, line in zip(expected, lines, strict=True)), result.stderr


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    new = NewExporter(name="memcached-exporter", chart="memcached", version="0.4.2", port=9150)
    paths = ("components/memcached_exporter.py", "local/charts/memcached/Chart.yaml")
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("mine\n")
    assert [problem.found for problem in problems(new, tmp_path)] == [
        "components/memcached_exporter.py, which exists",
        "local/charts/memcached, which exists",
    ]


@pytest.mark.parametrize(
    ("edit", "arguments", "says"),
    [
        (edits.into_literal, {"name": "EXPORTERS"}, "no EXPORTERS: Final = ... at the top level"),
        (edits.after_line, {"start": "| row |"}, "no line that starts with '| row |'"),
        (edits.after_block, {"start": "  key:"}, "no line '  key:'"),
    ],
)
def test_a_file_of_another_structure_is_an_error(edit: Any, arguments: dict[str, str], says: str) -> None:
    with pytest.raises(LookupError, match=re.escape(says)):
        edit("", text="text", **arguments)
