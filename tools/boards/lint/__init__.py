"""Dashboard lint: the rules of Grafana's dashboard-linter, reimplemented, and the project's own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from tools.boards.lint import boards as board_rules
from tools.boards.lint import enums, links, names, panels, scope, targets, trends, unknown, variables
from tools.boards.lint.available import available_from_catalogue
from tools.boards.lint.exclusions import EXCLUSIONS, Exclusion
from tools.boards.lint.model import WHOLE_BOARD, Available, Board, Finding, Rule, Subject
from tools.boards.rendered_boards import BOARDS

__all__ = ["EXCLUSIONS", "NOT_APPLICABLE", "RULES", "UNUSED", "Finding", "Known", "findings"]

RULES: Final[Mapping[str, Rule]] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        board_rules.unique_boards,
        board_rules.unique_ids,
        board_rules.grid,
        board_rules.header,
        board_rules.size,
        board_rules.queries_at_load,
        board_rules.uneditable_dashboard,
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
        targets.metrics_available,
        targets.legend,
        links.links,
        links.dashboard_links,
        links.alerts_open_history,
        unknown.present_only,
        unknown.zero_while_fresh,
        unknown.judged_while_fresh,
        unknown.unknown_is_gray,
        enums.enums_known,
        names.single_name_kept,
        names.bars_have_maximum,
        names.headings_readable,
        names.sums_named_by_title,
        names.states_have_room,
        trends.fill_only_stacked,
        trends.outcomes_colored,
        trends.usual_levels_dashed,
        trends.limits_color_lines,
        trends.lower_limits_alarm,
        trends.legends_sorted,
        trends.axis_bounded,
        trends.durations_round,
        trends.few_series,
        scope.scope_in_titles,
        scope.annotations_are_marks,
    )
}
# Rules of Grafana's dashboard-linter that are not reimplemented, each with the reason.
NOT_APPLICABLE: Final[Mapping[str, str]] = {
    "target-logql": "no panel queries Loki",
    "target-logql-auto": "no panel queries Loki",
}
UNUSED: Final = "unused-exclusion"


def findings(
    boards: Sequence[Board] = tuple(BOARDS.values()),
    available: Available | None = None,
    exclusions: Iterable[Exclusion] = EXCLUSIONS,
    rules: Iterable[str] = RULES,
) -> list[Finding]:
    """Return the findings of rules on boards as Grafana loads them, and each exclusion that excludes nothing."""
    available = available or available_from_catalogue()
    selected = list(rules)
    every = [
        finding for board in boards for name in selected for finding in _found(name, Subject(board, boards, available))
    ]
    applicable = [exclusion for exclusion in exclusions if exclusion.rule in selected]
    used = {exclusion for exclusion in applicable if any(_excludes(exclusion, finding) for finding in every)}
    remaining = [finding for finding in every if not any(_excludes(exclusion, finding) for exclusion in used)]
    unused = (exclusion for exclusion in applicable if exclusion not in used)
    return remaining + [
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
