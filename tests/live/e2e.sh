#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Live runs on this machine: each must meet its scenario's [expect], and is set beside its simulation,
# which must have had the same sessions. `./dev e2e-local` builds what is needed, then calls it.
# Usage: e2e.sh BIN_DIR [SCENARIO…]     without names: those of 12 minutes together
set -euo pipefail

(($#)) || {
  sed -n '3,5s/^# //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
bin=$1
shift
scenarios=("$@")
if ((${#scenarios[@]} == 0)); then
  scenarios=(live-pod-kill live-prometheus-outage live-original live-flash-crowd)
fi

step() { printf '==> %s\n' "$*"; }

# A directory that does not exist yet: NAME-1, NAME-2, …
fresh_directory() {
  local n=1
  while [[ -e $1-$n ]]; do n=$((n + 1)); done
  echo "$1-$n"
}

failed=0
for scenario in "${scenarios[@]}"; do
  directory=$(fresh_directory "runs/e2e-$scenario")
  step "$scenario, for real"
  if ! "$bin/wsfleet" run "$scenario" --backend local -o "$directory"; then
    echo "e2e-local: $scenario failed; see $directory" >&2
    failed=1
    continue
  fi
  step "$scenario beside its simulation"
  "$bin/wsfleet" fidelity "$directory" --threshold 'session_digest_same==1' || failed=1
done
if ((failed)); then
  echo "e2e-local: failed" >&2
  exit 1
fi
echo "e2e-local: all expectations were met"
