"""PrometheusRule manifests of a stack, as the program renders them."""

import functools
from typing import Any

from tools.mocked_program import configuration, run_program
from tools.stubbed_cluster import stubbed_cluster


@functools.cache
def manifests(stack: str) -> list[dict[str, Any]]:
    """Return every PrometheusRule of a stack."""
    with stubbed_cluster():
        done = run_program(configuration(stack, "upstream"))
    return [
        {key: _with_integers(each.inputs[key]) for key in ("apiVersion", "kind", "metadata", "spec")}
        for each in done.of_type("kubernetes:monitoring.coreos.com/v1:PrometheusRule")
    ]


def _with_integers(value: Any) -> Any:
    """Return a value with whole numbers as the API server gets them: to the program's mocks all numbers are floats."""
    if isinstance(value, dict):
        return {key: _with_integers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
