"""What runs in the cluster, and what it may use."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below
from dashboards.signals import containers, workloads

PODS: Final = Row(
    title="Pods and containers that were chosen",
    panels=(
        Panel(
            slug="pods-by-phase",
            title="Pods by phase",
            description="Pods that wait, run, are done or have failed.",
            view=View.TREND,
            signals=(workloads.PODS_BY_PHASE,),
            stacked=True,
        ),
        Panel(
            slug="pods-not-ready",
            title="Pods that are not ready",
            description="Running pods that are not ready and so get no traffic, by namespace; jobs aside.",
            view=View.TREND,
            signals=(workloads.PODS_NOT_READY,),
            stacked=True,
        ),
        Panel(
            slug="container-restarts",
            title="Restarts in the last hour, top 10",
            description="Pods whose containers were started again. Empty when none was.",
            view=View.BARS,
            signals=(containers.RESTARTS,),
        ),
        Panel(
            slug="pod-cpu",
            title="Processors used, top 10",
            description="Processors that a pod uses.",
            view=View.TREND,
            signals=(containers.CPU_USE,),
        ),
        Panel(
            slug="container-cpu-throttling",
            title="Throttled containers, top 10",
            description="Share of the periods in which a container was held back by its processor limit.",
            view=View.TREND,
            signals=(containers.CPU_THROTTLED,),
            limits=above(warning="container_throttled_ratio"),
            highest=1,
        ),
        Panel(
            slug="container-memory",
            title="Memory against the limit, top 10",
            description="Memory in use against the limit of the container. At 100 % it is killed.",
            view=View.TREND,
            signals=(containers.MEMORY_USE,),
            limits=above(warning="container_memory_ratio"),
            highest=1,
        ),
    ),
)

WORKLOADS: Final = Row(
    title="Workloads and volumes",
    panels=(
        Panel(
            slug="replicas",
            title="Replicas",
            description="Replicas of each workload: missing, wanted and available.",
            view=View.TABLE,
            labels=("namespace", "workload"),
            signals=workloads.REPLICAS,
            limits_by_signal=(above(warning=1), None, None),
            width=12,
        ),
        Panel(
            slug="workload-replicas",
            title="Replicas missing",
            description="Replicas wanted but not available. Empty when all are there.",
            view=View.BARS,
            signals=workloads.REPLICAS_MISSING,
            limits=above(warning=1),
            width=6,
        ),
        Panel(
            slug="jobs-failed",
            title="Failed jobs",
            description="Jobs that have failed and have not been removed. Empty when there are none.",
            view=View.BARS,
            signals=(workloads.JOBS_FAILED,),
            limits=above(warning=1),
            width=6,
        ),
        Panel(
            slug="autoscalers",
            title="Autoscalers",
            description="Replicas against the most that an autoscaler may start. At 100 % it can help no further.",
            view=View.BARS,
            signals=(workloads.AUTOSCALERS,),
            limits=above(warning=1),
            highest=1,
        ),
        Panel(
            slug="volume-claims",
            title="Claims without a volume",
            description="Claims that wait for a volume or have lost it, by namespace. Empty when there are none.",
            view=View.TREND,
            signals=(workloads.CLAIMS_WAITING,),
            limits=above(warning=1),
        ),
        Panel(
            slug="quotas",
            title="Quotas",
            description="Share of each quota in use.",
            view=View.BARS,
            signals=(workloads.QUOTAS,),
            limits=above(warning="quota_ratio"),
            highest=1,
        ),
        Panel(
            slug="volume-space",
            title="Free space of volumes",
            description="Share of each claimed volume that is free.",
            view=View.BARS,
            signals=(workloads.VOLUME_FREE,),
            limits=below(warning="volume_warning_ratio", critical="volume_critical_ratio"),
            highest=1,
            width=12,
        ),
        Panel(
            slug="volume-days",
            title="Days until a volume is full",
            description="When a volume will be full if it fills as in the last 6 hours. Empty beyond 90 days.",
            view=View.BARS,
            signals=(workloads.VOLUME_DAYS,),
            limits=below(warning="volume_prediction_days"),
            decimals=1,
            width=12,
        ),
    ),
)
