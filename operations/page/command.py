"""The command `page`: a test notification to a receiver of a deployed stack, with its progress."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from rich.console import Console

from operations.health.run import HealthCheck, health_check
from operations.page.alert import PageAlert, PageError, alert_for
from operations.page.delivery import Delivery, Progress
from verification.alertmanager import configuration_deviations
from verification.stack_reader import StackReader

# A summary comes once a day.
_LONGEST_WAIT_SECONDS: Final = 1800


def send_page(stack: str, receiver: str, console: Console, *, with_resolution: bool = True) -> bool:
    """Send a test notification and its resolution; return whether every channel of the receiver delivered both.

    Without `with_resolution`, the resolution is sent, too, but not waited for.

    Raises:
        PageError: the receiver cannot be tested, or Alertmanager cannot be reached.
        HealthError: the settings have problems, or the cluster cannot be read.
        UnknownStackError: the stack has no file.
    """
    with health_check(stack, console) as check, contextlib.ExitStack() as connections:
        alert = alert_for(check.plan.cluster.configuration, receiver, check.plan.origin).of_its_own(datetime.now(UTC))
        delivery = Delivery(alert, stack, list(_addresses(check, connections)))
        _introduce(alert, console)
        try:
            is_sent = _follow("alert", delivery.fire(), check, alert, console)
        finally:
            # Also after an interrupt: nothing of the test may stay.
            delivery.end()
        if not is_sent or not with_resolution:
            return is_sent
        if not alert.resolved_channels:
            console.print("no channel of this receiver sends resolutions")
            return True
        if alert.next_seconds > _LONGEST_WAIT_SECONDS:
            console.print(
                f"alert resolved; the resolution is in the next summary, within {alert.next_seconds / 3600:.0f} h"
            )
            return True
        console.print(f"alert resolved; the next message follows within {alert.next_seconds:.0f} s")
        return _follow("resolution", delivery.resolve(), check, alert, console)


def _addresses(check: HealthCheck, connections: contextlib.ExitStack) -> Iterator[str]:
    """Yield the local address of each replica."""
    reader, instance = StackReader(check.plan.cluster, check.cluster), check.plan.cluster.alertmanager
    if deviations := configuration_deviations(check.plan.cluster, reader.alertmanager_files()):
        raise PageError(f"{deviations[0].text}; deploy first: the test uses the routes that are deployed")
    pods = reader.pods(instance)
    if not pods:
        raise PageError(f"namespace {check.plan.namespace} has no pods of Alertmanager")
    for pod in pods:
        if reader.is_simulated(pod):
            raise PageError("the pods of Alertmanager are simulated, so nothing can be sent")
        name = pod["metadata"]["name"]
        port = connections.enter_context(check.cluster.forwarded_port(check.plan.namespace, name, instance.port))
        yield f"http://127.0.0.1:{port}"


def _introduce(alert: PageAlert, console: Console) -> None:
    channels = ", ".join(f"{count} {kind}" for kind, count in alert.channels.items())
    also = f"; also reaches {', '.join(alert.others)}" if alert.others else ""
    console.print(f"receiver {alert.receiver}: {channels}{also}")
    shown = " ".join(f"{name}={alert.labels[name]}" for name in ("alertname", "severity", "area", "team"))
    console.print(f"alert {shown}; the first message follows within {alert.first_seconds:.0f} s")


def _follow(message: str, progress: Iterator[Progress], check: HealthCheck, alert: PageAlert, console: Console) -> bool:
    reported: set[str] = set()
    last = Progress((), (), ())
    for last in progress:
        lines = [f"{kind:10} {message} delivered" for kind in last.delivered]
        lines += [f"{kind:10} request failed, Alertmanager tries again" for kind in last.failing]
        for line in lines:
            if line not in reported:
                console.print(f"{datetime.now(UTC):%H:%M:%S} {line}")
        reported |= set(lines)
    if last.muted:
        console.print(f"not sent: muted by {last.muted}")
    elif last.missing:
        log = f"{check.plan.kubectl} logs -l app.kubernetes.io/name=alertmanager --tail=-1 | grep {alert.receiver}"
        console.print(f"{message} not delivered: {', '.join(last.missing)}; the reason is in the log: {log}")
    return not last.missing
