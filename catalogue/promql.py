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
    joined = frozenset(getattr(matching, "labels", None) or [])
    around = around.union(getattr(modifier, "labels", None) or [], joined)
    if isinstance(node, promql_parser.MatrixSelector):
        node = node.vector_selector
    if isinstance(node, promql_parser.VectorSelector):
        yield node, around
    for name in ("expr", "lhs"):
        if (child := getattr(node, name, None)) is not None:
            yield from selectors(child, around)
    if isinstance(node, promql_parser.BinaryExpr):
        # Of these, the right side only decides which series of the left one stay.
        yield from selectors(node.rhs, joined if str(node.op) in ("and", "unless") else around)
    if isinstance(node, promql_parser.Call):
        made = {node.args[1].val} if node.func.name == "label_replace" else set()
        for child in node.args:
            yield from selectors(child, around - made)
