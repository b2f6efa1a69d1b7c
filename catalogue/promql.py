"""Selectors of a PromQL expression, with the labels that it needs of each."""

from collections.abc import Iterator
from typing import Final

import promql_parser

_MANY_TO_ONE: Final = promql_parser.VectorMatchCardinality.ManyToOne


def selectors(
    node: object, labels: frozenset[str] = frozenset()
) -> Iterator[tuple[promql_parser.VectorSelector, frozenset[str]]]:
    """Yield each selector with the labels by which it is aggregated and joined."""
    modifier = getattr(node, "modifier", None)
    matching = getattr(modifier, "matching", None)
    # Labels in `ignoring` are not needed.
    if getattr(matching, "type", None) == promql_parser.LabelModifierType.Exclude:
        matching = None
    joined = frozenset(getattr(matching, "labels", None) or [])
    labels = labels.union(getattr(modifier, "labels", None) or [], joined)
    if isinstance(node, promql_parser.BinaryExpr) and modifier and modifier.card == _MANY_TO_ONE:
        # The result has the labels of the left side, and those that `group_left` takes from the right side.
        taken = frozenset(modifier.group_labels)
        yield from selectors(node.lhs, labels - taken | joined)
        yield from selectors(node.rhs, taken | joined)
        return
    if isinstance(node, promql_parser.MatrixSelector):
        node = node.vector_selector
    if isinstance(node, promql_parser.VectorSelector):
        yield node, labels
    for name in ("expr", "lhs"):
        if (child := getattr(node, name, None)) is not None:
            yield from selectors(child, labels)
    if isinstance(node, promql_parser.BinaryExpr):
        # The right side of `and` and `unless` only filters the series of the left side.
        yield from selectors(node.rhs, joined if str(node.op) in ("and", "unless") else labels)
    if isinstance(node, promql_parser.Call):
        created = {node.args[1].val} if node.func.name == "label_replace" else set()
        for child in node.args:
            yield from selectors(child, labels - created)
