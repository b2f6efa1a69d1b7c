# What pint, a linter of rules, looks at besides its own checks, and what it does not look at, each with the reason.
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

# Every objective records under the same names, told apart by the label `slo`, in a group of its own. pint looks at the name
# alone and takes each for a dependency on all the others.
rule {
  match {
    name = "service:slo_.+|.+Budget(BurnsFast|BurnsSlowly)"
  }
  disable = ["rule/dependency"]
}

# `idle in transaction` has a second form, `idle in transaction (aborted)`; whatever else begins so has to count too.
rule {
  match {
    name = "PostgresIdleInTransaction"
  }
  disable = ["promql/regexp"]
}
