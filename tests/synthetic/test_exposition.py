"""Metrics of the synthetic platform: existing, and read by rules or boards."""

from typing import Final

import pytest

from catalogue.loader import load
from synthetic import targets
from synthetic.targets import Target
from tools.boards.rendered_boards import BOARDS, QUERIES, metrics_of, query_variables
from tools.exporter_metrics import LISTS, metrics

TARGETS: Final = targets.load()
# Exporter list of a kind of target with another name. The services have the metrics contract instead.
LIST_OF_KIND: Final = {
    "apiserver": "api-server",
    "cadvisor": "kubelet",
    "postgres-replica": "postgres-exporter",
    "probe-api": "blackbox-exporter",
    "probe-grafana": "blackbox-exporter",
}
CONTRACT: Final = ("api", "worker", "webhook-dispatcher")
# The source of these metrics is in tools/proof/listed.yaml.
WITHOUT_LIST: Final = {"cluster-dns"}
# Exposed although no rule or board reads it, because a real page is not empty.
UNREAD: Final = {"blackbox_exporter_config_last_reload_successful"}
# Target labels that real pages set on the series themselves.
TARGET_LABELS: Final = {"namespace", "pod", "container"}


def name_of_list(target: Target) -> str:
    return f"{LIST_OF_KIND.get(target.kind, target.kind)}.txt"


@pytest.mark.parametrize("target", {target.kind: target for target in TARGETS}.values(), ids=lambda target: target.kind)
def test_a_target_exposes_metrics_of_its_real_exporter(target: Target) -> None:
    if target.kind in CONTRACT or target.kind in WITHOUT_LIST:
        assert not (LISTS / name_of_list(target)).exists()
        return
    if not target.series:  # No rule reads its own metrics, only that it is there.
        return
    real = metrics(name_of_list(target))
    for series in target.series:
        name = f"{series.name}_bucket" if series.buckets else series.name
        assert name in real
        labels = {label for label, value in series.labels.items() if value}
        assert labels - TARGET_LABELS <= real[name], name


def test_every_metric_is_read_by_a_rule_or_board() -> None:
    expressions = [rule.expression for area in load().areas for group in area.groups for rule in group.rules]
    expressions += [query.expression for query in QUERIES]
    for board in BOARDS.values():
        expressions += [mark["expr"] for mark in board["annotations"]["list"]]
        expressions += [
            choice["query"].removeprefix("label_values(").rpartition(",")[0] for choice in query_variables(board)
        ]
    read = {name for text in expressions for name in metrics_of(text)}
    parts = ("", "_bucket", "_sum", "_count")
    exposed = {series.name for target in TARGETS for series in target.series} - UNREAD
    assert [name for name in sorted(exposed) if not {f"{name}{part}" for part in parts} & read] == []
