#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Live runs on this machine: each must meet its scenario's [expect], and is set beside its simulation,
# from which it must not be further apart than the gate allows (docs/formats/fidelity.md).
# `./dev e2e-local` builds what is needed, then calls it.
# Usage: e2e.sh BIN_DIR [SCENARIO…]     without names: those of 14 minutes together
set -euo pipefail

(($#)) || {
  sed -n '3,6s/^# //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
bin=$1
shift
scenarios=("$@")
if ((${#scenarios[@]} == 0)); then
  scenarios=(live-pod-kill live-reconnects live-prometheus-outage live-original live-flash-crowd)
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
  if ! "$bin/wsfleet" fidelity "$directory" --gate; then
    echo "e2e-local: $scenario is too far from its simulation; see $directory" >&2
    failed=1
  fi
done
if ((failed)); then
  echo "e2e-local: failed" >&2
  exit 1
fi
echo "e2e-local: all expectations were met, and each run is its simulation's equal"
