"""Texts of a new exporter, with their gaps marked TODO."""

from typing import Final

ROW: Final = """\
{row}: Final = Exporter(
    name="{name}",
    chart="{chart}",
    setting="{module}",
    ports=({port},),
    absence_alert="{alert}",
    # TODO egress=Egress(purpose="query ...", ports=(...,)), if it connects to anything but name servers.
)

"""
SETTINGS: Final = '''

class {kind}Settings(SettingsModel):
    """TODO what it reports on, in a few words."""

    enabled: Flag = {row}.enabled_by_default
    scrape_interval: OptionalInterval = None
    resources: SmallResources = SmallResources()
'''
VALUES: Final = '''

def {module}_values(settings: {kind}Settings, priority_class: str) -> dict[str, Any]:
    """Return the values of the {title}'s chart."""
    return {{
        # TODO what the exporter reads, and no token of the API server; by the keys of `helm show values`, as below.
        "service": {{"labels": component_labels({row}.name), "port": {row}.port}},
        "priorityClassName": priority_class,
        "podSecurityContext": dict(POD_SECURITY),
        "securityContext": dict(CONTAINER_SECURITY),
        "resources": settings.resources.specification,
    }}
'''
COMPONENT: Final = '''\
"""The {title}: TODO what it reports on."""

from typing import Final

import pulumi

from common.exporters import {row}
from components._exporter import ExporterArgs
from components._helm_release import helm_release
from components._monitoring_resource import monitoring_resource
from manifests.exporters import exporter_monitor_spec, {module}_values

TOKEN: Final = "monitoring:index:{kind}"


class {kind}(pulumi.ComponentResource):
    """The exporter and the monitor of its metrics."""

    def __init__(self, name: str, args: ExporterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Release the chart and create the monitor."""
        super().__init__(TOKEN, name, None, opts)
        namespace = args.settings.namespace
        settings = args.settings.{module}
        release = helm_release(
            f"{{name}}-release",
            args.chart,
            namespace,
            {module}_values(settings, args.priority_class),
            pulumi.ResourceOptions(parent=self, depends_on=args.depends_on),
        )
        monitoring_resource(
            f"{{name}}-monitor",
            "ServiceMonitor",
            resource_name={row}.name,
            namespace=namespace,
            spec=exporter_monitor_spec(
                {row}, settings.scrape_interval, args.settings.prometheus.scrape_limits.platform
            ),
            selector=args.settings.selector,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*args.depends_on, release]),
        )
        self.register_outputs({{}})
'''
DECLARATION: Final = """\
  {key}:
    type: object
    description: Whether the {title} runs, how often it is scraped, its resources.
    default: {{}}
"""
SETTING_ROWS: Final = """\
| `{key}.enabled` | flag | `false` | TODO what it reports on. |
| `{key}.scrapeInterval` | duration | none | Scrape interval; default: that of Prometheus |
| `{key}.resources.requests.cpu` | cores | `20m` | Requested processor time |
| `{key}.resources.requests.memory` | bytes | `32Mi` | Requested memory, at most the limit |
| `{key}.resources.limits.memory` | bytes | `128Mi` | Memory limit |
"""
FLOW_ROW: Final = "| prometheus | {name} | {port} | scrape |\n"
FREE: Final = """\
    ("{chart}", "service.labels"): "labels of the Service",
    ("{chart}", "podSecurityContext"): "security context of the pod",
    ("{chart}", "securityContext"): "security context of the container",
    ("{chart}", "resources"): "resources of the container",
"""
NEEDED: Final = """\
    ("prometheus", "{name}", {port}),
"""
HEALTHY: Final = """\
- labels: {{job: {name}, service: {name}, namespace: monitoring, pod: {name}-0, instance: "10.0.0.9:{port}"}}
  series:
    up: 1
"""
STEADY: Final = """
{name}:
  labels: {{job: {name}, service: {name}, namespace: monitoring, container: {name}, endpoint: http, team: platform}}
  each: {{pod: [{name}-0]}}
  metrics: {{}}
"""
CHART: Final = """\
apiVersion: v2
name: {chart}
description: Stand-in for the chart of this name; the Deployment and its Service.
version: 0.0.0  # the pinned version is filled in when the chart is provided
appVersion: v0.0.0  # TODO the version of the exporter in chart {version}
annotations:
  monitoring/stand-in: "true"
"""
CHART_VALUES: Final = """\
# The keys of the upstream chart that this project sets, with that chart's defaults where they matter here.
# TODO compare each key with `helm show values`, and add those that {module}_values sets.
image: {{repository: TODO, tag: ""}}
replicaCount: 1
service: {{port: {port}, labels: {{}}}}
priorityClassName: ""
podSecurityContext: {{}}
securityContext: {{}}
resources: {{}}
"""
# Not a format string: a template of Helm has braces of its own. The name of the port is that of the chart's Service.
CHART_TEMPLATE: Final = """\
{{- $name := .Release.Name }}
{{- $selected := dict "app.kubernetes.io/name" .Chart.Name "app.kubernetes.io/instance" .Release.Name }}
{{- $version := dict "app.kubernetes.io/version" .Chart.AppVersion }}
{{- $labels := merge (dict "app.kubernetes.io/managed-by" .Release.Service) $version $selected }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- toYaml $labels | nindent 4 }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels: {{- toYaml $selected | nindent 6 }}
  template:
    metadata:
      labels: {{- toYaml $labels | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      {{- with .Values.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      securityContext: {{- toYaml .Values.podSecurityContext | nindent 8 }}
      containers:
        - name: {{ .Chart.Name }}
          image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
          # TODO the arguments of the exporter, from the keys of its chart.
          args: []
          ports:
            - {name: http, containerPort: <port>}
          securityContext: {{- toYaml .Values.securityContext | nindent 12 }}
          resources: {{- toYaml .Values.resources | nindent 12 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  namespace: {{ .Release.Namespace }}
  labels: {{- toYaml (merge (dict) .Values.service.labels $labels) | nindent 4 }}
spec:
  selector: {{- toYaml $selected | nindent 4 }}
  ports:
    # TODO check that the chart's Service calls this port http, too: the monitor selects it by this name.
    - {name: http, port: {{ .Values.service.port }}, targetPort: http}
"""
TEST: Final = """\
import pytest

from common.exporters import {row}
from common.labels import SELECTOR
from manifests.exporters import {module}_values
from settings.exporters import {kind}Settings
from tools.mocked_program import Run, configuration, run_program, with_every_exporter

RELEASE = "kubernetes:helm.sh/v3:Release"
MONITOR = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
VALUES = {module}_values({kind}Settings(), "bais")


@pytest.fixture
def done(cluster_answers: None) -> Run:
    return run_program(with_every_exporter(configuration("prod", "upstream")))


def test_its_pod_has_no_privileges_and_bounded_memory() -> None:
    assert VALUES["podSecurityContext"]["runAsNonRoot"] is True
    assert VALUES["podSecurityContext"]["seccompProfile"] == {{"type": "RuntimeDefault"}}
    assert VALUES["securityContext"]["readOnlyRootFilesystem"] is True
    assert VALUES["securityContext"]["capabilities"] == {{"drop": ["ALL"]}}
    assert VALUES["resources"] == {kind}Settings().resources.specification
    assert VALUES["priorityClassName"] == "bais"


def test_its_monitor_selects_its_service_and_takes_the_job_from_it(done: Run) -> None:
    service = done.one(RELEASE, "{name}-release").inputs["values"]["service"]
    monitor = done.one(MONITOR, "{name}-monitor")
    assert monitor.inputs["metadata"]["labels"] == dict(SELECTOR)
    assert monitor.inputs["spec"]["selector"]["matchLabels"] == service["labels"]
    assert service["labels"][monitor.inputs["spec"]["jobLabel"]] == {row}.name
    assert service["port"] == {row}.port
    assert "{name}-release" in monitor.dependencies


def test_it_has_a_network_policy(done: Run) -> None:
    assert {row}.name in [policy.inputs["metadata"]["name"] for policy in done.of_type(POLICY)]


def test_it_reads_its_target() -> None:
    assert VALUES["TODO the key of what it reads"] == "TODO its value"
"""
RULE: Final = """
      - alert: {alert}
        expr: |
          absent(up{{job="{name}"}}) or max by (job) (up{{job="{name}"}}) == 0
        for: 10m
        labels:
          severity: warning
          team: platform
          area: {area}
          service: {name}
        annotations:
          summary: The {title} cannot be scraped.
          description: "No target of job {{{{ $labels.job }}}} responds, or service discovery finds none."
          impact: TODO the effect while it is missing.
          action: Check that the {title}'s Deployment, Service and ServiceMonitor exist.
          runbook_url: runbooks/{alert}.md
          dashboard_url: {dashboard}
"""
EXPECTED: Final = """\
        alertname: {alert}
        exp_alerts:
          - exp_labels:
              area: {area}
              job: {name}
              service: {name}
              severity: warning
              team: platform
            exp_annotations:
              summary: The {title} cannot be scraped.
              description: No target of job {name} responds, or service discovery finds none.
              impact: TODO the effect while it is missing.
              action: Check that the {title}'s Deployment, Service and ServiceMonitor exist.
              runbook_url: runbooks/{alert}.md
              dashboard_url: {dashboard}
"""
CASES: Final = f"""
  - name: "{{alert}}: fires without data; stays silent before its duration"
    alert_rule_test:
      - eval_time: 9m
        alertname: {{alert}}
      - eval_time: 10m
{EXPECTED}\
  - name: "{{alert}}: fires when only other jobs have targets"
    input_series:
      - series: 'up{{{{job="other", namespace="monitoring", service="other"}}}}'
        values: 1x20
    alert_rule_test:
      - eval_time: 10m
{EXPECTED}\
  - name: "{{alert}}: stays silent below its limit, while one target responds"
    input_series:
      - series: 'up{{{{job="{{name}}", namespace="monitoring", service="{{name}}"}}}}'
        values: 1x20
    alert_rule_test:
      - eval_time: 20m
        alertname: {{alert}}
  - name: "{{alert}}: fires when no target responds"
    input_series:
      - series: 'up{{{{job="{{name}}", namespace="monitoring", service="{{name}}"}}}}'
        values: 0x20
    alert_rule_test:
      - eval_time: 10m
{EXPECTED}"""
