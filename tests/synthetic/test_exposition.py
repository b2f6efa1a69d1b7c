"""The synthetic platform exposes what real processes do, and nothing that nobody reads."""

import pytest

from catalogue.loader import load
from synthetic import targets
from synthetic.targets import Target
from tools.boards.rendered_boards import BOARDS, QUERIES, choices, metrics_of
from tools.exporter_metrics import LISTS, metrics

TARGETS = targets.load()
# Whose list a kind's metrics stand in, where it has another name; the application's stand in the metrics contract.
LIST_OF_KIND = {
    "apiserver": "api-server",
    "cadvisor": "kubelet",
    "postgres-replica": "postgres-exporter",
    "probe-api": "blackbox-exporter",
}
CONTRACT = ("api", "worker", "webhook-dispatcher")
WITHOUT_LIST = {"cluster-dns": "tools/proof/listed.yaml says where its metrics were read"}
# What is there all the same, because no real page is empty.
UNREAD = {"blackbox_exporter_config_last_reload_successful"}
# A label of a target on the series of a page that tells of others, which real pages have.
OF_TARGET = {"namespace", "pod", "container"}


def name_of_list(target: Target) -> str:
    return f"{LIST_OF_KIND.get(target.kind, target.kind)}.txt"


@pytest.mark.parametrize("target", {target.kind: target for target in TARGETS}.values(), ids=lambda target: target.kind)
def test_a_target_exposes_what_its_real_process_does(target: Target) -> None:
    if target.kind in CONTRACT or target.kind in WITHOUT_LIST:
        assert not (LISTS / name_of_list(target)).exists()
        return
    real = metrics(name_of_list(target))
    for series in target.series:
        name = f"{series.name}_bucket" if series.buckets else series.name
        assert name in real
        given = {label for label, value in series.labels.items() if value}
        assert given - OF_TARGET <= real[name], name


def test_nothing_is_exposed_that_no_rule_and_no_board_reads() -> None:
    expressions = [rule.expression for area in load().areas for group in area.groups for rule in group.rules]
    expressions += [query.expression for query in QUERIES]
    for board in BOARDS.values():
        expressions += [mark["expr"] for mark in board["annotations"]["list"]]
        expressions += [choice["query"].removeprefix("label_values(").rpartition(",")[0] for choice in choices(board)]
    read = {name for text in expressions for name in metrics_of(text)}
    parts = ("", "_bucket", "_sum", "_count")
    exposed = {series.name for target in TARGETS for series in target.series} - UNREAD
    assert [name for name in sorted(exposed) if not {f"{name}{part}" for part in parts} & read] == []
