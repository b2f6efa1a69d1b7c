"""Test of the program's inputs for every stack, before a provider adds defaults."""

import pytest

from policy.model import Resource, message
from policy.registry import PROGRAM_CHECKS, RESOURCE_CHECKS, STACK_CHECKS
from tests.program_environment import cluster_answers, real_charts
from tools.mocked_program import STACKS, configuration, run_program

__all__ = ["cluster_answers", "real_charts"]


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.usefixtures("cluster_answers")
def test_every_stack_passes_every_check(stack: str, real_charts: str) -> None:
    done = run_program(configuration(stack, real_charts))
    resources = [Resource(type=each.type, name=each.name, properties=each.decrypted) for each in done.resources]
    assert len([resource for resource in resources if resource.kind]) > 10
    problems = [
        message(resource, problem)
        for check in (*RESOURCE_CHECKS, *PROGRAM_CHECKS)
        for resource in resources
        for problem in check.validate(resource, stack)
    ]
    problems += [
        message(resource, problem) for check in STACK_CHECKS for resource, problem in check.validate(resources)
    ]
    assert problems == []
