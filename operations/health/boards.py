"""Checks of the dashboards: deployed as planned, loaded by a Grafana that responds and reaches its data sources."""

from collections.abc import Iterator

from operations.health.model import Result, UnknownError, failed, ok, unknown
from operations.health.plan import HealthPlan
from operations.health.reading import Reading

_DISABLED = "none planned: grafana.enabled is false"


def deployed(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether the cluster has exactly the planned dashboards."""
    if plan.grafana_account is None:
        yield ok(_DISABLED)
        return
    found = {file: text for each in reading.object("boards") for file, text in (each.get("data") or {}).items()}
    different = sorted(uid for uid, board in plan.boards.items() if found.get(f"{uid}.json") != board)
    count = f"{len(plan.boards) - len(different)} of {len(plan.boards)} as planned"
    if different:
        action = plan.redeploy
        yield failed(f"{count}; not {', '.join(different)}", action)
    else:
        yield ok(count)


def grafana(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether Grafana responds and has loaded the planned dashboards."""
    if plan.grafana_account is None:
        yield ok(_DISABLED)
        return
    (answer, *_) = reading.grafana.all()
    if answer.database != "ok":
        action = f"check its volume and log: {plan.kubectl} logs deployment/grafana -c grafana"
        yield failed(f"its database is {answer.database}", action)
        return
    if isinstance(answer.boards, UnknownError):
        yield unknown(answer.boards)
        return
    missing = sorted(plan.boards.keys() - answer.boards)
    count = f"responds, {len(plan.boards) - len(missing)} of {len(plan.boards)} dashboards loaded"
    if missing:
        action = f"read the log of the sidecar: {plan.kubectl} logs deployment/grafana -c grafana-sc-dashboard"
        yield failed(f"{count}; not {', '.join(missing)}", action)
    else:
        yield ok(count)
