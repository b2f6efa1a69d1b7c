"""Rows of registrations, sign-ins, sessions and engagement."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below
from dashboards.signals import business, users

SIGN_INS: Final = Row(
    title="Registrations and sign-ins",
    collapsed=True,
    panels=(
        Panel(
            slug="registrations",
            title="Registrations",
            description="Accounts created and confirmed in an hour, by channel.",
            view=View.TREND,
            signals=(business.REGISTRATIONS,),
            stacked=True,
            width=5,
        ),
        Panel(
            slug="registrations-against-last-week",
            title="Registrations against the usual level",
            description="Registrations in the last hour relative to the usual level in this hour of the week.",
            view=View.TREND,
            signals=(users.REGISTRATIONS_AGAINST_USUAL,),
            limits=below(warning="registration_drop_ratio"),
            width=6,
        ),
        Panel(
            slug="sign-ins",
            title="Sign-ins by result",
            description="Completed sign-in attempts per minute.",
            view=View.TREND,
            signals=(users.SIGN_INS,),
            stacked=True,
            width=4,
        ),
        Panel(
            slug="sign-ins-against-last-week",
            title="Sign-ins against the usual level",
            description="Successful sign-ins relative to the usual level at this time of the week.",
            view=View.TREND,
            signals=(users.SIGN_INS_AGAINST_USUAL,),
            limits=below(warning="sign_in_drop_ratio"),
            width=5,
        ),
        Panel(
            slug="sign-in-errors",
            title="Sign-in errors",
            description="Share of sign-ins that failed because of an error of ours or the identity provider.",
            view=View.TREND,
            signals=(users.SIGN_IN_ERRORS,),
            limits=above(critical="sign_in_error_ratio"),
            width=4,
        ),
    ),
)

USERS: Final = Row(
    title="Sessions and engagement",
    collapsed=True,
    panels=(
        Panel(
            slug="active-sessions",
            title="Active sessions by client",
            description="Signed-in sessions used in the last 15 minutes.",
            view=View.TREND,
            signals=(business.ACTIVE_SESSIONS,),
            stacked=True,
            width=5,
        ),
        Panel(
            slug="active-sessions-against-last-week",
            title="Sessions against the usual level",
            description="Active sessions relative to the usual level at this time of the week.",
            view=View.TREND,
            signals=(users.SESSIONS_AGAINST_USUAL,),
            limits=below(warning="active_session_drop_ratio"),
            width=5,
        ),
        Panel(
            slug="active-users",
            title="Active users",
            description="Users active within the last day, week and month.",
            view=View.TREND,
            signals=(users.ACTIVE_USERS,),
            width=4,
        ),
        Panel(
            slug="engagement",
            title="Engagement",
            description="Daily active users as a share of monthly active users.",
            view=View.TREND,
            signals=(users.ENGAGEMENT,),
            width=5,
        ),
        Panel(
            slug="engagement-against-last-week",
            title="Engagement against the usual level",
            description="Engagement relative to the usual level at this time of the week.",
            view=View.TREND,
            signals=(users.ENGAGEMENT_AGAINST_USUAL,),
            limits=below(warning="engagement_drop_ratio"),
            width=5,
        ),
    ),
)
