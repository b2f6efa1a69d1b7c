"""The manifests of a stack's rules, as the program makes them."""

import functools
from typing import Any
from unittest import mock

from tools.mocked_program import configuration, run


@functools.cache
def manifests(stack: str) -> list[dict[str, Any]]:
    """Every PrometheusRule of a stack."""
    with mock.patch("preflight.plan.cluster_faults", return_value=[]):
        done = run(configuration(stack, "upstream"))
    return [
        {key: each.inputs[key] for key in ("apiVersion", "kind", "metadata", "spec")}
        for each in done.of_type("kubernetes:monitoring.coreos.com/v1:PrometheusRule")
    ]
