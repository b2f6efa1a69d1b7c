"""Checks as mandatory policies of the engine."""

import contextlib
from typing import Final

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policy.environments import environment_of
from policy.model import Check, Resource, StackCheck, message
from policy.registry import RESOURCE_CHECKS, STACK_CHECKS

NAME: Final = "bais-monitoring"


def policies() -> list[Policy]:
    """Return every check as a policy, in the order of the registry."""
    return [*map(_of_resource, RESOURCE_CHECKS), *map(_of_stack, STACK_CHECKS)]


def _of_resource(check: Check) -> Policy:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        resource = _resource(args)
        # The update checks values that are unknown in a preview, such as a generated password.
        with contextlib.suppress(UnknownValueError):
            for problem in check.validate(resource, environment_of(args.urn)):
                report_violation(message(resource, problem), None)

    return ResourceValidationPolicy(
        name=check.name,
        description=check.description,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
    )


def _of_stack(check: StackCheck) -> Policy:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        for resource, problem in check.validate([_resource(each) for each in args.resources]):
            report_violation(message(resource, problem), resource.urn)

    return StackValidationPolicy(
        name=check.name,
        description=check.description,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
    )


def _resource(args: ResourceValidationArgs | PolicyResource) -> Resource:
    return Resource(type=args.resource_type, name=args.name, properties=args.props, urn=args.urn)
