"""A stub of the cluster that the preflight checks read, for runs of the program on mocks."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest import mock

from preflight.cluster_state import ClusterState
from preflight.cluster_storage import Storage


@contextmanager
def stubbed_cluster(state: ClusterState | None = None) -> Iterator[None]:
    """Let the preflight checks find a reachable cluster without claims, generated values and problems of Secrets.

    `state` is what else it contains: by default, nothing.
    """
    found = {
        "cluster_problems": [],
        "secret_problems": [],
        "existing_storage": Storage(),
        "read_generated": ({}, []),
        "read_state": state or ClusterState(),
    }
    with ExitStack() as patches:
        # No chart is downloaded to compare it with its recorded digest.
        patches.enter_context(mock.patch("preflight.charts.fetch_archives", return_value=()))
        for name, result in found.items():
            patches.enter_context(mock.patch(f"preflight.plan.{name}", return_value=result))
        yield
