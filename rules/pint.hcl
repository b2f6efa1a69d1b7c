# Configuration of pint, a linter for rules: additional checks, and checks that are turned off, each with the reason.
# tests/rules/test_pint.py runs it on every stack's rendered rules; tests/tools/proof/ runs it against a Prometheus that has the metrics.

rule {
  match {
    kind = "alerting"
  }
  label "severity" {
    severity = "bug"
    required = true
    value    = "critical|warning|info|none"
  }
  label "team" {
    severity = "bug"
    required = true
    value    = "api|payments|platform|product|security"
  }
  label "area" {
    severity = "bug"
    required = true
    value    = "api|payments|business|security|database|cache|infrastructure|kubernetes|availability|monitoring"
  }
  annotation "summary" {
    severity = "bug"
    required = true
  }
  annotation "description" {
    severity = "bug"
    required = true
  }
  annotation "impact" {
    severity = "bug"
    required = true
  }
  annotation "action" {
    severity = "bug"
    required = true
  }
  annotation "runbook_url" {
    severity = "bug"
    required = true
    value    = "https?://.+/runbooks/.+[.]md"
  }
  annotation "dashboard_url" {
    severity = "bug"
    required = true
    value    = "https?://.+/d/bais-.+"
  }
}

# All objectives record the same names, distinguished by the label `slo`, each in its own group. pint compares only the names
# and reports each as a dependency on all the others.
rule {
  match {
    name = "service:slo_.+|.+Budget(BurnsFast|BurnsSlowly)"
  }
  disable = ["rule/dependency"]
}

# One rule records on which nodes someone works, for all alerts that leave them out. Rules of other groups read the value of the
# previous evaluation; it continues for 15 minutes after the work.
rule {
  match {
    name = "(Kube|Node).+|TargetDown"
  }
  disable = ["rule/dependency"]
}

# Expected targets, batch accounts, unsupported collectors and the size limit of scrapes are recorded in groups of their own,
# because they come from the settings of a stack. They are constant, so it does not matter that the groups are evaluated at
# different times.
rule {
  match {
    name = "ServiceDown|TargetDown|DatabaseExporterDown|EndpointProbeNotRunning|Postgres.+|service:bais_payment_failures:.+|job:scrape_limit_usage:ratio"
  }
  disable = ["rule/dependency"]
}

# Mounts of pods are at a depth that depends on the distribution of Kubernetes.
rule {
  match {
    name = "mount:.+|NodeFilesystemReadOnly"
  }
  disable = ["promql/regexp"]
}

# The label is the path of a file, whose beginning depends on the stack's namespace and whose end is an identifier.
rule {
  match {
    name = "PrometheusRuleFailures|TeamRuleFailures"
  }
  disable = ["promql/regexp"]
}

# `idle in transaction` has a second form, `idle in transaction (aborted)`; any other state with this prefix must count too.
rule {
  match {
    name = "PostgresIdleInTransaction"
  }
  disable = ["promql/regexp"]
}

# All policies that may evict every key have this prefix, also those of later versions of Redis.
rule {
  match {
    name = "RedisMemoryHigh|RedisEvictionsHigh"
  }
  disable = ["promql/regexp"]
}

# It reads which alerts fire, and on a healthy platform none of them does.
rule {
  match {
    name = "node:own_alert:active"
  }
  disable = ["promql/series"]
}

# Any damage since the start counts, not the damage of a window: nothing repairs the log.
rule {
  match {
    name = "PrometheusWalCorrupt"
  }
  disable = ["promql/counter"]
}
