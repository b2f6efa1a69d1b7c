"""The rules for `kubectl apply`, applied as a user would to a real API server that has only the CRDs."""

from __future__ import annotations

import json

import yaml

from local.tools.toolset import binary
from tools.checkout import Checkout
from tools.rule_manifests import FILE


def test_the_rules_are_applied_to_a_cluster_that_has_only_the_crds(checkout: Checkout) -> None:
    assert checkout.run("cluster").returncode == 0
    kubectl = checkout.control_plane.kubectl
    # Their schemas are too large for the annotation of a client-side apply.
    kubectl("apply", "--server-side", f"--filename={binary('prometheus-operator-crds')}")
    kubectl("wait", "--for=condition=Established", "customresourcedefinitions", "--all", "--timeout=30s")
    kubectl("create", "namespace", "observability")
    kubectl("apply", "--namespace=observability", f"--filename={FILE}")
    listed = json.loads(kubectl("get", "prometheusrules", "--all-namespaces", "--output=json"))["items"]
    written = yaml.safe_load_all(FILE.read_text(encoding="utf-8"))
    assert {(each["metadata"]["namespace"], each["metadata"]["name"]): each["spec"] for each in listed} == {
        ("observability", each["metadata"]["name"]): each["spec"] for each in written
    }
