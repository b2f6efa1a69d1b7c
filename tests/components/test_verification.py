"""When the program verifies the cluster; the verification itself is replaced."""

from collections.abc import Callable

import pulumi
import pytest

from tools.mocked_program import Run, configuration, run_program
from verification.model import ClusterPlan
from verification.verify import VerificationError, Verified

pytestmark = pytest.mark.usefixtures("cluster_answers")


def test_every_update_verifies_the_plan_after_all_resources(real_charts: str) -> None:
    done, plans = Run(), []

    def verify(plan: ClusterPlan, report: Callable[[str], None]) -> Verified:
        plans.append((plan, len(done.resources)))
        report("waiting for something")
        return Verified(notes=("a note",), warnings=("a warning",))

    run_program(configuration("prod", real_charts), done=done, verify=verify)
    ((plan, registered),) = plans
    assert registered == len(done.resources)
    assert (plan.context, plan.namespace, plan.prometheus.pods, plan.alertmanager.pods) == (
        "bais-prod", "monitoring", 2, 3
    )  # fmt: skip
    rules = {each.inputs["metadata"]["name"] for each in done.resources if each.type.endswith(":PrometheusRule")}
    assert set(plan.rules) == rules
    assert plan.configuration["route"]["receiver"] == "unrouted"


def test_a_preview_verifies_nothing(real_charts: str) -> None:
    def verify(plan: ClusterPlan, report: Callable[[str], None]) -> Verified:
        raise AssertionError

    run_program(configuration("prod", real_charts), preview=True, verify=verify)


def test_a_failed_verification_fails_the_program_with_its_message_alone(real_charts: str) -> None:
    def verify(plan: ClusterPlan, report: Callable[[str], None]) -> Verified:
        raise VerificationError("the cluster does not run it")

    with pytest.raises(pulumi.RunError, match=r"\Athe cluster does not run it\Z"):
        run_program(configuration("prod", real_charts), verify=verify)
