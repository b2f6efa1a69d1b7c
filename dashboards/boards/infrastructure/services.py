"""Rows of scrape targets and external probes."""

from collections.abc import Mapping
from typing import Final

from dashboards.model import ANY_INCREASE, Color, Panel, Row, State, View, above, below, states
from dashboards.signals import endpoints, targets

_ANSWERS: Final = states(bad="down", good="up")
_NO_RESPONSE: Final[Mapping[int | str, State]] = {0: State(text="no response", color=Color.CRITICAL)}

TARGETS: Final = Row(
    title="Scrape targets",
    panels=(
        Panel(
            slug="services-up",
            title="Services",
            description="A service is up while at least one of its targets is up.",
            view=View.STATES,
            signals=(targets.UP,),
            states=_ANSWERS,
            height=10,
            width=10,
        ),
        Panel(
            slug="targets-down",
            title="Targets down, top 10",
            description="Share of each service's targets that are down.",
            view=View.TREND,
            signals=(targets.DOWN,),
            limits=above(warning="target_down_ratio"),
            highest=1,
            height=10,
            width=6,
        ),
        Panel(
            slug="targets-by-job",
            title="Targets by job",
            description="Number of discovered targets. A job without a line has none.",
            view=View.TREND,
            signals=(targets.BY_JOB,),
            width=4,
            height=10,
        ),
        Panel(
            slug="scrape-duration",
            title="Slowest scrapes, top 10",
            description="Scrape duration of the slowest target of each job.",
            view=View.TREND,
            signals=(targets.SCRAPE_DURATION,),
            width=4,
            height=10,
        ),
        Panel(
            slug="targets-not-answering",
            title="Unreachable targets",
            description="Each target that is down, and its share of downtime in the last hour.",
            view=View.TABLE,
            labels=("job", "namespace", "service", "pod", "instance"),
            signals=(targets.MISSED_SCRAPES,),
            width=24,
            height=6,
            limits_by_signal=(above(warning=ANY_INCREASE),),
        ),
    ),
)

ENDPOINTS: Final = Row(
    title="External probes",
    panels=(
        Panel(
            slug="probe-success",
            title="Probed addresses",
            description="Whether the probe of each address succeeds.",
            view=View.STATES,
            signals=(endpoints.SUCCESS,),
            states=_ANSWERS,
            width=12,
        ),
        Panel(
            slug="probes-running",
            title="Probes",
            description="Whether each probe runs. While a probe does not run, the state of its address is unknown.",
            view=View.STATES,
            signals=(endpoints.PROBED,),
            states=states(bad="not running", good="running"),
            width=12,
        ),
        Panel(
            slug="probe-http-status",
            title="HTTP status",
            description="HTTP status of the last probe.",
            view=View.VALUE,
            signals=(endpoints.HTTP_STATUS,),
            limits=above(critical=400),
            decimals=0,
            width=24,
            height=5,
            states=_NO_RESPONSE,
        ),
        Panel(
            slug="probe-duration",
            title="Probe duration",
            description="Time from the DNS lookup to the last byte.",
            view=View.TREND,
            signals=(endpoints.DURATION,),
            limits=above(warning="endpoint_slow_seconds"),
            width=6,
        ),
        Panel(
            slug="probe-dns-lookup",
            title="DNS lookup time",
            description="Time to resolve the name of each address.",
            view=View.TREND,
            signals=(endpoints.DNS_LOOKUP,),
            limits=above(warning="endpoint_dns_slow_seconds"),
            width=6,
        ),
        Panel(
            slug="uptime-30-days",
            title="Uptime, 30 days",
            description="Share of successful probes over the last 30 days.",
            view=View.TREND,
            signals=(endpoints.UPTIME,),
            limits=below(warning="uptime_objective_ratio"),
            width=6,
            highest=1,
            lowest=None,
        ),
        Panel(
            slug="certificate-expiry",
            title="Certificate expiry",
            description="Remaining validity of the certificate chain of each address.",
            view=View.TREND,
            signals=(endpoints.CERTIFICATE_VALIDITY,),
            limits=below(warning="certificate_warning_days", critical="certificate_critical_days"),
            width=6,
        ),
    ),
)
