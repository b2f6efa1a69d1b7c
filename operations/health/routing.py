"""Checks of routing: Alertmanager's cluster and configuration, what it delivers, and its silences."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from operations.health.model import Result, State, UnknownError, failed, not_all_answer, ok, unknown, warning
from operations.health.plan import HealthPlan
from operations.health.queries import DEAD_MANS_SWITCH, HEARTBEAT_MINUTES, LAST_MINUTES
from operations.health.reading import Reading
from verification import alertmanager
from verification.notifications import RECEIVER, delivered_notifications

# A silence that ends later hides an alert for longer than a fix takes.
_LONGEST_SILENCE: Final = timedelta(days=7)
# Prometheus extrapolates counters, so one notification is a number near 1.
_ONE: Final = 0.5
# Minutes from which hours and days are shown.
_HOURS_FROM: Final = 90
_DAYS_FROM: Final = 48 * 60
_FAILING_CHANNEL: Final = "AlertmanagerNotificationsFailing"


def cluster(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether every replica of Alertmanager sees all others."""
    wanted = plan.cluster.alertmanager.pods
    answers = reading.alertmanager.all()
    seen = [len(answer.status["cluster"].get("peers") or ()) for answer in answers]
    if wanted == 1:
        yield ok("1 of 1 replica, no cluster")
    elif min(seen) < wanted or len(answers) < wanted:
        yield failed(
            f"{len(answers)} of {wanted} replicas answer; one sees {min(seen)} of {wanted} members",
            plan.runbook("AlertmanagerMembersInconsistent"),
        )
    else:
        yield ok(f"{len(answers)} of {wanted} replicas, each sees {min(seen)} members")


def configuration(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether the operator has generated the planned configuration, and whether each replica has loaded it."""
    files, answers = reading.object("alertmanager_files"), reading.alertmanager.all()
    problems = [each.text for each in alertmanager.configuration_deviations(plan.cluster, files)]
    for pod, answer in reading.alertmanager.by_pod.items():
        if not alertmanager.is_reloaded(answer.metrics):
            problems.append(f"pod {pod}: Alertmanager refuses its configuration")
        else:
            problems += [each.text for each in alertmanager.loaded_deviations(pod, files, answer.metrics)]
    routes = len(plan.cluster.configuration["route"].get("routes", ()))
    if problems:
        action = plan.redeploy
        yield failed("; ".join(problems), action)
    elif len(answers) < plan.cluster.alertmanager.pods:
        yield unknown(not_all_answer(f"{routes} planned routes loaded", len(answers), plan.cluster.alertmanager.pods))
    else:
        yield ok(f"{routes} planned routes loaded by {len(answers)} of {plan.cluster.alertmanager.pods} replicas")


def notifications(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield what each receiver of the plan got on each of its channels in a day."""
    delivered: dict[tuple[str, str], float] = {}
    for answer in reading.alertmanager.all():
        for key, count in delivered_notifications(answer.metrics).items():
            delivered[key] = delivered.get(key, 0) + count
    if not delivered:
        raise UnknownError(
            "Alertmanager exposes no metrics per receiver",
            f"deploy this version of the project, which enables them: make up STACK={plan.stack}",
        )
    planned = {receiver["name"] for receiver in plan.cluster.configuration["receivers"]}
    last, unproven = _by_channel(reading, "last_sent"), []
    for key in sorted(key for key in delivered if key[0] in planned):
        subject = f"{key[0]} by {key[1]}"
        result = _channel(plan, reading, key, subject)
        if result.state is State.OK and delivered[key] <= 0 and key not in last:
            unproven.append(subject)
        else:
            yield result
    if unproven:
        action = f"nothing proves them yet: make page STACK={plan.stack} CHANNEL={unproven[0].partition(' ')[0]}"
        yield warning(f"{len(unproven)} channels without a message: {', '.join(unproven)}", action, "unproven")


def _channel(plan: HealthPlan, reading: Reading, key: tuple[str, str], subject: str) -> Result:
    sent, undelivered, recent, last = (
        _by_channel(reading, query).get(key) for query in ("sent", "undelivered", "undelivered_now", "last_sent")
    )
    if sent is None:
        return unknown(UnknownError("Prometheus has no metrics of it yet", "see the job alertmanager"), subject)
    attempts, failures = round(sent), round(undelivered or 0)
    if last is None and attempts > failures:
        last = reading.at.timestamp()  # Since the last step of the query.
    value = f"{_age(reading.at, last)}, in 1 d {max(0, attempts - failures)} sent, {failures} failed"
    runbook = plan.runbook(_FAILING_CHANNEL)
    if (recent or 0) > _ONE:
        return failed(value, f"{plan.kubectl} logs -l app.kubernetes.io/name=alertmanager; {runbook}", subject)
    if failures > plan.limits["alertmanager_notification_failure_ratio"] * attempts:
        return warning(value, f"it failed earlier today, not in the last 15 min: {runbook}", subject)
    return ok(value, subject)


def heartbeat(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield whether the Watchdog fires, and whether the dead man's switch gets it."""
    if not reading.samples("heartbeat"):
        yield failed(
            "the Watchdog does not fire: rules are not evaluated, or nothing is scraped", plan.runbook("Watchdog")
        )
        return
    if not plan.dead_mans_switch:
        yield warning(
            "the Watchdog fires; no dead man's switch",
            "set notifications.deadMansSwitch: else no one notices a dead stack",
        )
        return
    delivered = _since_start(reading)
    if delivered < _ONE:
        delivered = max(sample.value for sample in reading.existing("heartbeats"))
    if delivered > _ONE:
        yield ok(f"the Watchdog fires; {delivered:.0f} delivered in {HEARTBEAT_MINUTES} min")
    else:
        yield failed(
            f"the Watchdog fires; 0 delivered in {HEARTBEAT_MINUTES} min",
            f"check the URL of the dead man's switch and egress: {plan.runbook(_FAILING_CHANNEL)}",
        )


def silences(plan: HealthPlan, reading: Reading) -> Iterator[Result]:
    """Yield each silence without an end in the next days."""
    by_id = {each["id"]: each for answer in reading.alertmanager.all() for each in answer.silences}
    active = [each for each in by_id.values() if each["status"]["state"] in ("active", "pending")]
    long = [each for each in active if datetime.fromisoformat(each["endsAt"]) > reading.at + _LONGEST_SILENCE]
    for silence in long:
        days = (datetime.fromisoformat(silence["endsAt"]) - reading.at).days
        matchers = " ".join(f"{each['name']}={each['value']}" for each in silence["matchers"])
        yield warning(
            f"{matchers} for {days} more days, by {silence['createdBy']}: {silence['comment']}",
            f"fix the alert instead, then: make expire STACK={plan.stack} ID={silence['id']}",
        )
    if not long:
        yield ok(f"{len(active)} active, each ends within {_LONGEST_SILENCE.days} d")


def _by_channel(reading: Reading, query: str) -> dict[tuple[str, str], float]:
    """Return the highest value per receiver and channel, over all replicas of Prometheus."""
    highest: dict[tuple[str, str], float] = {}
    for sample in reading.samples(query):
        key = (sample.labels.get(RECEIVER, ""), sample.labels.get("integration", ""))
        highest[key] = max(sample.value, highest.get(key, sample.value))
    return highest


def _since_start(reading: Reading) -> float:
    """Return the delivered heartbeats of replicas that started so recently that Prometheus cannot know them all."""
    delivered = 0.0
    for answer in reading.alertmanager.all():
        started = alertmanager.metric_value(answer.metrics, "process_start_time_seconds") or 0
        if reading.at.timestamp() - started < HEARTBEAT_MINUTES * 60:
            delivered += sum(
                count
                for (name, _), count in delivered_notifications(answer.metrics).items()
                if name == DEAD_MANS_SWITCH
            )
    return delivered


def _age(now: datetime, timestamp: float | None) -> str:
    """Return how long ago the last message was, as precisely as the query knows it."""
    if timestamp is None:
        return "last more than 7 d ago"
    minutes = (now.timestamp() - timestamp) / 60
    if minutes < LAST_MINUTES:
        return f"last less than {LAST_MINUTES} min ago"
    if minutes < _HOURS_FROM:
        return f"last {minutes:.0f} min ago"
    return f"last {minutes / 60:.0f} h ago" if minutes < _DAYS_FROM else f"last {minutes / 60 / 24:.0f} d ago"
