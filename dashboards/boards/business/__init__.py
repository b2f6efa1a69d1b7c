"""Business dashboard: payments, webhooks and users."""

from typing import Final

from dashboards.boards.business.budgets import BUDGETS
from dashboards.boards.business.payments import EACH_PROVIDER, PAYMENTS, VOLUME, WEBHOOKS
from dashboards.boards.business.users import SIGN_INS, USERS
from dashboards.model import Board, Variable

BOARD: Final = Board(
    uid="bais-business",
    title="BAIS Business",
    description="Payments, webhook delivery, registrations, sign-ins and user activity.",
    topic="business",
    areas=("payments", "business"),
    variables=(
        Variable(name="namespace", label="Namespace", query="label_values(kube_namespace_created, namespace)"),
        Variable(
            name="provider",
            label="Provider",
            query='label_values(bais_payments_total{namespace=~"$namespace"}, provider)',
        ),
    ),
    rows=(PAYMENTS, VOLUME, WEBHOOKS, BUDGETS, SIGN_INS, USERS, EACH_PROVIDER),
    rollouts=True,
    since="now-24h",
)
