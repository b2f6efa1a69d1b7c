"""A new environment by docs/guides/environment.md: its tests pass, and nothing but what the guide names changes."""

import re
from dataclasses import dataclass
from typing import Final

import pytest

from tests.guides.scratch_copy import ScratchCopy

pytestmark = pytest.mark.slow

NAME: Final = "qa"
ENVIRONMENTS: Final = "policy/environments.py"
TEST_POLICY: Final = "tests/policy/test_program.py"


@dataclass(frozen=True)
class Environment:
    """The copy after all steps of the guide but the tests, and what a policy test reported before step 2."""

    copy: ScratchCopy
    failed_before_step_2: set[str]
    output_before_step_2: str


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    copy = ScratchCopy.create(tmp_path_factory.mktemp("environment") / "checkout")
    staging = copy.read("Pulumi.staging.yaml")
    copy.write(f"Pulumi.{NAME}.yaml", staging.replace("staging", NAME).replace("Staging", NAME.upper()))
    failed, output = copy.failed_tests(TEST_POLICY, "-k", NAME)
    copy.replace(ENVIRONMENTS, '("local", "staging")', f'("local", "staging", "{NAME}")')
    copy.replace(
        "tools/delivery/expectations.py", '"staging": ("slack",),', f'"staging": ("slack",), "{NAME}": ("slack",),'
    )
    copy.insert_after("CHANGELOG.md", "## [Unreleased]\n\n### Added\n\n", f"- Environment `{NAME}`.\n")
    copy.generate()
    return Environment(copy, failed, output)


def test_without_step_2_the_policy_requires_replicas_of_production(environment: Environment) -> None:
    assert environment.failed_before_step_2 == {f"{TEST_POLICY}::test_every_stack_passes_every_check[{NAME}]"}
    assert "replicas" in environment.output_before_step_2


def test_the_tests_of_the_guide_pass(environment: Environment) -> None:
    failed, output = environment.copy.failed_tests(
        "tests/settings", "tests/components", "tests/manifests", "tests/policy", "tests/rules",
        "-k", f"{NAME} or stack or golden",
    )  # fmt: skip
    assert failed == set(), output
    tested = set(re.findall(rf"::(\w+)\[{NAME}\] PASSED", output))
    assert {
        "test_a_stack_file_has_valid_settings",
        "test_a_stack_has_the_resources_of_its_list",
        "test_every_stack_passes_every_check",
    } <= tested


def test_the_alerts_arrive_at_the_addresses_of_step_3(environment: Environment) -> None:
    failed, output = environment.copy.failed_tests("tests/delivery/test_delivery.py", "-k", NAME)
    assert failed == set(), output


def test_the_program_deploys_the_environment(environment: Environment) -> None:
    resources = environment.copy.deployed(NAME)
    listed = environment.copy.read(f"tests/golden/{NAME}.txt").splitlines()
    assert len(listed) == len(resources)
    assert len(listed) == len(environment.copy.read("tests/golden/staging.txt").splitlines())


def test_nothing_but_what_the_guide_names_has_changed(environment: Environment) -> None:
    assert f"tests/golden/{NAME}.txt" in environment.copy.changed_files()
    assert environment.copy.unnamed_changes("environment.md", name=NAME) == []
