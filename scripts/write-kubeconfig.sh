#!/usr/bin/env bash
# Writes KUBECONFIG_CONTENT to a private file, and names it in KUBECONFIG for the later steps of a GitHub job.
set -euo pipefail
[ -n "${KUBECONFIG_CONTENT:-}" ] || exit 0
file="${RUNNER_TEMP:?}/kubeconfig"
umask 077
printf '%s\n' "$KUBECONFIG_CONTENT" > "$file"
printf 'KUBECONFIG=%s\n' "$file" >> "${GITHUB_ENV:?}"
