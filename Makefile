# Thin on purpose: what a target does stands in local/cli.py.
.DEFAULT_GOAL := help
PYTHON ?= python3
STACK ?= local
# A folder of charts to deploy instead of those that `make up` finds (upstream where reachable, stand-ins where not).
CHARTS ?=
# The kind of node, `real` or `simulated`; without it the one that the environment has, or a real one where it can be had.
NODE ?=
# A platform to watch and receivers to tell beside a real node, `yes` or `no`; without it as before.
DEMO ?=
BIN := .venv/bin
LOCAL := $(BIN)/python -m local

.PHONY: help up down destroy clean status cluster tools env test proof bench-rules check format generate silence silences expire catalogue boards mutate alert drill delivery pictures

help:            ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

up: .venv/complete      ## set up everything and deploy [STACK=local] [CHARTS=folder] [NODE=real|simulated] [DEMO=yes]
	@$(LOCAL) up --stack $(STACK) $(if $(NODE),--node $(NODE)) $(if $(DEMO),--demo $(DEMO)) $(if $(CHARTS),--charts $(CHARTS))

down: .venv/complete    ## end every process of the embedded environment, keep its data
	@$(LOCAL) down

destroy: .venv/complete ## take the stack out of the embedded cluster
	@$(LOCAL) destroy --stack $(STACK)

clean: .venv/complete   ## end every process and remove the embedded environment's data
	@$(LOCAL) clean

status: .venv/complete  ## show processes and pieces with their real state
	@$(LOCAL) status

cluster: .venv/complete ## start the embedded control plane and its node only [NODE=real|simulated]
	@$(LOCAL) cluster $(if $(NODE),--node $(NODE))

tools: .venv/complete   ## build or find every tool, once [NODE=simulated: none for a real node]
	@$(LOCAL) tools $(if $(filter simulated,$(NODE)),,--node)

env: .venv/complete     ## print shell exports for pulumi and kubectl by hand
	@$(LOCAL) env --stack $(STACK)

silence: .venv/complete ## silence alerts: MATCHERS='alertname=X' REASON='...' FOR=2h [or UNTIL=...] [STACK=local] [URL=...]
	@$(BIN)/python -m operations silence --stack $(STACK)

silences: .venv/complete ## list the silences [STACK=local] [URL=...]
	@$(BIN)/python -m operations silences --stack $(STACK)

expire: .venv/complete  ## end a silence: ID=... [STACK=local] [URL=...]
	@$(BIN)/python -m operations expire --stack $(STACK)

# Three at a time on two cores: much of it is waiting.
test: .venv/complete    ## run all tests [CHARTS=folder]
	@$(LOCAL) tools --tests --node
	@$(BIN)/python -m pytest --numprocesses 3 $(if $(CHARTS),--charts $(CHARTS))

proof: .venv/complete   ## find every metric that is read in real exporters, and write rules/metric_evidence.json
	@$(LOCAL) tools --tests
	@$(BIN)/python -m tools.proof

bench-rules: .venv/complete ## time one evaluation of all rules on 100,000 series [CHARTS=folder]
	@$(BIN)/python -m tools.bench $(if $(CHARTS),--charts $(CHARTS)) $(if $(JSON),--json)

drill: .venv/complete   ## let a platform fail and see who hears of it [SCENARIO=name] [STACK=prod] [SPEED=30] [JSON=1]
	@$(BIN)/python -m tools.drill --stack $(if $(filter command line,$(origin STACK)),$(STACK),prod) $(if $(SPEED),--speed $(SPEED)) $(if $(JSON),--json) $(SCENARIO)

delivery: .venv/complete ## deliver every alert of every environment, with and without faults [JSON=1]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m tools.delivery $(if $(JSON),--json)

pictures: .venv/complete ## check the boards against Grafana's types and draw them [BOARD=uid] [DAY=healthy|incident] [JSON=1]
	@$(BIN)/python -m tools.pictures $(if $(BOARD),--board $(BOARD)) $(if $(DAY),--day $(DAY)) $(if $(JSON),--json)

check: .venv/complete   ## format check, lint, types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/yamllint --strict .
	@$(BIN)/shellcheck .ci/run

format: .venv/complete  ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

generate: .venv/complete ## write all that is generated and committed anew
	@$(BIN)/python -m catalogue.slos
	@$(BIN)/python -m catalogue.runbooks
	@$(BIN)/python -m catalogue.contract_docs
	@$(BIN)/python -m dashboards.requirement_docs
	@$(BIN)/python -m dashboards.export
	@$(BIN)/python -m tools.golden

catalogue: .venv/complete ## print the state of the alerting catalogue [JSON=1]
	@$(BIN)/python -m tools.catalogue $(if $(JSON),--json)

boards: .venv/complete  ## print the state of the boards: panels, lint findings, targets with data [JSON=1]
	@$(LOCAL) tools >&2
	@$(BIN)/python -m tools.boards $(if $(JSON),--json)

mutate: .venv/complete  ## change each rule in one place at a time: a case has to break [JOBS=n]
	@$(LOCAL) tools
	@$(BIN)/python -m tools.mutation $(if $(JOBS),--jobs $(JOBS))

alert: .venv/complete   ## begin an alert: NAME=DiskFull AREA=infrastructure [SEVERITY=warning]
	@$(BIN)/python -m catalogue.scaffold --severity "$(or $(SEVERITY),warning)" -- "$(NAME)" "$(AREA)"

# Half of the packages at a time, side by side: the lock has all that they need. Compiled ahead, on all cores: an import
# of the Pulumi SDK takes seconds otherwise.
.venv/complete: requirements.lock
	@echo "installing Python packages into .venv" >&2
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; $(PYTHON) is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@xargs -P 2 -n 40 $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-compile < requirements.lock
	@$(BIN)/python -m compileall -q -j 0 -x 'lib2to3|/tests?/' .venv/lib
	@touch $@
