"""Registry of exporters: what is derived from a row, and the files of each row."""

import dataclasses
from collections.abc import Iterator
from typing import Final

import pytest
import yaml

from catalogue.loader import load
from catalogue.scaffold import GAP
from common.exporters import EXPORTERS, Egress, Exporter
from common.project import PROJECT
from components.exporters import PER_SERVER, PER_STACK
from local.deploy.charts import STAND_INS
from manifests.alert_overrides import absence_alerts_of_disabled
from manifests.charts import Chart, exporter_chart, released_charts
from manifests.network.flows import COMPONENTS, flows
from manifests.network.inputs import network_inputs
from manifests.network.policies import policy_specs
from settings.base import SettingsModel
from settings.fields import Flag
from settings.loader import build_settings, load_sections
from settings.services import reserved_jobs, service_problems
from settings.stack import StackSettings
from tools.exporter_scaffold.files import files_of, page
from tools.mocked_program import configuration

QUEUE: Final = Exporter(
    name="queue-exporter",
    chart="prometheus-queue-exporter",
    setting="queue_exporter",
    ports=(9999,),
    absence_alert="QueueExporterAbsent",
    egress=Egress(purpose="query the queues", ports=(5672,)),
)
PINNED: Final = Chart(name=QUEUE.chart, version="1.2.3")
EXTENDED: Final = (*EXPORTERS, QUEUE)

each_exporter = pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.name)


class QueueExporterSettings(SettingsModel):
    enabled: Flag = QUEUE.enabled_by_default


class ExtendedSettings(StackSettings):
    queue_exporter: QueueExporterSettings = QueueExporterSettings()


def stack(*, enabled: bool) -> StackSettings:
    plain = build_settings(load_sections(configuration("prod", "upstream")))
    queue = QueueExporterSettings.model_construct(enabled=enabled)
    return ExtendedSettings.model_construct(**dict(plain), queue_exporter=queue)


def test_the_chart_of_a_row_is_released_before_grafana_or_once_per_server_after_it() -> None:
    pinned = [*map(exporter_chart, EXPORTERS), PINNED]
    names = [chart.name for chart in released_charts(EXTENDED, pinned)]
    assert names.index(QUEUE.chart) == names.index("grafana") - 1

    per_server = dataclasses.replace(QUEUE, per_server=True)
    *_, last = released_charts((*EXPORTERS, per_server), pinned)
    assert last.name == QUEUE.chart
    assert last.has_release("queue-exporter-main")
    assert not last.has_release(QUEUE.chart)


def test_a_row_without_a_pinned_version_is_an_error() -> None:
    with pytest.raises(LookupError, match="no version of prometheus-queue-exporter is pinned"):
        released_charts(EXTENDED)


def test_a_row_has_flows_and_a_policy_where_the_exporter_is_enabled() -> None:
    found = flows(network_inputs(stack(enabled=True), EXTENDED), EXTENDED)
    assert [
        (flow.source.name, flow.destination.name, [port.number for port in flow.ports], flow.purpose)
        for flow in found
        if QUEUE.name in (flow.source.name, flow.destination.name)
    ] == [
        ("queue-exporter", "name servers", [53, 53], "resolve names"),
        ("prometheus", "queue-exporter", [9999], "scrape"),
        ("queue-exporter", "any address", [5672], "query the queues"),
    ]
    policy = policy_specs(found)[QUEUE.name]
    assert policy["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": QUEUE.chart}}


def test_a_disabled_row_has_neither_flows_nor_a_policy() -> None:
    found = flows(network_inputs(stack(enabled=False), EXTENDED), EXTENDED)
    assert found == flows(network_inputs(stack(enabled=False)))
    assert QUEUE.name not in policy_specs(found)


def test_an_exporter_on_the_nodes_adds_a_node_port_and_no_policy() -> None:
    extended = (*EXPORTERS, dataclasses.replace(QUEUE, on_nodes=True, egress=None))
    inputs = network_inputs(stack(enabled=True), extended)
    assert inputs.node_ports == (9100, 9999, 10250)
    assert QUEUE.name not in policy_specs(flows(inputs, extended))


def test_the_job_of_a_row_is_reserved() -> None:
    assert reserved_jobs(EXTENDED) - reserved_jobs() == {QUEUE.name}
    values = {"services": [{"name": QUEUE.name}]}
    assert service_problems(values) == []
    (problem,) = service_problems(values, EXTENDED)
    assert problem.key == "monitoring:services[0].name"


def test_the_absence_alert_of_a_disabled_exporter_is_disabled() -> None:
    others = absence_alerts_of_disabled(stack(enabled=False))
    assert absence_alerts_of_disabled(stack(enabled=True), EXTENDED) == others
    assert absence_alerts_of_disabled(stack(enabled=False), EXTENDED) == (*others, QUEUE.absence_alert)


def test_names_settings_charts_and_alerts_of_the_rows_are_unique() -> None:
    for column in ("name", "setting", "chart"):
        found = [getattr(exporter, column) for exporter in EXPORTERS]
        assert sorted(set(found)) == sorted(found), column
    alerts = [exporter.absence_alert for exporter in EXPORTERS if exporter.absence_alert]
    assert sorted(set(alerts)) == sorted(alerts)


def test_each_row_has_exactly_one_component() -> None:
    assert list(PER_STACK) == [exporter.name for exporter in EXPORTERS if not exporter.per_server]
    assert list(PER_SERVER) == [exporter.name for exporter in EXPORTERS if exporter.per_server]


def test_each_row_with_a_selectable_pod_has_a_network_component() -> None:
    names = {exporter.name for exporter in EXPORTERS if not exporter.on_nodes}
    assert names == {component.name for component in COMPONENTS} - {"prometheus", "alertmanager", "operator", "grafana"}


@each_exporter
def test_the_settings_and_pulumi_yaml_have_the_key_of_a_row(exporter: Exporter) -> None:
    field = StackSettings.model_fields[exporter.setting]
    assert field.alias == exporter.key
    default = field.get_default()
    assert (bool(default) if exporter.per_server else default.enabled) is exporter.enabled_by_default
    declared = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())["config"][exporter.key]
    assert declared["default"] == ([] if exporter.per_server else {})


@each_exporter
def test_the_absence_alert_of_a_row_matches_its_job(exporter: Exporter) -> None:
    alerts = load().alerts
    if exporter.absence_alert:
        own = f'up{{job="{exporter.name}"}}'
        expected = f"absent({own}) or max by (job) ({own}) == 0"
        assert alerts[exporter.absence_alert].expression.strip() == expected
    absences = [name for name, alert in alerts.items() if f'absent(up{{job="{exporter.name}"}})' in alert.expression]
    assert absences == ([exporter.absence_alert] if exporter.absence_alert else [])


@each_exporter
def test_a_row_has_a_stand_in_chart_and_rows_in_the_documentation(exporter: Exporter) -> None:
    assert (STAND_INS / exporter.chart / "Chart.yaml").is_file()
    key = f"| `{exporter.key}[]." if exporter.per_server else f"| `{exporter.key}.enabled` |"
    assert key in page("settings.md").read_text()
    if not exporter.on_nodes:
        ports = ", ".join(map(str, exporter.ports))
        row = f"| prometheus | {exporter.name} | {ports} | {exporter.scraped_for} |"
        assert row in page("hardening.md").read_text()


def gaps(exporter: Exporter) -> Iterator[str]:
    """Yield each line with a gap, as `file:line: text`."""
    for file in files_of(exporter):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if GAP in line:
                yield f"{file.relative_to(PROJECT)}:{number}: {line.strip()}"


def test_no_gap_of_a_new_exporter_is_left() -> None:
    found = list(dict.fromkeys(gap for exporter in EXPORTERS for gap in gaps(exporter)))
    assert not found, "\n".join(["fill each TODO of a new exporter:", *found])
