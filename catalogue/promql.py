"""PromQL expressions: parsing with limits, and their selectors with the labels that they need of each."""

import re
from collections.abc import Iterator
from typing import Final

import promql_parser

from common.regular_expressions import LONGEST, is_regular_expression

# Far more than the longest expression of the project. The parser takes a time that grows with the square of the
# operators and brackets, and ends the process where they are nested some thousand deep.
LONGEST_EXPRESSION: Final = 10_000
DEEPEST_EXPRESSION: Final = 50
MOST_OPERATORS: Final = 250

_SKIPPED: Final = re.compile(r"""#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`""")
_OPERATOR: Final = re.compile(r"[-+*/%^]|[<>=!]=|[<>]|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
# The position of the regular expression among a function's arguments.
_REGEX_ARGUMENT: Final = {"label_replace": 4}


def parse_expression(expression: str) -> promql_parser.Expr:
    """Return the tree of an expression.

    Raises:
        ValueError: in one line, why Prometheus would refuse the expression, or which limit it exceeds.
    """
    _check_limits(expression)
    tree = promql_parser.parse(expression)
    for regex in _regular_expressions(tree):
        # An empty one is valid in a matcher.
        if regex and not is_regular_expression(regex):
            raise ValueError(f"the regular expression {regex} is not RE2 syntax of at most {LONGEST} characters")
    return tree


def promql_fault(expression: str) -> str:
    """Return why an expression is invalid or exceeds a limit; empty if it is valid."""
    try:
        parse_expression(expression)
    except ValueError as error:
        return " ".join(str(error).split())
    return ""


def is_promql(expression: str) -> bool:
    """Return whether a text is a valid PromQL expression within the limits."""
    return not promql_fault(expression)


def _check_limits(expression: str) -> None:
    if len(expression) > LONGEST_EXPRESSION:
        raise ValueError(f"{len(expression)} characters; the limit is {LONGEST_EXPRESSION}")
    code = _SKIPPED.sub("", expression)
    depth = 0
    for character in code:
        depth += (character in "([{") - (character in ")]}")
        if depth > DEEPEST_EXPRESSION:
            raise ValueError(f"brackets nested more than {DEEPEST_EXPRESSION} deep")
    if (count := len(_OPERATOR.findall(code))) > MOST_OPERATORS:
        raise ValueError(f"{count} operators; the limit is {MOST_OPERATORS}")


def _regular_expressions(tree: promql_parser.Expr) -> Iterator[str]:
    nodes: list[promql_parser.Expr] = []

    def visit(node: promql_parser.Expr) -> bool:
        nodes.append(node)
        return True

    promql_parser.walk(tree, visit)
    for node in nodes:
        if isinstance(node, promql_parser.VectorSelector):
            for matcher in (each for group in (node.matchers.matchers, *node.matchers.or_matchers) for each in group):
                if matcher.op in (promql_parser.MatchOp.Re, promql_parser.MatchOp.NotRe):
                    yield matcher.value
        elif isinstance(node, promql_parser.Call) and (position := _REGEX_ARGUMENT.get(node.func.name)):
            arguments = node.args[position : position + 1]
            yield from (each.val for each in arguments if isinstance(each, promql_parser.StringLiteral))


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
    card = getattr(modifier, "card", None)
    if isinstance(node, promql_parser.BinaryExpr) and card == promql_parser.VectorMatchCardinality.ManyToOne:
        # The result has the labels of the left side, and those that `group_left` takes from the right side.
        taken = frozenset(getattr(modifier, "group_labels", None) or [])
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
