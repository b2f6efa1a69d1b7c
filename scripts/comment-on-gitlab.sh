#!/usr/bin/env bash
# Creates a note on the merge request of a GitLab job from a file, or edits the one with the same first line.
# Requires curl, jq and GITLAB_TOKEN, a project access token with the scope `api`.
set -euo pipefail
file="$1"
notes="${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}/merge_requests/${CI_MERGE_REQUEST_IID:?}/notes"
MARKER="$(head -n 1 "$file")"
export MARKER
[ -n "$MARKER" ] || { echo "$file is empty: the summary failed" >&2; exit 1; }

# The token is not an argument, because all users of a machine can read those.
request() {
  printf 'header = "PRIVATE-TOKEN: %s"\n' "${GITLAB_TOKEN:?}" | curl --silent --show-error --fail --config - "$@"
}

filter='map(select(.body | startswith(env.MARKER))) | first | .id // empty'
id="$(request "$notes?per_page=100&sort=asc" | jq --raw-output "$filter")"
if [ -n "$id" ]; then
  request --output /dev/null --request PUT --data-urlencode "body@$file" "$notes/$id"
else
  request --output /dev/null --request POST --data-urlencode "body@$file" "$notes"
fi
