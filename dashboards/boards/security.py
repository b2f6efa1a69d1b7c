"""Security dashboard: unauthorised access, attacks, abuse and privileges."""

from typing import Final

from dashboards.model import ANY_INCREASE, Board, Panel, Row, Variable, View, above
from dashboards.signals import attacks, security

_ACCESS: Final = Row(
    title="Sign-ins and access",
    panels=(
        Panel(
            slug="failed-sign-ins",
            title="Failed sign-ins",
            description="Sign-ins per second that failed, without our own errors, now and usually.",
            view=View.TREND,
            signals=attacks.FAILED_SIGN_INS,
            limits=above(warning="sign_in_failure_rate"),
        ),
        Panel(
            slug="failed-sign-ins-by-reason",
            title="Failed sign-ins by reason",
            description="Sign-ins per second that failed, without our own errors.",
            view=View.TREND,
            signals=(security.FAILED_SIGN_INS,),
            stacked=True,
        ),
        Panel(
            slug="failed-sign-ins-by-source",
            title="Failed sign-ins by network, top 10",
            description="Failed sign-ins per network in the last 5 minutes. Many from one network suggest brute force.",
            view=View.TREND,
            signals=(attacks.FAILURES_BY_SOURCE,),
            limits=above(critical="brute_force_failures"),
        ),
        Panel(
            slug="denied-requests",
            title="Denied requests",
            description="Requests per second with status 401 or 403, now and usually.",
            view=View.TREND,
            signals=attacks.DENIED_REQUESTS,
            limits=above(critical="denied_request_rate"),
            width=12,
        ),
        Panel(
            slug="denied-requests-by-route",
            title="Denied requests by route, top 10",
            description="Unauthenticated and unauthorised requests per second, by route.",
            view=View.TREND,
            signals=(attacks.DENIED_BY_ROUTE,),
            stacked=True,
            width=12,
        ),
    ),
)

_ABUSE: Final = Row(
    title="Attacks and abuse",
    panels=(
        Panel(
            slug="critical-security-events",
            title="Critical events",
            description="Events of critical severity that the application detected in the last 10 minutes, by type.",
            view=View.TREND,
            signals=(attacks.CRITICAL_EVENTS,),
            limits=above(critical=ANY_INCREASE),
        ),
        Panel(
            slug="security-events-by-type",
            title="Suspicious events by type",
            description="Events that the application detected in 15 minutes, now and usually.",
            view=View.TREND,
            signals=attacks.EVENTS,
            limits=above(warning="suspicious_event_count"),
        ),
        Panel(
            slug="security-events-by-severity",
            title="Suspicious events by severity",
            description="Events per minute that the application detected.",
            view=View.TREND,
            signals=(attacks.EVENTS_BY_SEVERITY,),
            stacked=True,
        ),
        Panel(
            slug="rate-limited-ratio",
            title="Rate-limited share of requests",
            description="Requests refused by a rate limit, as a share of all requests to a service.",
            view=View.TREND,
            signals=(attacks.LIMITED_SHARE,),
            limits=above(warning="rate_limited_ratio"),
            width=12,
        ),
        Panel(
            slug="rate-limited-requests",
            title="Rate-limited requests",
            description="Requests per second refused by a rate limit, by limiter.",
            view=View.TREND,
            signals=(security.LIMITED_REQUESTS,),
            stacked=True,
            width=12,
        ),
    ),
)

_ADMINISTRATION: Final = Row(
    title="Privileges and credentials",
    panels=(
        Panel(
            slug="privileged-actions",
            title="Administrator actions",
            description="Actions in the last hour that require administrator permissions, by kind, now and usually.",
            view=View.TREND,
            signals=attacks.PRIVILEGED_ACTIONS,
            limits=above(warning="admin_action_count"),
        ),
        Panel(
            slug="granted-rights",
            title="Granted roles and keys",
            description="Roles granted and keys created in the last 15 minutes.",
            view=View.TREND,
            signals=(attacks.GRANTED_RIGHTS,),
            limits=above(warning=ANY_INCREASE),
        ),
        Panel(
            slug="credential-age",
            title="Credential age, oldest 10",
            description="Days since each credential in use was created.",
            view=View.TREND,
            signals=(attacks.CREDENTIAL_AGE,),
            limits=above(warning="credential_rotation_days"),
            lowest=0,
        ),
    ),
)

BOARD: Final = Board(
    uid="bais-security",
    title="BAIS Security",
    description="Unauthorised access, attacks, abuse, privileged actions and the age of credentials.",
    topic="security",
    areas=("security",),
    variables=(
        Variable(name="namespace", label="Namespace", query="label_values(http_requests_in_flight, namespace)"),
        Variable(name="job", label="Job", query='label_values(http_requests_in_flight{namespace=~"$namespace"}, job)'),
    ),
    rows=(_ACCESS, _ABUSE, _ADMINISTRATION),
    rollouts=True,
)
