"""Queries of the reviews, loaded from queries.yaml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final, Literal

import promql_parser
from pydantic import BaseModel, ConfigDict, TypeAdapter

from catalogue.promql import selectors
from common.yaml_files import read_yaml

_FILE: Final = Path(__file__).with_name("queries.yaml")


class Query(BaseModel):
    """A query; queries.yaml documents the fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    query: str
    over: Literal["end", "steps", "minutes"]
    compared: bool = False
    none_is_known: bool = False


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What the queries are about.

    Attributes:
        period: The period, as a Prometheus duration.
        step: Seconds between two samples of a range query.
        stack: Namespaces of the stack.
        services: Namespaces of the BAIS services.
    """

    period: str
    step: int
    stack: tuple[str, ...]
    services: tuple[str, ...]


@functools.cache
def load() -> Mapping[str, Query]:
    """Load the queries by name."""
    return TypeAdapter(dict[str, Query]).validate_python(read_yaml(_FILE))


def expression(query: Query, scope: Scope) -> str:
    """Return the PromQL of a query."""
    # Namespaces have letters, digits and hyphens only: nothing to escape.
    return Template(query.query).substitute(
        period=scope.period,
        step=f"{scope.step}s",
        stack="|".join(scope.stack),
        services="|".join(scope.services),
    )


def selected(text: str) -> tuple[str, ...]:
    """Return the series that an expression reads, as selectors."""
    found = (str(one).removesuffix("{}") for one, _ in selectors(promql_parser.parse(text)))
    return tuple(dict.fromkeys(found))
