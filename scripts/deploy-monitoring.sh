#!/usr/bin/env bash
# Deploys a stack completely: checks, preview, confirmation, update, health check. `--help` lists the options.
set -euo pipefail
project="$(dirname "$(dirname "$(realpath "$0")")")"
[ -x "$project/.venv/bin/python" ] || make --silent --directory="$project" .venv/complete
# In the current folder, to which the path of a kubeconfig may be relative.
PYTHONPATH="$project" exec "$project/.venv/bin/python" -P -m operations deploy "$@"
