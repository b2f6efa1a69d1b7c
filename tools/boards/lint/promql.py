"""What a query says, by its syntax tree; one that does not parse says nothing and is another rule's finding."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import promql_parser as promql

from dashboards.rendering.queries import concrete

# A window that nobody writes stands for the one that Grafana puts in.
RATE_INTERVAL_SECONDS: Final = 433
_RATE_INTERVAL: Final = "$__rate_interval"

_CHOOSING: Final = ("topk", "bottomk", "limitk", "limit_ratio")
_SETS: Final = ("and", "unless")


@cache
def parsed(query: str) -> Any:
    """The tree of a query with Grafana's windows and choices filled in, or None if it is no PromQL."""
    try:
        return promql.parse(concrete(query.replace(_RATE_INTERVAL, f"{RATE_INTERVAL_SECONDS}s")))
    except ValueError:
        return None


def nodes(query: str) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Each node of a query with the nodes around it, the nearest first."""
    tree = parsed(query)
    if tree is not None:
        yield from _below(tree, ())


def selectors(query: str) -> Iterator[tuple[promql.VectorSelector, tuple[Any, ...]]]:
    """Each selector of series with the nodes around it."""
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
    """Labels that series may have: these names, or every name but these."""

    names: frozenset[str] = frozenset()
    all_but: bool = False

    def __contains__(self, name: str) -> bool:
        """Return whether a series may have this label."""
        return (name in self.names) is not self.all_but

    def kept(self, names: frozenset[str]) -> "Labels":
        """Those among some names."""
        return Labels(frozenset(name for name in names if name in self))

    def dropped(self, names: frozenset[str]) -> "Labels":
        """All but some names."""
        return Labels(self.names | names if self.all_but else self.names - names, self.all_but)

    def added(self, names: frozenset[str]) -> "Labels":
        """These and some names."""
        return Labels(self.names - names if self.all_but else self.names | names, self.all_but)

    def shared(self, other: "Labels") -> "Labels":
        """Those that both have."""
        return self.dropped(other.names) if other.all_but else self.kept(other.names)


_EVERY: Final = Labels(all_but=True)
_NONE: Final = Labels()


def labels(node: Any) -> Labels:
    """The labels that the result of a node may have."""
    if isinstance(node, promql.AggregateExpr):
        return _aggregated(node)
    if isinstance(node, promql.BinaryExpr):
        return _combined(node)
    if isinstance(node, promql.Call):
        return _called(node)
    if isinstance(node, promql.ParenExpr | promql.SubqueryExpr | promql.UnaryExpr):
        return labels(node.expr)
    return _NONE if isinstance(node, promql.NumberLiteral) else _EVERY


def _aggregated(node: promql.AggregateExpr) -> Labels:
    inner = labels(node.expr)
    if str(node.op) in _CHOOSING:
        return inner
    named = frozenset(node.modifier.labels) if node.modifier else frozenset()
    without = node.modifier is not None and node.modifier.type == promql.AggModifierType.Without
    result = inner.dropped(named) if without else inner.kept(named)
    named_by = getattr(node.param, "val", None)
    return result.added(frozenset({named_by})) if named_by and str(node.op) == "count_values" else result


def _combined(node: promql.BinaryExpr) -> Labels:
    left, right = labels(node.lhs), labels(node.rhs)
    if is_scalar(node.rhs) or str(node.op) in _SETS:
        return left
    if is_scalar(node.lhs):
        return right
    matched, many = node.modifier, promql.VectorMatchCardinality
    if matched and matched.card in (many.ManyToOne, many.OneToMany):
        side = left if matched.card == many.ManyToOne else right
        return side.added(frozenset(matched.group_labels or ()))
    if str(node.op) == "or" or not (matched and matched.matching):
        return left.shared(right)
    named = frozenset(matched.matching.labels)
    on = matched.matching.type == promql.LabelModifierType.Include
    return left.kept(named) if on else left.dropped(named)


def _called(node: promql.Call) -> Labels:
    name = node.func.name
    if name in ("vector", "time", "scalar") or not node.args:
        return _NONE
    if name == "histogram_quantile":
        return labels(node.args[1]).dropped(frozenset({"le"}))
    inner = labels(node.args[0])
    return inner.added(frozenset({node.args[1].val})) if name in ("label_replace", "label_join") else inner


def is_scalar(node: Any) -> bool:
    """Whether a node is a plain number, which has no labels to match."""
    if isinstance(node, promql.BinaryExpr):
        return is_scalar(node.lhs) and is_scalar(node.rhs)
    if isinstance(node, promql.ParenExpr | promql.UnaryExpr):
        return is_scalar(node.expr)
    return isinstance(node, promql.NumberLiteral) or (
        isinstance(node, promql.Call) and node.func.name in ("scalar", "time")
    )
