"""Rows of pods, workloads and volumes."""

from typing import Final

from dashboards.model import Panel, Row, View, above, below
from dashboards.signals import containers, workloads
from dashboards.signals.disks import MOST_DAYS

PODS: Final = Row(
    title="Pods",
    collapsed=True,
    panels=(
        Panel(
            slug="pods-by-phase",
            title="Pods by phase",
            description="Number of pods in each phase.",
            view=View.TREND,
            signals=(workloads.PODS_BY_PHASE,),
            stacked=True,
        ),
        Panel(
            slug="pods-not-ready",
            title="Pods not ready",
            description="Running pods that are not ready and receive no traffic, by namespace, without pods of jobs.",
            view=View.TREND,
            signals=(workloads.PODS_NOT_READY,),
            stacked=True,
        ),
        Panel(
            slug="container-restarts",
            title="Restarts in the last hour, top 10",
            description="Pods whose containers restarted.",
            view=View.TREND,
            signals=(containers.RESTARTS,),
        ),
        Panel(
            slug="pod-cpu",
            title="CPU usage, top 10",
            description="CPU cores in use by each pod.",
            view=View.TREND,
            signals=(containers.CPU_USE,),
            width=6,
        ),
        Panel(
            slug="pod-cpu-of-request",
            title="CPU usage against request, top 10",
            description="CPU usage of each pod relative to its request. Above 100 % it depends on spare capacity.",
            view=View.TREND,
            signals=(containers.CPU_OF_REQUEST,),
            width=6,
        ),
        Panel(
            slug="container-cpu-throttling",
            title="Throttled containers, top 10",
            description="Share of CPU periods in which a container was throttled by its CPU limit.",
            view=View.TREND,
            signals=(containers.CPU_THROTTLED,),
            limits=above(warning="container_throttled_ratio"),
            highest=1,
            width=6,
        ),
        Panel(
            slug="container-memory",
            title="Memory against limit, top 10",
            description="Memory that the kernel cannot reclaim, against the limit. At 100 % the container is killed.",
            view=View.TREND,
            signals=(containers.MEMORY_USE,),
            limits=above(warning="container_memory_ratio"),
            highest=1,
            width=6,
        ),
    ),
)

WORKLOADS: Final = Row(
    title="Workloads",
    collapsed=True,
    panels=(
        Panel(
            slug="replicas",
            title="Replicas",
            description="Missing, desired and available replicas of each workload.",
            view=View.TABLE,
            labels=("namespace", "workload"),
            signals=workloads.REPLICAS,
            limits_by_signal=(above(warning=1), None, None),
            width=12,
        ),
        Panel(
            slug="workload-replicas",
            title="Replicas missing, top 10",
            description="Replicas that are desired but not available.",
            view=View.TREND,
            signals=(workloads.REPLICAS_MISSING,),
            limits=above(warning=1),
            width=12,
        ),
        Panel(
            slug="jobs-failed",
            title="Failed jobs, top 10",
            description="Failed jobs that have not been removed.",
            view=View.TREND,
            signals=(workloads.JOBS_FAILED,),
            limits=above(warning=1),
            width=6,
        ),
        Panel(
            slug="cronjobs-last-success",
            title="CronJobs by last success",
            description="Time since the last successful run of each CronJob.",
            view=View.TREND,
            signals=(workloads.CRONJOBS,),
            width=6,
        ),
        Panel(
            slug="jobs-running",
            title="Running jobs, top 10",
            description="Duration of each running job so far.",
            view=View.TREND,
            signals=(workloads.JOBS_RUNNING,),
            limits=above(warning="job_running_hours"),
            width=6,
        ),
        Panel(
            slug="autoscalers",
            title="Autoscalers, top 10",
            description="Replicas relative to the autoscaler's maximum. At 100 % it cannot scale up further.",
            view=View.TREND,
            signals=(workloads.AUTOSCALERS,),
            limits=above(warning=1),
            highest=1,
            width=6,
        ),
    ),
)

VOLUMES: Final = Row(
    title="Volumes and quotas",
    collapsed=True,
    panels=(
        Panel(
            slug="volume-space",
            title="Volume free space, lowest 10",
            description="Free share of each claimed volume.",
            view=View.TREND,
            signals=(workloads.VOLUME_FREE,),
            limits=below(warning="volume_warning_ratio", critical="volume_critical_ratio"),
            highest=1,
            width=8,
        ),
        Panel(
            slug="volume-inodes",
            title="Volume free inodes, lowest 10",
            description="Free share of the inodes of each claimed volume.",
            view=View.TREND,
            signals=(workloads.VOLUME_INODES_FREE,),
            limits=below(critical="volume_inodes_ratio"),
            highest=1,
            width=8,
        ),
        Panel(
            slug="volume-days",
            title="Days until a volume is full, lowest 10",
            description="Days until each volume is full, from the trend of the last 6 hours.",
            view=View.BARS,
            signals=(workloads.VOLUME_DAYS,),
            limits=below(warning="volume_prediction_days"),
            decimals=0,
            width=8,
            highest=MOST_DAYS,
        ),
        Panel(
            slug="volume-claims",
            title="Unbound volume claims",
            width=12,
            description="Volume claims in phase Pending or Lost, by namespace.",
            view=View.TREND,
            signals=(workloads.CLAIMS_WAITING,),
            limits=above(warning=1),
        ),
        Panel(
            slug="quotas",
            title="Quotas, top 10",
            width=12,
            description="Share of each resource quota in use.",
            view=View.TREND,
            signals=(workloads.QUOTAS,),
            limits=above(warning="quota_ratio"),
            highest=1,
        ),
    ),
)

EACH_NAMESPACE: Final = Row(
    title="Namespace $namespace",
    collapsed=True,
    repeat="namespace",
    panels=(
        Panel(
            slug="each-namespace-not-ready",
            title="Pods not ready",
            description="Running pods of this namespace that are not ready, without pods of jobs.",
            view=View.TREND,
            signals=(workloads.PODS_NOT_READY,),
        ),
        Panel(
            slug="each-namespace-cpu",
            title="CPU usage, top 10",
            description="CPU cores in use by each pod of this namespace.",
            view=View.TREND,
            signals=(containers.CPU_USE,),
        ),
        Panel(
            slug="each-namespace-memory",
            title="Memory against limit, top 10",
            description="Memory of this namespace that the kernel cannot reclaim, against the limit.",
            view=View.TREND,
            signals=(containers.MEMORY_USE,),
            limits=above(warning="container_memory_ratio"),
            highest=1,
        ),
    ),
)
