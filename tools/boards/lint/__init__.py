"""The lint of the boards: the rules of Grafana's dashboard-linter written anew, and the house's own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tools.boards.lint import boards as whole
from tools.boards.lint import links, panels, targets, variables
from tools.boards.lint.exclusions import EXCLUSIONS, Exclusion
from tools.boards.lint.known import known_of_catalogue
from tools.boards.lint.model import WHOLE_BOARD, Board, Finding, Known, Rule, Subject
from tools.boards.rendered_boards import BOARDS

__all__ = ["EXCLUSIONS", "NOT_APPLICABLE", "RULES", "UNUSED", "Finding", "Known", "findings"]

RULES: Final[Mapping[str, Rule]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        whole.unique_boards,
        whole.unique_ids,
        whole.grid,
        whole.header,
        whole.size,
        whole.uneditable_dashboard,
        variables.template_datasource,
        variables.template_job,
        variables.template_instance,
        variables.template_label_promql,
        variables.template_on_time_change_reload,
        variables.template_all,
        variables.variables_defined,
        variables.variables_used,
        panels.panel_datasource,
        panels.panel_title_description,
        panels.panel_units,
        panels.panel_no_targets,
        panels.thresholds_rise,
        panels.thresholds_sane,
        panels.thresholds_of_alerts,
        panels.colors_named,
        panels.colors_readable,
        panels.no_sum_of_rates,
        targets.target_promql,
        targets.target_rate_interval,
        targets.windows,
        targets.target_job,
        targets.target_instance,
        targets.target_counter_agg,
        targets.metrics_known,
        targets.legend,
        links.links,
        links.siblings,
    )
}
NOT_APPLICABLE: Final[Mapping[str, str]] = {
    "target-logql": "no panel asks Loki",
    "target-logql-auto": "no panel asks Loki",
}
"""The public rules that are not written anew, each with the reason."""
UNUSED: Final = "unused-exclusion"


def findings(
    boards: Sequence[Board] = tuple(BOARDS.values()),
    known: Known | None = None,
    exclusions: Iterable[Exclusion] = EXCLUSIONS,
    rules: Iterable[str] = RULES,
) -> list[Finding]:
    """Return what rules find on boards, as Grafana would load them, and each exclusion that excludes nothing."""
    known = known or known_of_catalogue()
    chosen = list(rules)
    every = [finding for board in boards for name in chosen for finding in _found(name, Subject(board, boards, known))]
    asked = [exclusion for exclusion in exclusions if exclusion.rule in chosen]
    used = {exclusion for exclusion in asked if any(_excludes(exclusion, finding) for finding in every)}
    kept = [finding for finding in every if not any(_excludes(exclusion, finding) for exclusion in used)]
    unused = (exclusion for exclusion in asked if exclusion not in used)
    return kept + [
        Finding(UNUSED, each.board, each.panel or WHOLE_BOARD, f"{each.rule} finds nothing to exclude here")
        for each in unused
    ]


def _found(name: str, subject: Subject) -> Iterator[Finding]:
    return (Finding(name, subject.board["uid"], place, sentence) for place, sentence in RULES[name](subject))


def _excludes(exclusion: Exclusion, finding: Finding) -> bool:
    return (exclusion.rule, exclusion.board) == (finding.rule, finding.board) and exclusion.panel in (
        None,
        finding.place,
    )
