#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows that the gate sees a rule that holds in one world only: in a copy of the sources the real
# clients wait twice as long before they come back. live-reconnects is run with the right load
# generators, which must pass `wsfleet fidelity --gate`, and with those, which must not. Some eight
# minutes with the build.
# Usage: broken_rule.sh BIN_DIR     of a build with wsfleet, wsfleet-server and wsfleet-loadgen
set -euo pipefail

(($# == 1)) || {
  sed -n '3,7s/^# //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT

step() { printf '==> %s\n' "$*"; }

# Where a real client is put aside until its next attempt; a simulated one never gets there.
right='push(step.at, TimerKind::attempt'
wrong='push(now + 2 * (step.at - now), TimerKind::attempt'

copy_sources() {
  mkdir "$scratch/source"
  (cd "$root" && git ls-files -z --cached --others --exclude-standard |
    tar --null --files-from - --ignore-failed-read -cf -) | tar -xf - -C "$scratch/source"
  ln -s "$root/results/report/node_modules" "$scratch/source/results/report/node_modules"
  local file
  file=$(grep -rlF "$right" "$scratch/source/loadgen" || true)
  if [[ $(wc -w <<<"$file") != 1 ]]; then
    echo "broken_rule.sh: '$right' is not in one file of loadgen/; say where clients wait now" >&2
    exit 1
  fi
  sed -i "s/${right//./\\.}/$wrong/" "$file"
}

build_wrong_clients() {
  step "Building load generators whose clients wait twice as long"
  (
    cd "$scratch/source"
    cmake --preset release
    cmake --build build/release --target wsfleet-loadgen
  ) >"$scratch/build.log" 2>&1 || {
    tail -n 40 "$scratch/build.log" >&2
    exit 1
  }
  mkdir "$scratch/right" "$scratch/wrong"
  cp "$bin"/wsfleet "$bin"/wsfleet-server "$bin"/wsfleet-loadgen "$scratch/right"
  cp "$bin"/wsfleet "$bin"/wsfleet-server "$scratch/source/build/release/bin/wsfleet-loadgen" \
    "$scratch/wrong"
}

# gate_of NAME: the gate's exit status after a run with the programs in $scratch/NAME.
gate_of() {
  step "live-reconnects with the $1 clients"
  local wsfleet=$scratch/$1/wsfleet status=0
  "$wsfleet" run "$root/scenarios/live-reconnects.toml" --backend local -o "$scratch/result-$1" \
    >/dev/null || status=$?
  if ((status != 0 && status != 99)); then exit 1; fi # what it expects is not the question
  status=0
  "$wsfleet" fidelity "$scratch/result-$1" --gate >"$scratch/$1.txt" 2>/dev/null || status=$?
  sed -n '/mean absolute/,$p' "$scratch/$1.txt"
  gate=$status
}

copy_sources
build_wrong_clients
gate_of right
if ((gate != 0)); then
  echo "broken_rule.sh: the gate must pass clients that keep the rule (exit status $gate)" >&2
  exit 1
fi
gate_of wrong
if ((gate != 99)); then
  echo "broken_rule.sh: the gate must fail clients that break the rule (exit status $gate)" >&2
  exit 1
fi
step "The gate passed the right clients and failed the wrong ones"
