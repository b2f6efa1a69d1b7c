"""Production dashboard: the platform at a glance."""

from typing import Final

from catalogue.model import AREAS
from dashboards.boards.production.application import API, BUSINESS, NOW
from dashboards.boards.production.foundation import CACHE, DATABASE, INFRASTRUCTURE, SECURITY
from dashboards.model import Board, Variable

BOARD: Final = Board(
    uid="bais-production",
    title="BAIS Production Dashboard",
    description="The platform at a glance: the customers' experience and the systems behind it.",
    topic="overview",
    areas=tuple(area for area in AREAS if area != "monitoring"),
    variables=(
        Variable(name="namespace", label="Namespace", query="label_values(kube_namespace_created, namespace)"),
        Variable(name="job", label="Job", query='label_values(http_requests_in_flight{namespace=~"$namespace"}, job)'),
        Variable(name="node", label="Node", query="label_values(kube_node_info, node)"),
        Variable(name="database", label="Database", query="label_values(pg_up, instance)"),
        Variable(name="cache", label="Cache", query="label_values(redis_up, instance)"),
    ),
    rows=(NOW, API, BUSINESS, INFRASTRUCTURE, SECURITY, DATABASE, CACHE),
    rollouts=True,
    refresh="30s",
)
