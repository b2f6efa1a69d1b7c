#!/usr/bin/env bash
# Posts a title, the start of a file and the address RUN_URL to the Slack webhook SLACK_WEBHOOK_URL.
set -euo pipefail
title="$1" file="$2"
: "${SLACK_WEBHOOK_URL:?set it to the webhook of the channel for drift}"
text="$title: ${RUN_URL:-}
$(grep -v '^<!--' "$file" | head -c 2500 || true)"
# The webhook is a credential, so it is not an argument.
printf 'url = "%s"\n' "$SLACK_WEBHOOK_URL" | curl --silent --show-error --fail --output /dev/null --max-time 30 \
  --config - --header 'Content-Type: application/json' --data "$(jq --null-input --arg text "$text" '{text: $text}')"
