"""Syntax trees and result labels of queries; invalid queries have none and are reported by `target-promql`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import promql_parser as promql

from dashboards.rendering.queries import interpolate

# A window that is written nowhere else, in place of the one that Grafana inserts.
RATE_INTERVAL_SECONDS: Final = 433
_RATE_INTERVAL: Final = "$__rate_interval"

_CHOOSING: Final = ("topk", "bottomk", "limitk", "limit_ratio")
_SETS: Final = ("and", "unless")


@cache
def parse(query: str) -> Any:
    """Return the tree of a query with interpolated variables, or None if it is not valid PromQL."""
    try:
        return promql.parse(interpolate(query.replace(_RATE_INTERVAL, f"{RATE_INTERVAL_SECONDS}s")))
    except ValueError:
        return None


def nodes(query: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield each node of a query with its ancestors, nearest first."""
    tree = parse(query)
    if tree is not None:
        yield from _below(tree, ())


def selectors(query: str) -> Iterator[tuple[promql.VectorSelector, tuple[Any, ...]]]:
    """Yield each series selector with its ancestors, nearest first."""
    return ((node, around) for node, around in nodes(query) if isinstance(node, promql.VectorSelector))


def _below(node: Any, around: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    yield node, around
    if isinstance(node, promql.BinaryExpr):
        inner = [node.lhs, node.rhs]
    elif isinstance(node, promql.Call):
        inner = list(node.args)
    elif isinstance(node, promql.MatrixSelector):
        inner = [node.vector_selector]
    elif isinstance(node, promql.AggregateExpr | promql.ParenExpr | promql.SubqueryExpr | promql.UnaryExpr):
        inner = [node.expr]
    else:
        inner = []
    for each in inner:
        yield from _below(each, (node, *around))


@dataclass(frozen=True)
class Labels:
    """Labels that series may have: these names, or all except these."""

    names: frozenset[str] = frozenset()
    all_but: bool = False

    def __contains__(self, name: str) -> bool:
        """Return whether a series may have this label."""
        return (name in self.names) is not self.all_but

    def restricted_to(self, names: frozenset[str]) -> "Labels":
        """Return the labels that are among some names."""
        return Labels(frozenset(name for name in names if name in self))

    def without(self, names: frozenset[str]) -> "Labels":
        """Return the labels without some names."""
        return Labels(self.names | names if self.all_but else self.names - names, self.all_but)

    def with_names(self, names: frozenset[str]) -> "Labels":
        """Return the labels with some names added."""
        return Labels(self.names - names if self.all_but else self.names | names, self.all_but)

    def intersection(self, other: "Labels") -> "Labels":
        """Return the labels that both have."""
        return self.without(other.names) if other.all_but else self.restricted_to(other.names)


_EVERY: Final = Labels(all_but=True)
_NONE: Final = Labels()


def result_labels(node: Any) -> Labels:
    """Return the labels that the result of a node may have."""
    if isinstance(node, promql.AggregateExpr):
        return _aggregated(node)
    if isinstance(node, promql.BinaryExpr):
        return _combined(node)
    if isinstance(node, promql.Call):
        return _called(node)
    if isinstance(node, promql.ParenExpr | promql.SubqueryExpr | promql.UnaryExpr):
        return result_labels(node.expr)
    return _NONE if isinstance(node, promql.NumberLiteral) else _EVERY


def _aggregated(node: promql.AggregateExpr) -> Labels:
    inner = result_labels(node.expr)
    if str(node.op) in _CHOOSING:
        return inner
    named = frozenset(node.modifier.labels) if node.modifier else frozenset()
    without = node.modifier is not None and node.modifier.type == promql.AggModifierType.Without
    result = inner.without(named) if without else inner.restricted_to(named)
    named_by = getattr(node.param, "val", None)
    return result.with_names(frozenset({named_by})) if named_by and str(node.op) == "count_values" else result


def _combined(node: promql.BinaryExpr) -> Labels:
    left, right = result_labels(node.lhs), result_labels(node.rhs)
    if is_scalar(node.rhs) or str(node.op) in _SETS:
        return left
    if is_scalar(node.lhs):
        return right
    matched, many = node.modifier, promql.VectorMatchCardinality
    if matched and matched.card in (many.ManyToOne, many.OneToMany):
        side = left if matched.card == many.ManyToOne else right
        return side.with_names(frozenset(matched.group_labels or ()))
    if _is_fallback(node):
        return left
    if str(node.op) == "or" or not (matched and matched.matching):
        return left.intersection(right)
    named = frozenset(matched.matching.labels)
    on = matched.matching.type == promql.LabelModifierType.Include
    return left.restricted_to(named) if on else left.without(named)


def _is_fallback(node: promql.BinaryExpr) -> bool:
    """Return whether the right side only replaces an empty left side, so its series never stand beside others."""
    matching = node.modifier.matching if node.modifier else None
    if str(node.op) != "or" or matching is None:
        return False
    return not matching.labels and matching.type == promql.LabelModifierType.Include


def _called(node: promql.Call) -> Labels:
    name = node.func.name
    if name in ("vector", "time", "scalar") or not node.args:
        return _NONE
    if name == "histogram_quantile":
        return result_labels(node.args[1]).without(frozenset({"le"}))
    inner = result_labels(node.args[0])
    return inner.with_names(frozenset({node.args[1].val})) if name in ("label_replace", "label_join") else inner


def is_scalar(node: Any) -> bool:
    """Return whether a node is a scalar, which has no labels to match."""
    if isinstance(node, promql.BinaryExpr):
        return is_scalar(node.lhs) and is_scalar(node.rhs)
    if isinstance(node, promql.ParenExpr | promql.UnaryExpr):
        return is_scalar(node.expr)
    return isinstance(node, promql.NumberLiteral) or (
        isinstance(node, promql.Call) and node.func.name in ("scalar", "time")
    )
