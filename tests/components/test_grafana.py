import json
from collections.abc import Mapping
from typing import Any, Final

import pytest

from common.grafana import DASHBOARD_LABEL, FOLDER_ANNOTATION
from common.labels import SELECTOR
from manifests.charts import PROMETHEUS_IMAGE
from manifests.grafana import grafana_values
from manifests.grafana_ini import SECRET_FILES_PATH, grafana_ini
from settings.credentials import GRAFANA_OAUTH_CLIENT_SECRET
from settings.grafana import GrafanaSettings, SignOn
from settings.loader import RawConfig
from tools.canaries import canary
from tools.mocked_program import Run, configuration, run_program

COMPONENT: Final = "monitoring:index:Grafana"
RELEASE: Final = "kubernetes:helm.sh/v3:Release"
SECRET: Final = "kubernetes:core/v1:Secret"
CLAIM: Final = "kubernetes:core/v1:PersistentVolumeClaim"
INGRESS: Final = "kubernetes:networking.k8s.io/v1:Ingress"
MONITOR: Final = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
ROLE: Final = "kubernetes:rbac.authorization.k8s.io/v1:Role"
CLIENT_SECRET: Final = "grafanaOauthClientSecret"
SIGN_ON: Final = {
    "name": "Example",
    "clientId": "grafana",
    "authUrl": "https://id.example/authorize",
    "tokenUrl": "https://id.example/token",
    "apiUrl": "https://id.example/userinfo",
    "roleAttributePath": "contains(groups[*], 'platform') && 'Admin' || 'Viewer'",
}
WHOLE: Final = {
    "ingress": {"tlsSecret": "certificate", "className": "nginx", "annotations": {"example.com/issuer": "main"}},
    "signOn": SIGN_ON,
}


def values(**changes: object) -> dict[str, Any]:
    return grafana_values(
        GrafanaSettings.model_validate(changes),
        address="https://grafana.example",
        admin_secret="grafana-admin",
        prometheus_url="http://prometheus.example:9090",
        alertmanager_url="http://alertmanager.example:9093",
        scrape_interval="15s",
        priority_class="bais",
    )


def sources() -> dict[str, dict[str, Any]]:
    return {source["uid"]: source for source in values()["datasources"]["datasources.yaml"]["datasources"]}


def run_with(grafana: Mapping[str, object] | None = None, **changes: object) -> Run:
    before = configuration("prod", "upstream")
    secrets = before.secrets | ({CLIENT_SECRET} if "signOn" in (grafana or {}) else set())
    given = {**before.values, "grafana": grafana or {}, **changes}
    return run_program(RawConfig(stack="prod", values=given, secrets=secrets))


def test_grafana_runs_without_privileges() -> None:
    pod = values()["securityContext"]
    assert (pod["runAsNonRoot"], pod["runAsUser"], pod["fsGroup"]) == (True, 472, 472)
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (values()["containerSecurityContext"], values()["sidecar"]["securityContext"]):
        assert container["allowPrivilegeEscalation"] is False
        assert container["readOnlyRootFilesystem"] is True
        assert container["capabilities"] == {"drop": ["ALL"]}
    assert values()["initChownData"] == {"enabled": False}


def test_both_containers_have_requests_and_a_memory_limit() -> None:
    for resources in (values()["resources"], values()["sidecar"]["resources"]):
        assert set(resources["requests"]) == {"cpu", "memory"}
        assert set(resources["limits"]) == {"memory"}


def test_only_the_sidecar_mounts_the_service_account_token() -> None:
    assert values()["automountServiceAccountToken"] is False
    (volume,) = values()["extraContainerVolumes"]
    (mount,) = values()["sidecar"]["dashboards"]["extraMounts"]
    assert mount["name"] == volume["name"]
    assert mount["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"


def test_an_upgrade_stops_the_old_pod_first() -> None:
    assert values()["deploymentStrategy"] == {"type": "Recreate"}


def test_the_data_sources_have_fixed_uids_and_one_is_the_default() -> None:
    assert {uid: source["type"] for uid, source in sources().items()} == {
        "prometheus": "prometheus",
        "alertmanager": "alertmanager",
    }
    assert [uid for uid, source in sources().items() if source.get("isDefault")] == ["prometheus"]
    assert {source["editable"] for source in sources().values()} == {False}


def test_the_prometheus_data_source_has_its_version_and_scrape_interval() -> None:
    assert sources()["prometheus"]["url"] == "http://prometheus.example:9090"
    assert sources()["prometheus"]["jsonData"] == {
        "httpMethod": "POST",
        "timeInterval": "15s",
        "prometheusType": "Prometheus",
        "prometheusVersion": PROMETHEUS_IMAGE.version[1:],
    }


def test_grafana_evaluates_no_alerts_and_sends_none_to_alertmanager() -> None:
    assert sources()["alertmanager"]["url"] == "http://alertmanager.example:9093"
    assert sources()["alertmanager"]["jsonData"] == {
        "implementation": "prometheus",
        "handleGrafanaManagedAlerts": False,
    }
    assert values()["grafana.ini"]["unified_alerting"] == {"execute_alerts": False}


def test_dashboards_come_from_labelled_config_maps_and_are_read_only() -> None:
    dashboards = values()["sidecar"]["dashboards"]
    assert {dashboards["label"]: dashboards["labelValue"]} == dict(DASHBOARD_LABEL)
    assert (dashboards["resource"], dashboards["folderAnnotation"]) == ("configmap", FOLDER_ANNOTATION)
    assert dashboards["provider"] == {
        "allowUiUpdates": False,
        "disableDelete": True,
        "foldersFromFilesStructure": True,
    }


def test_grafana_does_not_connect_to_grafana_labs() -> None:
    ini = grafana_ini("https://grafana.example", None)
    assert {*ini["analytics"].values()} == {False}
    assert ini["news"]["news_feed_enabled"] is False
    assert ini["security"]["disable_gravatar"] is True
    assert ini["plugins"] == {
        "preinstall_disabled": True,
        "plugin_admin_enabled": False,
        "public_key_retrieval_disabled": True,
    }
    assert ini["snapshots"]["external_enabled"] is False


def test_anonymous_access_and_sign_up_are_disabled() -> None:
    ini = grafana_ini("https://grafana.example", None)
    assert ini["auth.anonymous"] == {"enabled": False}
    assert ini["users"]["allow_sign_up"] is False
    assert "auth.generic_oauth" not in ini


@pytest.mark.parametrize(("scheme", "encrypted"), [("https", True), ("http", False)])
def test_cookies_are_secure_if_the_url_is_https(scheme: str, encrypted: bool) -> None:
    ini = grafana_ini(f"{scheme}://grafana.example:3000", None)
    assert ini["server"] == {"domain": "grafana.example", "root_url": f"{scheme}://grafana.example:3000"}
    assert ini["security"]["cookie_secure"] is encrypted
    assert ini["security"]["strict_transport_security"] is encrypted


def test_sign_on_quotes_texts_and_has_no_default_role() -> None:
    sign_on = SignOn.model_validate({**SIGN_ON, "allowedDomains": "bais.example"})
    keys = grafana_ini("https://grafana.example", sign_on)["auth.generic_oauth"]
    assert keys["role_attribute_path"] == f'"""{SIGN_ON["roleAttributePath"]}"""'
    assert keys["role_attribute_strict"] is True
    assert keys["client_secret"] == f"$__file{{{SECRET_FILES_PATH}/oauth-client-secret}}"
    assert keys["allowed_domains"] == '"""bais.example"""'
    assert (
        "allowed_domains" not in grafana_ini("https://x.example", SignOn.model_validate(SIGN_ON))["auth.generic_oauth"]
    )


def test_every_file_that_grafana_reads_is_in_the_secret_that_it_mounts(cluster_answers: None) -> None:
    run = run_with(WHOLE)
    inputs = run.one(RELEASE, "grafana-release").inputs["values"]
    (mount,) = inputs["extraSecretMounts"]
    files = run.one(SECRET, "grafana-files")
    assert mount["secretName"] == files.inputs["metadata"]["name"]
    read = [value for keys in inputs["grafana.ini"].values() for value in keys.values() if "$__file" in str(value)]
    assert {f"$__file{{{mount['mountPath']}/{name}}}" for name in files.decrypted["stringData"]} == set(read)
    assert files.decrypted["stringData"]["oauth-client-secret"] == canary(GRAFANA_OAUTH_CLIENT_SECRET)


def test_no_secret_is_in_the_chart_values(cluster_answers: None) -> None:
    run = run_with(WHOLE)
    secrets = [entry for one in run.of_type(SECRET) for entry in one.decrypted["stringData"].values()]
    assert canary(GRAFANA_OAUTH_CLIENT_SECRET) in secrets
    assert canary(GRAFANA_OAUTH_CLIENT_SECRET) not in json.dumps(run.one(RELEASE, "grafana-release").decrypted)


def test_the_program_creates_the_administrator(cluster_answers: None) -> None:
    run = run_with()
    admin = run.one(SECRET, "grafana-admin").decrypted
    assert admin["metadata"]["name"] == run.outputs["grafana_admin_secret"] == "grafana-admin"
    reference = run.one(RELEASE, "grafana-release").inputs["values"]["admin"]
    assert reference["existingSecret"] == "grafana-admin"
    assert {reference["userKey"], reference["passwordKey"]} == set(admin["stringData"])
    assert run.one("random:index/randomPassword:RandomPassword", "grafana-admin-password").inputs["length"] == 32


def test_an_existing_administrator_secret_is_referenced(cluster_answers: None) -> None:
    run = run_with({"adminSecret": "kept-elsewhere"})
    assert run.one(RELEASE, "grafana-release").inputs["values"]["admin"]["existingSecret"] == "kept-elsewhere"
    assert run.outputs["grafana_admin_secret"] == "kept-elsewhere"
    assert [one.name for one in run.resources if one.name.startswith("grafana-admin")] == []


def test_a_larger_volume_changes_only_the_claim(cluster_answers: None) -> None:
    small, large = (
        {(one.type, one.name): one.inputs for one in run_with(given).resources}
        for given in ({}, {"storage": {"size": "20Gi"}})
    )
    assert [name for name in small if small[name] != large[name]] == [(CLAIM, "grafana")]
    assert large[CLAIM, "grafana"]["spec"]["resources"]["requests"] == {"storage": "20Gi"}


def test_the_release_uses_the_claim_and_up_does_not_wait_for_its_binding(cluster_answers: None) -> None:
    run = run_with({"storage": {"storageClass": "fast"}})
    claim, release = run.one(CLAIM, "grafana"), run.one(RELEASE, "grafana-release")
    assert release.inputs["values"]["persistence"] == {
        "enabled": True,
        "existingClaim": claim.inputs["metadata"]["name"],
    }
    assert claim.inputs["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
    assert claim.inputs["spec"]["storageClassName"] == "fast"
    assert {"grafana", "grafana-files", "grafana-admin", "grafana-role-binding"} <= release.dependencies


def test_the_sidecar_reads_config_maps_of_its_namespace_and_no_secrets(cluster_answers: None) -> None:
    run = run_with()
    assert run.one(ROLE, "grafana-role").inputs["rules"] == [
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}
    ]
    assert run.one(RELEASE, "grafana-release").inputs["values"]["rbac"] == {"create": False}
    (subject,) = run.one(f"{ROLE}Binding", "grafana-role-binding").inputs["subjects"]
    assert (subject["name"], subject["namespace"]) == ("grafana", "monitoring")


def test_prometheus_scrapes_grafana_as_the_job_grafana(cluster_answers: None) -> None:
    run = run_with()
    monitor = run.one(MONITOR, "grafana-monitor").inputs
    service = run.one(RELEASE, "grafana-release").inputs["values"]["service"]
    assert monitor["metadata"]["labels"] == dict(SELECTOR)
    assert monitor["spec"]["selector"]["matchLabels"] == service["labels"]
    assert service["labels"][monitor["spec"]["jobLabel"]] == "grafana"
    assert monitor["spec"]["endpoints"] == [{"port": service["portName"]}]
    assert run.outputs["grafana_url"] == f"http://grafana.monitoring.svc:{service['port']:.0f}"


def test_there_is_no_ingress_by_default(cluster_answers: None) -> None:
    assert run_with().of_type(INGRESS) == []


def test_the_ingress_serves_the_host_of_the_links_with_tls(cluster_answers: None) -> None:
    ingress = run_with(WHOLE).one(INGRESS, "grafana-ingress").inputs
    assert ingress["metadata"]["annotations"]["example.com/issuer"] == "main"
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == [{"hosts": ["grafana.bais.example"], "secretName": "certificate"}]
    (rule,) = ingress["spec"]["rules"]
    assert rule["host"] == "grafana.bais.example"
    (path,) = rule["http"]["paths"]
    assert (path["path"], path["pathType"]) == ("/", "Prefix")
    assert path["backend"]["service"] == {"name": "grafana", "port": {"name": "http"}}


def test_a_disabled_grafana_has_no_resources(cluster_answers: None) -> None:
    run = run_with({"enabled": False})
    assert run.of_type(COMPONENT) == []
    assert [one.name for one in run.resources if one.name.startswith("grafana")] == []
    assert (run.outputs["grafana_url"], run.outputs["grafana_admin_secret"]) == ("", "")
