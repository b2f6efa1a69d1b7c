#!/usr/bin/env bash
# Creates a comment on PULL_REQUEST of GITHUB_REPOSITORY from a file, or edits the one with the same first line.
# Requires gh with GH_TOKEN.
set -euo pipefail
file="$1"
comments="repos/${GITHUB_REPOSITORY:?}/issues/${PULL_REQUEST:?}/comments"
MARKER="$(head -n 1 "$file")"
export MARKER
[ -n "$MARKER" ] || { echo "$file is empty: the summary failed" >&2; exit 1; }
filter='.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id'
id="$(gh api --paginate "$comments" --jq "$filter" | head -n 1)"
if [ -n "$id" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" --field "body=@$file"
else
  gh api --silent --method POST "$comments" --field "body=@$file"
fi
