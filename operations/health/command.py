"""The command `health`: one report, or one after the other."""

import json
import time
from typing import Final

import click
from rich.console import Console

from operations.health.model import exit_code
from operations.health.report import as_json as json_report
from operations.health.report import text
from operations.health.run import HealthCheck, health_check

_INTERVAL_SECONDS: Final = 15


def print_health(stack: str, console: Console, *, as_json: bool, watch: bool) -> int:
    """Print the health of a stack, and return the exit code of the last report.

    Raises:
        UnknownStackError: the stack has no file.
        HealthError: its settings have problems, or its cluster cannot be read.
    """
    code = 2
    try:
        with health_check(stack, console) as check:
            code = _report(check, console, as_json=as_json, watch=watch)
            while watch:
                time.sleep(_INTERVAL_SECONDS)
                code = _report(check, console, as_json=as_json, watch=watch)
    except KeyboardInterrupt:
        if not watch:
            raise
    return code


def _report(check: HealthCheck, console: Console, *, as_json: bool, watch: bool) -> int:
    at, checks = check.run()
    if as_json:
        report = json_report(check.plan, at, checks)
        click.echo(json.dumps(report, indent=None if watch else 2))
    else:
        if watch:
            console.clear()  # Nothing without a terminal: then the reports follow each other.
        console.print(text(check.plan, at, checks))
    return exit_code(checks)
