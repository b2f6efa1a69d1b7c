# Each target runs one command; its code is in the module that the command names.
.DEFAULT_GOAL := help
PYTHON ?= python3
STACK ?= local
# A folder of charts to deploy. Unset: what the first `make up` chose, upstream charts where reachable, else stand-ins.
CHARTS ?=
# The kind of node, `real` or `simulated`. Unset: the kind that the environment has, else a real node where the machine supports it.
NODE ?=
# `yes` adds the demo platform to a real node: services to monitor and fake receivers. `no` removes it. Unset: no change.
DEMO ?=
BIN := .venv/bin
LOCAL := $(BIN)/python -m local

.PHONY: help
.PHONY: up status down clean destroy cluster tools env
.PHONY: check format test test-fast test-upgrade scenarios mutate fuzz delivery lock audit proof bench-rules bench-pods interruptions migration
.PHONY: alert exporter receiver generate
.PHONY: contract init deploy health page adopt review team silence silences expire recover
.PHONY: catalogue boards docs pictures drill preview drift

help: ## List the targets by group
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run

up: .venv/complete ## Install everything and deploy a stack [STACK=local] [CHARTS=folder] [NODE=real|simulated] [DEMO=yes|no]
	@$(LOCAL) up --stack $(STACK) $(if $(NODE),--node $(NODE)) $(if $(DEMO),--demo $(DEMO)) $(if $(CHARTS),--charts $(CHARTS))

status: .venv/complete ## Show each process and component with its state; fails if one is unhealthy
	@$(LOCAL) status

down: .venv/complete ## Stop all processes of the embedded environment and retain its data
	@$(LOCAL) down

clean: .venv/complete ## Stop all processes and delete the data of the embedded environment
	@$(LOCAL) clean

destroy: .venv/complete ## Remove the stack from the embedded cluster
	@$(LOCAL) destroy --stack $(STACK)

cluster: .venv/complete ## Start the embedded control plane and its nodes, without a stack [NODE=real|simulated]
	@$(LOCAL) cluster $(if $(NODE),--node $(NODE))

tools: .venv/complete ## Find or build every tool that `make up` needs [NODE=simulated: without those of a real node]
	@$(LOCAL) tools $(if $(filter simulated,$(NODE)),,--node)

env: .venv/complete ## Print shell exports for manual use of pulumi and kubectl: eval "$(make -s env)" [STACK=local]
	@$(LOCAL) env --stack $(STACK)

##@ Test and check

check: .venv/complete ## Check format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict .
	@$(BIN)/shellcheck .ci/run scripts/*.sh
	@$(BIN)/python -m tools.workflow_lint

format: .venv/complete ## Format the code and apply lint fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# Three workers on two cores, because most tests spend their time waiting.
# The folders without a process or a cluster of their own; tests marked slow are left out.
FAST := $(wildcard tests/*.py) $(addprefix tests/,catalogue common components dashboards manifests policy preflight routing rules settings verification)

test-fast: .venv/complete ## Run lint and the tests of rules, settings, manifests and the program on mocks, in one to two minutes
	@$(BIN)/ruff check --quiet .
	@$(LOCAL) tools >&2
	@$(BIN)/python -m pytest --quiet --numprocesses 2 -m "not slow" $(FAST)

test: .venv/complete ## Run all tests [CHARTS=folder]
	@$(LOCAL) tools --tests --node
	@$(BIN)/python -m pytest --numprocesses 3 $(if $(CHARTS),--charts $(CHARTS))

test-upgrade: .venv/complete ## Test the upgrade from earlier versions of charts and images on a real engine [CHARTS=folder]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m pytest tests/engine/test_changes.py $(if $(CHARTS),--charts $(CHARTS))

scenarios: .venv/complete ## Play scenarios against all rules and routes: who is notified of what [SCENARIO=name] [JSON=1]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m tools.scenarios $(SCENARIO) $(if $(JSON),--json)

mutate: .venv/complete ## Mutation-test the rules: every changed rule must fail a test case [JOBS=n]
	@$(LOCAL) tools
	@$(BIN)/python -m tools.mutation $(if $(JOBS),--jobs $(JOBS))

fuzz: .venv/complete ## Fuzz-test settings, rules, contract, templates [MUTANTS=2000] [SEED=n] [JSON=1]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m tools.fuzz $(if $(MUTANTS),--mutants $(MUTANTS)) $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json)

delivery: .venv/complete ## Send every alert of every environment through a real Alertmanager, with and without failures [JSON=1]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m tools.delivery $(if $(JSON),--json)

lock: .venv/complete ## Renew requirements.lock, and fill the digests of charts and images that are unknown
	@$(BIN)/python -m tools.supply_chain lock

audit: .venv/complete ## Audit the Python packages, and write the bill of materials; fails if the result is unknown
	@$(BIN)/python -m tools.supply_chain audit

proof: .venv/complete ## Find every metric that the rules and boards read in real exporters, and record the evidence
	@$(LOCAL) tools --tests
	@$(BIN)/python -m tools.proof

bench-rules: .venv/complete ## Measure one evaluation of all rules on 100,000 series [CHARTS=folder] [JSON=1]
	@$(BIN)/python -m tools.bench $(if $(CHARTS),--charts $(CHARTS)) $(if $(JSON),--json)

bench-pods: .venv/complete ## Scrape kube-state-metrics in a cluster with 10,000 simulated pods [PODS=n] [JSON=1]
	@$(BIN)/python -m tools.pod_scale $(if $(PODS),--pods $(PODS)) $(if $(JSON),--json)

interruptions: .venv/complete ## Kill engine and API server at random points of deployments, and complete them [SEED=n] [JSON=1]
	@$(BIN)/python -m tools.interruptions $(if $(SEED),--seed $(SEED)) $(if $(JSON),--json)

migration: .venv/complete ## Rehearse a migration on a real node, in about 20 minutes: CHARTS=folder of the real charts [JSON=1]
	@$(LOCAL) tools --tests --node >&2
	@$(BIN)/python -m tools.migration --charts "$(CHARTS)" $(if $(JSON),--json)

##@ Author

alert: .venv/complete ## Scaffold an alert: NAME=DiskFull AREA=infrastructure [SEVERITY=warning]
	@$(BIN)/python -m catalogue.scaffold --severity "$(or $(SEVERITY),warning)" -- "$(NAME)" "$(AREA)"

exporter: .venv/complete ## Scaffold an exporter: NAME=memcached-exporter CHART=prometheus-memcached-exporter VERSION=0.4.2 PORT=9150
	@$(BIN)/python -m tools.exporter_scaffold --name="$(NAME)" --chart="$(CHART)" --version="$(VERSION)" --port="$(PORT)"

receiver: .venv/complete ## Scaffold a notification channel: NAME=teams
	@$(BIN)/python -m tools.receiver_scaffold -- "$(NAME)"

generate: .venv/complete ## Regenerate all generated files that are committed
	@$(BIN)/python -m catalogue.slos
	@$(BIN)/python -m catalogue.runbooks
	@$(BIN)/python -m catalogue.contract_docs
	@$(BIN)/python -m dashboards.requirement_docs
	@$(BIN)/python -m dashboards.export
	@$(BIN)/python -m tools.scenarios.on_call_table
	@$(BIN)/python -m tools.golden
	@$(BIN)/python -m tools.rule_manifests
	@$(BIN)/python -m tools.stack_schema

##@ Review

catalogue: .venv/complete ## Report on the alerting catalogue: alerts, tests, metrics, runbooks, mutants [JSON=1]
	@$(BIN)/python -m tools.catalogue $(if $(JSON),--json)

boards: .venv/complete ## Report on the dashboards: panels, lint findings, queries with data [JSON=1]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m tools.boards $(if $(JSON),--json)

docs: .venv/complete ## Build the documentation site from docs/ and runbooks/; fails at a broken link
	@$(BIN)/python -m tools.docs_site

pictures: .venv/complete ## Check the types of the dashboards and draw them [BOARD=uid] [FILES=previews] [DAY=incident] [JSON=1]
	@$(BIN)/python -m tools.pictures $(if $(BOARD),--board $(BOARD)) $(if $(DAY),--day $(DAY)) $(FILES:%=--preview %) $(if $(JSON),--json)

drill: .venv/complete ## Run the fire drill: simulate outages, report who is notified [SCENARIO=name] [STACK=prod] [SPEED=30] [JSON=1]
	@$(BIN)/python -m tools.drill --stack $(if $(filter command line,$(origin STACK)),$(STACK),prod) $(if $(SPEED),--speed $(SPEED)) $(if $(JSON),--json) $(SCENARIO)

preview: .venv/complete ## Summarise a preview with the policy pack [STACK=local] [BASE=origin/main] [FILES=events] [JSON=1]
	@$(BIN)/python -m operations.preview_summary $(if $(FILES),$(FILES),--stack $(STACK)) $(if $(JSON),--json)

drift: .venv/complete ## Compare cluster and program; fails if an update would change anything [STACK=local]
	@$(BIN)/python -m operations.preview_summary --stack $(STACK) --refresh --expect-no-changes

##@ Operate

init: .venv/complete ## Create a stack from questions, with encrypted secrets: STACK=name [ANSWERS=file] [SECRETS=folder] [YES=1]
	@$(BIN)/python -m operations init --stack "$(STACK)" $(if $(YES),--yes)

deploy: .venv/complete ## Deploy a stack step by step: checks, preview, confirmation, update, health [STACK=local] [YES=1] [DEMO=yes|no]
	@$(BIN)/python -m operations deploy --stack $(STACK) $(if $(YES),--yes) $(if $(NODE),--node $(NODE)) $(if $(DEMO),--demo $(DEMO))

health: .venv/complete ## Check a running stack on any cluster, and say what to do [STACK=local] [JSON=1] [WATCH=1]
	@$(BIN)/python -m operations health --stack $(STACK) $(if $(JSON),--json) $(if $(WATCH),--watch)

page: .venv/complete ## Send a test alert and its resolution to a receiver: CHANNEL=critical [STACK=local]
	@$(BIN)/python -m operations page --stack $(STACK)

adopt: .venv/complete ## Replace a kube-prometheus-stack: report, migrate, undo [APPLY=yes] [ROLLBACK=yes] [RELEASE=...] [JSON=1]
	@$(BIN)/python -m operations adopt --stack $(STACK) $(if $(JSON),--json)

team: .venv/complete ## Check objects of another team, and show who gets its alerts: FILES='search/*.yaml' [STACK=local] [JSON=1]
	@$(BIN)/python -m operations team --stack $(STACK) $(if $(JSON),--json) $(FILES)

contract: .venv/complete ## Compare the metrics of a running service with the contract: URL=http://... SERVICE=api
	@$(BIN)/python -m catalogue.contract "$(URL)" --service "$(SERVICE)"

silence: .venv/complete ## Create a silence: MATCHERS='alertname=X' REASON='...' FOR=2h [or UNTIL=...] [STACK=local] [URL=...]
	@$(BIN)/python -m operations silence --stack $(STACK)

silences: .venv/complete ## List active and pending silences [STACK=local] [URL=...]
	@$(BIN)/python -m operations silences --stack $(STACK)

recover: .venv/complete ## Prepare `make up` after a lost state or an interrupted command [STACK=local] [YES=1]
	@$(BIN)/python -m operations recover --stack $(STACK) $(if $(YES),--yes)

expire: .venv/complete ## Expire a silence: ID=... [STACK=local] [URL=...]
	@$(BIN)/python -m operations expire --stack $(STACK)

review: .venv/complete ## Review a stack from its own data: alerts, SLOs, capacity [STACK=local] [PERIOD=7d|30d|90d] [URL=...] [JSON=1]
	@$(BIN)/python -m operations review --stack $(STACK) $(if $(PERIOD),--period $(PERIOD)) $(if $(JSON),--json)

# Two pip processes install half of the lock each; it is complete, so nothing is resolved, and pip refuses every file without
# a recorded hash. Python 3.11 brings a setuptools of its own, which must not be replaced while the other process runs.
# Byte-compiled here on all cores, because the first import of the Pulumi SDK would otherwise take seconds.
.venv/complete: requirements.lock
	@echo "installing Python packages into .venv" >&2
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; $(PYTHON) is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip uninstall -qq --yes setuptools
	@awk 'BEGIN {half = 0} /^[a-z]/ {half = !half} {print > (".venv/lock-" half)}' requirements.lock
	@printf '%s\n' .venv/lock-0 .venv/lock-1 | xargs -P 2 -n 1 $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile -r
	@$(BIN)/python -m compileall -q -j 0 -x 'lib2to3|/tests?/' .venv/lib
	@rm .venv/lock-*
	@touch $@
