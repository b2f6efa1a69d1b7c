"""Valid and invalid resources per check; the engine test builds a program from the invalid ones."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from common.labels import READS_SECRETS, SELECTOR
from policy.model import Resource
from tests.policy.credential_samples import HARMLESS, SAMPLES

CANARY: Final = "canary-credential"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A resource that a check refuses in environment prod, and a part of the message."""

    check: str
    resource: Resource
    message: str


def resource(token: str, properties: Mapping[str, Any]) -> Resource:
    return Resource(type=f"kubernetes:{token}", name="example", properties=properties)


def changed(original: Resource, path: str, value: object) -> Resource:
    """Return the resource with one property set, or removed if the value is None."""
    properties = copy.deepcopy(dict(original.properties))
    *parents, last = path.split(".")
    place: Any = properties
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return Resource(type=original.type, name=original.name, properties=properties)


_SECURITY: Final = {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
_AMOUNTS: Final = {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}

RELEASE: Final = resource(
    "helm.sh/v3:Release",
    {
        "name": "grafana",
        "chart": "grafana",
        "version": "12.11.1",
        "namespace": "monitoring",
        "timeout": 300.0,
        "maxHistory": 5.0,
        "skipCrds": True,
        "createNamespace": False,
        "values": {
            "admin": {"existingSecret": "grafana-admin", "passwordKey": "password"},
            "image": {"tag": "", "repository": "grafana/grafana"},
            "sidecar": {"image": {"tag": "2.1.4-distroless"}, "initImage": "busybox:1.37.0"},
            "service": {"type": "ClusterIP"},
            "env": [{"name": "TOKEN", "value": "$(FROM_A_SECRET)"}],
        },
    },
)


def _instance(kind: str, **more: object) -> Resource:
    specification = {
        "image": f"quay.io/prometheus/{kind.lower()}:v3.14.0",
        "replicas": 3.0,
        "resources": _AMOUNTS,
        "securityContext": _SECURITY,
        "priorityClassName": "bais-monitoring",
        "topologySpreadConstraints": [{"maxSkew": 1.0, "topologyKey": "kubernetes.io/hostname"}],
        "storage": {"volumeClaimTemplate": {"spec": {"resources": {"requests": {"storage": "50Gi"}}}}},
    }
    metadata = {"name": kind.lower(), "namespace": "monitoring"}
    properties = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": kind,
        "metadata": metadata,
        "spec": specification | more,
    }
    return resource(f"monitoring.coreos.com/v1:{kind}", properties)


PROMETHEUS: Final = _instance(
    "Prometheus",
    retention="30d",
    retentionSize="40GiB",
    externalLabels={"environment": "prod", "cluster": "bais-prod"},
    **{
        f"{kind}Selector": {"matchLabels": {"monitoring/stack": "bais"}}
        for kind in ("rule", "serviceMonitor", "podMonitor", "probe", "scrapeConfig")
    },
)
ALERTMANAGER: Final = _instance("Alertmanager")


def claims(kind: str, *, replicas: int = 3, size: str = "50Gi") -> list[Resource]:
    """Return the claims of an instance's replicas."""
    return [
        resource(
            "core/v1:PersistentVolumeClaim",
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": f"{kind}-{kind}-db-{kind}-{kind}-{ordinal}", "namespace": "monitoring"},
                "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
            },
        )
        for ordinal in range(replicas)
    ]


DEPLOYMENT: Final = resource(
    "apps/v1:Deployment",
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "example", "namespace": "monitoring"},
        "spec": {
            "selector": {"matchLabels": {"app": "example"}},
            "template": {
                "metadata": {"labels": {"app": "example"}},
                "spec": {
                    "securityContext": _SECURITY,
                    "priorityClassName": "bais-monitoring",
                    "containers": [
                        {
                            "name": "example",
                            "image": "registry.example:5000/example:1.2.3",
                            "args": ["--web.listen-address=:9090"],
                            "env": [
                                {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "example", "key": "it"}}}
                            ],
                            "resources": _AMOUNTS,
                        }
                    ],
                    "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "example"}}],
                },
            },
        },
    },
)

SERVICE: Final = resource(
    "core/v1:Service",
    {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "example", "namespace": "monitoring"},
        "spec": {"type": "ClusterIP", "ports": [{"port": 9090.0}]},
    },
)

INGRESS: Final = resource(
    "networking.k8s.io/v1:Ingress",
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "example", "namespace": "monitoring"},
        "spec": {
            "tls": [{"hosts": ["grafana.bais.example"], "secretName": "grafana-certificate"}],
            "rules": [{"host": "grafana.bais.example"}],
        },
    },
)

RULE: Final = resource(
    "monitoring.coreos.com/v1:PrometheusRule",
    {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "example", "namespace": "monitoring", "labels": dict(SELECTOR)},
        "spec": {
            "groups": [
                {
                    "name": "example",
                    "rules": [
                        {
                            "alert": "Example",
                            "expr": "up == 0",
                            "labels": {"severity": "critical", "team": "platform", "area": "api"},
                            "annotations": {
                                "summary": "It is down.",
                                "description": "It has been down for 5 minutes.",
                                "runbook_url": "https://runbooks.bais.example/Example.md",
                                "dashboard_url": "https://grafana.bais.example/d/example",
                            },
                        },
                        {"record": "job:up:sum", "expr": "sum by (job) (up)"},
                    ],
                }
            ]
        },
    },
)

MONITOR: Final = resource(
    "monitoring.coreos.com/v1:ServiceMonitor",
    {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": {"name": "example", "namespace": "monitoring", "labels": dict(SELECTOR)},
        "spec": {"selector": {}, "endpoints": [{"port": "web"}]},
    },
)

POD_MONITOR: Final = resource(
    "monitoring.coreos.com/v1:PodMonitor",
    {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PodMonitor",
        "metadata": {"name": "example", "namespace": "monitoring", "labels": dict(SELECTOR)},
        "spec": {"selector": {}, "podMetricsEndpoints": [{"port": "web"}]},
    },
)

ROLE: Final = resource(
    "rbac.authorization.k8s.io/v1:ClusterRole",
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "example"},
        "rules": [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": [""], "resources": ["nodes/metrics"], "verbs": ["get"]},
            {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]},
            {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
        ],
    },
)

READING: Final = resource(
    "rbac.authorization.k8s.io/v1:Role",
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "example", "namespace": "monitoring"},
        "rules": [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}],
    },
)

WRITING: Final = resource(
    "rbac.authorization.k8s.io/v1:Role",
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {
            "name": "writing",
            "namespace": "monitoring",
            "annotations": {READS_SECRETS: "it writes the configuration of the pods to Secrets"},
        },
        "rules": [
            {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "create", "update"]},
            {"apiGroups": ["apps"], "resources": ["statefulsets"], "verbs": ["create", "update", "patch", "delete"]},
            {"apiGroups": ["apps"], "resources": ["statefulsets/status", "statefulsets/scale"], "verbs": ["update"]},
        ],
    },
)

BINDING: Final = resource(
    "rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "example"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "example"},
        "subjects": [{"kind": "ServiceAccount", "name": "example", "namespace": "example"}],
    },
)

NAMESPACE: Final = resource(
    "core/v1:Namespace",
    {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "example", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    },
)

DENY: Final = resource(
    "networking.k8s.io/v1:NetworkPolicy",
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": "example"},
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    },
)

POLICY: Final = resource(
    "networking.k8s.io/v1:NetworkPolicy",
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "example", "namespace": "example"},
        "spec": {
            "podSelector": {"matchLabels": {"app": "example"}},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [{"podSelector": {}}]}],
            "egress": [
                {"ports": [{"protocol": "TCP", "port": 443.0}]},
                {"to": [{"namespaceSelector": {"matchLabels": {"team": "search"}}}], "ports": [{"protocol": "TCP"}]},
                {"to": [{"ipBlock": {"cidr": cidr}} for cidr in ("10.0.0.0/8", "192.0.2.0/24", "fc00::/7")]},
            ],
        },
    },
)

PRIORITY: Final = resource(
    "scheduling.k8s.io/v1:PriorityClass",
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "example"},
        "value": 1000.0,
        "globalDefault": False,
    },
)

CONFIG_MAP: Final = resource(
    "core/v1:ConfigMap",
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "example", "namespace": "monitoring"},
        "data": {
            "address": "https://grafana.bais.example",
            "password_file": "/etc/example/password",
            **{f"text-{number}": text for number, text in enumerate(HARMLESS)},
        },
    },
)


def notifying(**receiver: object) -> Resource:
    """Return the Secret of an Alertmanager configuration with one receiver."""
    content = {"route": {"receiver": "example"}, "receivers": [{"name": "example", **receiver}]}
    return resource(
        "core/v1:Secret",
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "example", "namespace": "monitoring"},
            "stringData": {"alertmanager.yaml": yaml.safe_dump(content)},
        },
    )


CONFIGURATION: Final = notifying(
    slack_configs=[{"api_url_file": "/etc/slack", "channel": "#bais-alerts"}],
    email_configs=[{"to": "a@bais.example", "auth_password_file": "/etc/smtp"}],
    webhook_configs=[{"url_file": "/etc/switch"}],
)
PAGING: Final = notifying(pagerduty_configs=[{"routing_key_file": "/etc/pagerduty"}])
BUDGET: Final = resource(
    "policy/v1:PodDisruptionBudget",
    {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "prometheus", "namespace": "monitoring"},
        "spec": {
            "maxUnavailable": 1.0,
            "selector": {
                "matchLabels": {
                    "app.kubernetes.io/name": "prometheus",
                    "app.kubernetes.io/instance": "prometheus",
                }
            },
        },
    },
)

GOOD: Final = (
    RELEASE,
    PROMETHEUS,
    *claims("prometheus"),
    ALERTMANAGER,
    *claims("alertmanager"),
    DEPLOYMENT,
    SERVICE,
    INGRESS,
    RULE,
    MONITOR,
    POD_MONITOR,
    ROLE,
    READING,
    WRITING,
    BINDING,
    NAMESPACE,
    DENY,
    POLICY,
    PRIORITY,
    CONFIG_MAP,
    CONFIGURATION,
    PAGING,
    BUDGET,
    # A kind without checks, and a resource that is not a Kubernetes object.
    resource("example.com/v1:Service", {"spec": {"type": "LoadBalancer"}}),
    Resource(type="random:index/randomPassword:RandomPassword", name="example", properties={"length": 32.0}),
    # A missing spec must not break a check.
    resource("core/v1:Service", {"spec": None}),
)

_POD: Final = "spec.template.spec"
_CONTAINER: Final = f"{_POD}.containers.0"
_TEMPLATE: Final = "spec.template.metadata"
_ALERT: Final = "spec.groups.0.rules.0"
# Tags that a publisher moves, or may move.
MOVING: Final = ("1", "1.2", "v3", "stable", "main-2026-11-28")
ESCALATING: Final = ("escalate", "bind", "impersonate", "proxy", "use", "approve", "deletecollection")
CONNECTING: Final = (
    *(f"pods/{name}" for name in ("exec", "attach", "portforward", "proxy", "ephemeralcontainers", "log")),
    *("services/proxy", "nodes/proxy", "serviceaccounts/token"),
)
GRANTING: Final = (
    "rbac.authorization.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "certificates.k8s.io",
)


def _blocks(*cidrs: str) -> list[dict[str, Any]]:
    return [{"ipBlock": {"cidr": cidr}} for cidr in cidrs]


# Peers that together are every address, or every pod.
EVERYWHERE: Final[tuple[list[dict[str, Any]], ...]] = (
    _blocks("0.0.0.0/1", "128.0.0.0/1"),
    _blocks("0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"),
    _blocks("128.0.0.0/1"),
    _blocks("::/0"),
    _blocks("::/1", "8000::/1"),
    _blocks("2000::/3"),
    [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}}],
    [{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["none"]}]}}],
    [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "example"}}}],
    [{"namespaceSelector": {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "Exists"}]}}],
)

# Check, valid resource, the property that makes it invalid, its value, and a part of the message.
_CHANGES: Final[tuple[tuple[str, Resource, str, object, str], ...]] = (
    ("release-pinned", RELEASE, "version", ">=12.0.0", "version: found >=12.0.0"),
    ("release-pinned", RELEASE, "version", None, "version: found nothing"),
    ("release-named", RELEASE, "name", None, "name: found nothing"),
    ("release-bounded", RELEASE, "timeout", 86400.0, "timeout: found 86400; allowed: 1 to 1800"),
    ("release-bounded", RELEASE, "maxHistory", 0.0, "maxHistory: found 0"),
    ("release-bounded", RELEASE, "skipAwait", True, "skipAwait: found true"),
    ("release-without-definitions", RELEASE, "skipCrds", None, "skipCrds: found nothing"),
    ("release-without-namespace", RELEASE, "createNamespace", True, "createNamespace: found true"),
    ("release-without-credentials", RELEASE, "values.adminPassword", CANARY, "values.adminPassword"),
    ("release-without-credentials", RELEASE, "values.env", [{"name": "API_KEY", "value": CANARY}], "values.env[0]"),
    ("release-without-credentials", RELEASE, "values.url", f"redis://:{CANARY}@cache:6379", "values.url"),
    ("images-pinned", RELEASE, "values.image.tag", "latest", "values.image.tag: found latest"),
    ("images-pinned", RELEASE, "values.sidecar.image", "example/sidecar", "values.sidecar.image"),
    ("images-pinned", PROMETHEUS, "spec.image", "prometheus:latest", "spec.image: found prometheus:latest"),
    ("images-pinned", PROMETHEUS, "spec.image", None, "spec.image: found nothing"),
    ("images-pinned", DEPLOYMENT, f"{_CONTAINER}.image", "registry.example:5000/example", "containers[0].image"),
    *(("images-pinned", PROMETHEUS, "spec.image", f"prometheus:{tag}", f"found prometheus:{tag}") for tag in MOVING),
    ("images-pinned", RELEASE, "values.image.tag", 1.2, "values.image.tag: found 1.2"),
    ("images-pinned", RELEASE, "values.imageTag", "stable", "values.imageTag: found stable"),
    (
        "images-pinned",
        RELEASE,
        "values.sidecar.initImage",
        "busybox:1",
        "values.sidecar.initImage: found busybox:1",
    ),
    ("resources-bounded", ALERTMANAGER, "spec.resources.limits", None, "no limits.memory"),
    ("resources-bounded", DEPLOYMENT, f"{_CONTAINER}.resources", None, "no requests.cpu, requests.memory, limits"),
    ("pods-unprivileged", PROMETHEUS, "spec.securityContext.seccompProfile", None, "seccompProfile.type: found no"),
    ("pods-unprivileged", ALERTMANAGER, "spec.securityContext.runAsUser", 0.0, "runAsUser 0"),
    ("pods-unprivileged", DEPLOYMENT, f"{_CONTAINER}.securityContext.privileged", True, "more privileges"),
    ("pods-apart-from-host", PROMETHEUS, "spec.hostNetwork", True, "spec.hostNetwork: found true"),
    ("pods-apart-from-host", DEPLOYMENT, f"{_POD}.volumes.0", {"name": "root", "hostPath": {"path": "/"}}, "root"),
    ("volume-claimed", PROMETHEUS, "spec.storage", {"emptyDir": {}}, "spec.storage.emptyDir"),
    ("volume-claimed", ALERTMANAGER, "spec.storage", None, "no claim with a size"),
    (
        "volume-retained",
        PROMETHEUS,
        "spec.persistentVolumeClaimRetentionPolicy",
        {"whenDeleted": "Delete"},
        "whenDeleted: found Delete; allowed: Retain in environment prod",
    ),
    ("retention-bounded", PROMETHEUS, "spec.retentionSize", None, "spec.retentionSize: found nothing"),
    ("retention-bounded", PROMETHEUS, "spec.retention", None, "spec.retention: found nothing"),
    ("service-internal", SERVICE, "spec.type", "LoadBalancer", "spec.type: found LoadBalancer; allowed: ClusterIP"),
    ("service-internal", SERVICE, "spec.externalIPs", ["192.0.2.1"], "spec.externalIPs: found 192.0.2.1"),
    ("service-internal", RELEASE, "values.service.type", "NodePort", "values.service.type: found NodePort"),
    ("ingress-encrypted", INGRESS, "spec.tls", None, "no certificate for grafana.bais.example"),
    ("selector-label", RULE, "metadata.labels", None, "metadata.labels.monitoring/stack: found nothing"),
    (
        "selector-label",
        MONITOR,
        "metadata.labels",
        {"monitoring/stack": ""},
        "metadata.labels.monitoring/stack: found",
    ),
    ("selector-label", POD_MONITOR, "metadata.labels", None, "metadata.labels.monitoring/stack: found nothing"),
    ("alert-labels", RULE, f"{_ALERT}.labels.severity", "Warning", "found Warning; allowed: critical, warning"),
    ("alert-labels", RULE, f"{_ALERT}.labels.team", None, "Example.labels.team: found nothing"),
    ("alert-annotations", RULE, f"{_ALERT}.annotations.summary", None, "annotations.summary: found nothing"),
    ("alert-annotations", RULE, f"{_ALERT}.annotations.runbook_url", "runbooks/Example.md", "runbooks/Example.md"),
    ("environment-label", PROMETHEUS, "spec.externalLabels.environment", "staging", "found staging; allowed: prod"),
    ("environment-label", PROMETHEUS, "spec.externalLabels.cluster", None, "cluster: found nothing"),
    ("role-without-wildcard", ROLE, "rules.0.verbs", ["*"], "rules[0].verbs: found *"),
    ("role-without-wildcard", ROLE, "rules.0.resources", ["*"], "rules[0].resources: found *"),
    ("role-without-wildcard", ROLE, "rules.0.resources", ["*/scale"], "rules[0].resources: found */scale"),
    ("role-without-wildcard", ROLE, "rules.0.apiGroups", ["*"], "rules[0].apiGroups: found *"),
    ("role-without-wildcard", ROLE, "rules.3.nonResourceURLs", ["/api*"], "rules[3].nonResourceURLs: found /api*"),
    *(("role-without-escalation", READING, "rules.0.verbs", [verb], f"verbs: found {verb}") for verb in ESCALATING),
    *(
        ("role-without-escalation", READING, "rules.0.resources", [name], f"resources: found {name}")
        for name in CONNECTING
    ),
    *(("role-without-escalation", WRITING, "rules.1.apiGroups", [group], f"found {group} with") for group in GRANTING),
    *(
        ("role-without-escalation", WRITING, "rules.0.resources", [name], f"found {name} with create")
        for name in ("serviceaccounts", "namespaces", "nodes", "persistentvolumes")
    ),
    ("role-in-one-namespace", ROLE, "rules.0.verbs", ["get", "delete"], "found delete pods in every namespace"),
    ("role-endpoints-named", ROLE, "rules.3.nonResourceURLs", ["/debug/pprof"], "found /debug/pprof"),
    ("role-endpoints-named", ROLE, "rules.3.nonResourceURLs", ["/api"], "nonResourceURLs: found /api"),
    ("role-endpoints-named", ROLE, "rules.3.verbs", ["get", "post"], "rules[3].verbs: found get, post"),
    (
        "role-not-aggregated",
        ROLE,
        "aggregationRule",
        {"clusterRoleSelectors": [{"matchLabels": {"team": "search"}}]},
        "aggregationRule: found",
    ),
    (
        "role-not-aggregated",
        ROLE,
        "metadata.labels",
        {"rbac.authorization.k8s.io/aggregate-to-view": "true"},
        "metadata.labels: found rbac.authorization.k8s.io/aggregate-to-view",
    ),
    ("role-without-secrets", ROLE, "rules.0.resources", ["pods", "secrets"], "rules[0].resources: found secrets"),
    ("role-without-secrets", READING, "rules.0.resources", ["configmaps", "secrets"], "found secrets"),
    *(
        ("binding-below-administrator", BINDING, "roleRef.name", name, f"found {name}")
        for name in ("cluster-admin", "admin", "edit", "view", "system:kube-controller-manager")
    ),
    *(
        ("binding-of-accounts", BINDING, "subjects.0", {"kind": "Group", "name": name}, f"found Group {name}")
        for name in ("system:authenticated", "system:unauthenticated", "system:serviceaccounts", "system:masters")
    ),
    ("binding-of-accounts", BINDING, "subjects.0", {"kind": "User", "name": "admin"}, "found User admin"),
    ("binding-of-accounts", BINDING, "subjects.0.name", "default", "subjects[0].name: found default"),
    ("binding-of-accounts", BINDING, "subjects", [], "subjects: found nothing"),
    ("namespace-secured", NAMESPACE, "metadata.labels", None, "enforce: found nothing; allowed: restricted"),
    (
        "namespace-secured",
        NAMESPACE,
        "metadata.labels",
        {"pod-security.kubernetes.io/enforce": "privileged"},
        "found privileged",
    ),
    ("credentials-in-secrets", CONFIG_MAP, "data.smtp_password", CANARY, "data.smtp_password"),
    ("credentials-in-secrets", CONFIG_MAP, "data.url", "https://hooks.slack.com/services/T0/B0/x", "data.url"),
    ("credentials-in-secrets", DEPLOYMENT, f"{_CONTAINER}.env.0", {"name": "TOKEN", "value": CANARY}, "env[0]"),
    ("credentials-in-secrets", DEPLOYMENT, f"{_CONTAINER}.args.0", f"--token={CANARY}", "args[0]"),
    ("credentials-in-secrets", SERVICE, "metadata.annotations", {"bais.example/api-token": CANARY}, "api-token"),
    ("credentials-in-secrets", DEPLOYMENT, f"{_TEMPLATE}.annotations", {"api_key": CANARY}, "annotations.api_key"),
    ("credentials-in-secrets", CONFIG_MAP, "data.pagerduty_key", CANARY, "data.pagerduty_key"),
    (
        "credentials-in-secrets",
        DEPLOYMENT,
        f"{_CONTAINER}.env.0",
        {"name": "ACCOUNT", "value": SAMPLES["AWS key"]},
        "env[0].value",
    ),
    *(("credentials-in-secrets", CONFIG_MAP, "data.text", text, "data.text") for text in SAMPLES.values()),
    *(
        ("credentials-in-secrets", good, path, SAMPLES[name], message)
        for good, path, name, message in (
            (DEPLOYMENT, f"{_CONTAINER}.args.0", "Grafana token", "args[0]"),
            (SERVICE, "metadata.annotations.note", "Slack token", "metadata.annotations.note"),
            (PROMETHEUS, "spec.externalUrl", "URL with a password", "spec.externalUrl"),
        )
    ),
    *(
        ("release-without-credentials", RELEASE, "values.text", SAMPLES[name], "values.text")
        for name in ("private key", "PagerDuty key", "authorization header")
    ),
    ("replicas-enough", PROMETHEUS, "spec.replicas", 1.0, "found 1; allowed: 2 or more in environment prod"),
    ("replicas-enough", ALERTMANAGER, "spec.replicas", 2.0, "found 2; allowed: 3 or more in environment prod"),
    ("replicas-spread", PROMETHEUS, "spec.topologySpreadConstraints", None, "topologySpreadConstraints: found no"),
    ("connections-named", POLICY, "spec.ingress.0", {}, "spec.ingress[0]: found every address and every port"),
    (
        "connections-named",
        POLICY,
        "spec.ingress.0.from.0",
        {"namespaceSelector": {}},
        "spec.ingress[0]: found every",
    ),
    (
        "connections-named",
        POLICY,
        "spec.egress.0.ports",
        None,
        "spec.egress[0]: found every address and every port",
    ),
    ("connections-named", POLICY, "spec.egress.0", {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, "spec.egress[0]"),
    ("connections-named", POLICY, "spec.egress.0", {"ports": [{"protocol": "TCP"}]}, "spec.egress[0]"),
    *(("connections-named", POLICY, "spec.egress.0", {"to": to}, "spec.egress[0]: found every") for to in EVERYWHERE),
    (
        "connections-named",
        POLICY,
        "spec.egress",
        [{"to": [{"ipBlock": {"cidr": cidr}}]} for cidr in ("0.0.0.0/2", "64.0.0.0/2")],
        "spec.egress: found rules that together allow every address",
    ),
    (
        "ports-named",
        POLICY,
        "spec.egress.0.ports.0.endPort",
        65535.0,
        "spec.egress[0].ports[0].endPort: found 65535",
    ),
    (
        "ports-named",
        POLICY,
        "spec.ingress.0.ports",
        [{"port": 9090.0, "endPort": 9100.0}],
        "spec.ingress[0].ports[0].endPort: found 9100",
    ),
    ("priority-named", PROMETHEUS, "spec.priorityClassName", None, "spec.priorityClassName: found nothing"),
    ("priority-named", DEPLOYMENT, f"{_POD}.priorityClassName", None, f"{_POD}.priorityClassName: found nothing"),
    ("priority-not-default", PRIORITY, "globalDefault", True, "globalDefault: found true"),
)

# Resources that are refused in environment prod; paging is refused in the other environments.
BAD: Final = tuple(
    Case(check=check, resource=changed(good, path, value), message=message)
    for check, good, path, value, message in _CHANGES
) + tuple(
    Case(check="credentials-in-files", resource=notifying(**{kind: [{key: CANARY}]}), message=f"{kind}[0].{key}")
    for kind, key in (
        ("slack_configs", "api_url"),
        ("pagerduty_configs", "routing_key"),
        ("email_configs", "auth_password"),
        ("webhook_configs", "url"),
        ("discord_configs", "webhook_url"),
    )
)
