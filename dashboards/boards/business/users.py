"""What users do: register, sign in, stay, come back."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below
from dashboards.signals import business, users

SIGN_INS: Final = Row(
    title="Do users come and get in?",
    panels=(
        Panel(
            slug="registrations",
            title="Registrations",
            description="Accounts created and confirmed in the last hour, by channel.",
            view=View.TREND,
            signals=(business.REGISTRATIONS,),
            stacked=True,
            width=5,
        ),
        Panel(
            slug="registrations-against-last-week",
            title="Registrations against last week",
            description="Registrations of the last hour as a share of those of the same hour a week ago.",
            view=View.TREND,
            signals=(users.REGISTRATIONS_AGAINST_LAST_WEEK,),
            limits=below(warning="registration_drop_ratio"),
            width=5,
        ),
        Panel(
            slug="sign-ins",
            title="Sign-ins by result",
            description="Sign-ins per second that ended.",
            view=View.TREND,
            signals=(users.SIGN_INS,),
            stacked=True,
            width=4,
        ),
        Panel(
            slug="sign-ins-against-last-week",
            title="Sign-ins against last week",
            description="Successful sign-ins as a share of those of the same time a week ago.",
            view=View.TREND,
            signals=(users.SIGN_INS_AGAINST_LAST_WEEK,),
            limits=below(warning="sign_in_drop_ratio"),
            width=5,
        ),
        Panel(
            slug="sign-in-errors",
            title="Sign-ins that we failed",
            description="Share of the sign-ins that ended in an error of ours or of the identity provider.",
            view=View.TREND,
            signals=(users.SIGN_IN_ERRORS,),
            limits=above(critical="sign_in_error_ratio"),
            width=5,
        ),
    ),
)

USERS: Final = Row(
    title="Do they stay and come back?",
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
            title="Sessions against last week",
            description="Active sessions as a share of those of the same time a week ago.",
            view=View.TREND,
            signals=(users.SESSIONS_AGAINST_LAST_WEEK,),
            limits=below(warning="active_session_drop_ratio"),
            width=5,
        ),
        Panel(
            slug="active-users",
            title="Active users",
            description="Users who did something within a day, a week, a month.",
            view=View.TREND,
            signals=(users.ACTIVE_USERS,),
            width=4,
        ),
        Panel(
            slug="engagement",
            title="Engagement",
            description="Users of the last day as a share of those of the last month.",
            view=View.TREND,
            signals=(users.ENGAGEMENT,),
            width=5,
        ),
        Panel(
            slug="engagement-against-last-week",
            title="Engagement against last week",
            description="Engagement as a share of its level a week ago.",
            view=View.TREND,
            signals=(users.ENGAGEMENT_AGAINST_LAST_WEEK,),
            limits=below(warning="engagement_drop_ratio"),
            width=5,
        ),
    ),
)
