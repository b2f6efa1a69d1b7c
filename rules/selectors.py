"""What an expression reads: each metric that it selects, and the labels by which it groups and joins that."""

from collections.abc import Iterator

import promql_parser


def selectors(
    node: object, around: frozenset[str] = frozenset()
) -> Iterator[tuple[promql_parser.VectorSelector, frozenset[str]]]:
    """Yield what a parsed expression selects, each with the labels by which it is aggregated and joined."""
    modifier = getattr(node, "modifier", None)
    matching = getattr(modifier, "matching", None)
    # What is ignored need not be there.
    if getattr(matching, "type", None) == promql_parser.LabelModifierType.Exclude:
        matching = None
    around = around.union(getattr(modifier, "labels", None) or [], getattr(matching, "labels", None) or [])
    if isinstance(node, promql_parser.MatrixSelector):
        node = node.vector_selector
    if isinstance(node, promql_parser.VectorSelector):
        yield node, around
    for name in ("expr", "lhs", "rhs"):
        if (child := getattr(node, name, None)) is not None:
            yield from selectors(child, around)
    for child in getattr(node, "args", None) or []:
        yield from selectors(child, around)
