"""Services as Prometheus scrapes them, and addresses as they are probed from outside."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below, states
from dashboards.signals import endpoints, targets

_ANSWERS: Final = states(bad="down", good="up")

TARGETS: Final = Row(
    title="Do services answer?",
    panels=(
        Panel(
            slug="services-up",
            title="Services",
            description="A service is up as long as one of its targets answers.",
            view=View.STATES,
            signals=(targets.UP,),
            states=_ANSWERS,
            height=10,
        ),
        Panel(
            slug="targets-down",
            title="Targets down",
            description="Share of a service's targets that do not answer.",
            view=View.BARS,
            signals=(targets.DOWN,),
            limits=above(warning="target_down_ratio"),
            highest=1,
            height=10,
        ),
        Panel(
            slug="targets-by-job",
            title="Targets by job",
            description="How many targets discovery finds. A job without a line has none.",
            view=View.TREND,
            signals=(targets.BY_JOB,),
            width=4,
            height=10,
        ),
        Panel(
            slug="scrape-duration",
            title="Duration of scrapes",
            description="The slowest target of each job.",
            view=View.TREND,
            signals=(targets.SCRAPE_DURATION,),
            width=4,
            height=10,
        ),
        Panel(
            slug="targets-not-answering",
            title="Targets that do not answer",
            description="Each target that is down, and its share of the last hour that it was. Empty when all is well.",
            nothing="none",
            view=View.TABLE,
            labels=("job", "namespace", "service", "pod", "instance"),
            signals=(targets.MISSED_SCRAPES,),
            width=24,
            height=6,
        ),
    ),
)

ENDPOINTS: Final = Row(
    title="Can they be reached from outside?",
    panels=(
        Panel(
            slug="probe-success",
            title="Addresses",
            description="Whether a probed address answers as it should.",
            view=View.STATES,
            signals=(endpoints.SUCCESS,),
            states=_ANSWERS,
        ),
        Panel(
            slug="probe-http-status",
            title="HTTP status",
            description="The status that an address answered with; 0 if it did not answer.",
            view=View.VALUE,
            signals=(endpoints.HTTP_STATUS,),
            limits=above(critical=400),
            decimals=0,
        ),
        Panel(
            slug="probes-running",
            title="Probes",
            description="Whether a probe runs at all. One that does not run tells nothing about its address.",
            view=View.STATES,
            signals=(endpoints.PROBED,),
            states=states(bad="not running", good="running"),
        ),
        Panel(
            slug="probe-duration",
            title="Duration of probes",
            description="From the look-up of the name to the last byte.",
            view=View.TREND,
            signals=(endpoints.DURATION,),
            limits=above(warning="endpoint_slow_seconds"),
        ),
        Panel(
            slug="probe-dns-lookup",
            title="Look-up of names",
            description="How long the name of an address takes to be resolved.",
            view=View.TREND,
            signals=(endpoints.DNS_LOOKUP,),
            limits=above(warning="endpoint_dns_slow_seconds"),
        ),
        Panel(
            slug="uptime-30-days",
            title="Uptime, 30 days",
            description="Share of the probes of the last 30 days that succeeded.",
            view=View.VALUE,
            signals=(endpoints.UPTIME,),
            limits=below(warning="uptime_objective_ratio"),
            decimals=3,
            width=4,
        ),
        Panel(
            slug="certificate-expiry",
            title="Certificates",
            description="How long the earliest certificate of an address is still valid.",
            view=View.VALUE,
            signals=(endpoints.CERTIFICATE_VALIDITY,),
            limits=below(warning="certificate_warning_days", critical="certificate_critical_days"),
            decimals=1,
            width=4,
        ),
    ),
)
