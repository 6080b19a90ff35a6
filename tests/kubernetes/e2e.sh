#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Experiments on a real cluster, which it starts and removes: scenarios under load, disturbances from
# outside (the scaler's leader deleted, the API server killed for 30 s), and what must be true of
# them afterwards. `./dev e2e-kubernetes` installs and builds what is needed, then calls it.
# Usage: e2e.sh BIN_DIR RESULTS_DIR [PART…]     parts: rbac flash-crowd original disturbed
# Results and the audit log stay in RESULTS_DIR. Exit status 1 when anything was not as it must be.
# shellcheck disable=SC2016  # jq expands its variables
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
namespace=wsfleet
scaler=websocket-scaler
failures=0

main() {
  (($# >= 2)) || {
    sed -n '3,9s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 2
  }
  bin=$(realpath "$1") results=$(realpath -m "$2")
  shift 2
  local parts=("$@") part
  if ((${#parts[@]} == 0)); then parts=(rbac flash-crowd original disturbed); fi
  mkdir -p "$results"
  state=$(mktemp -d)/cluster
  trap 'stop_cluster' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  start_cluster
  deploy
  for part in "${parts[@]}"; do
    case $part in
      rbac) rbac ;;
      flash-crowd) flash_crowd ;;
      original) original ;;
      disturbed) disturbed ;;
      *)
        echo "e2e.sh: there is no part '$part'" >&2
        exit 2
        ;;
    esac
  done
  nothing_left
  only_the_leader_scales
  if ((failures)); then
    echo "e2e-kubernetes: $failures checks failed; see $results" >&2
    exit 1
  fi
  step "All checks were passed; results are in $results"
}

# --- The cluster -----------------------------------------------------------------------------------

start_cluster() {
  step "Starting a cluster"
  "$here/build.sh"
  "$here/cluster.sh" up "$state"
}

stop_cluster() {
  if [[ -n ${state:-} ]]; then
    cp "$state/audit.log" "$results/audit.log" 2>/dev/null || true
    mkdir -p "$results/cluster-logs"
    cp "$state"/log/* "$results/cluster-logs/" 2>/dev/null || true
    "$here/cluster.sh" down "$state"
    rm -rf -- "${state%/cluster}"
  fi
}

deploy() {
  step "Packing images and deploying"
  "$root/cluster/kubernetes/images/images.sh" "$bin" "${state%/cluster}/images"
  "$here/cluster.sh" load "$state" "${state%/cluster}"/images/*.tar
  k kustomize "$root/cluster/kubernetes/manifests/test" >"$results/manifests.yaml"
  k create namespace $namespace
  k apply -f "$results/manifests.yaml" >"$results/apply.log"
  wait_for 120 "the Redis pod" k -n $namespace rollout status statefulset/redis --timeout=2m
  local name
  for name in ingress prometheus $scaler; do
    wait_for 120 "$name" k -n $namespace rollout status "deployment/$name" --timeout=2m
  done
  wait_for 120 "the servers" servers_are_ready
  k -n $namespace get pods -o wide | tee "$results/deployed.txt"
}

servers_are_ready() {
  [[ $(k -n $namespace get statefulset websocket -o 'jsonpath={.status.readyReplicas}') -ge 1 ]]
}

k() { "$here/cluster.sh" exec "$state" kubectl "$@"; }

# --- Parts -----------------------------------------------------------------------------------------

# The scaler's own token, used from outside: what it may, and what it may not.
rbac() {
  step "What the scaler's token may do"
  local secret token
  secret=$(k -n $namespace get serviceaccount $scaler -o 'jsonpath={.secrets[0].name}')
  token=$(k -n $namespace get secret "$secret" -o 'jsonpath={.data.token}' | base64 -d)
  as_scaler() {
    k --kubeconfig /dev/null --server https://127.0.0.1:6443 \
      --certificate-authority "$state/pki/ca.crt" --token "$token" -n $namespace "$@"
  }
  check "reads pods" as_scaler get pods
  check "reads the scale" as_scaler get --raw \
    "/apis/apps/v1/namespaces/$namespace/statefulsets/websocket/scale"
  check_not "reads no Secrets" as_scaler get secrets
  check_not "reads not even the Secret that it has mounted" as_scaler get secret websocket-admin
  check_not "reads no pods elsewhere" as_scaler -n kube-system get pods
  check_not "deletes no pods" as_scaler delete pod websocket-0
  check_not "changes no StatefulSet but its scale" as_scaler patch statefulset websocket \
    -p '{"spec": {"revisionHistoryLimit": 3}}'
}

# Up under load from one pod to six, and down again with drains; clients in the cluster.
flash_crowd() {
  local out=$results/flash-crowd
  start_run live-flash-crowd "$out" --load-pods 2 --url "$(ingress_url)"
  finish_run "$out"
  replays "$out" live-flash-crowd hpa
  check "scaled up to at least 5 pods and down again" jq -e '
    .scores.ready_replicas_max >= 5 and .scores.scale_downs >= 1' "$out.json"
  check "sockets were moved, none was cut" jq -e '
    .scores.connections_moved_by_scaling > 0 and .scores.connections_cut_by_scaling == 0' "$out.json"
  check "two load generators, whose figures add up" merged_is_the_sum "$out"
  closes_by_clients "$out"
  beside_its_simulation "$out"
}

# The original's rule, by its own numbers; meanwhile the API server is away for 30 s.
original() {
  local out=$results/original
  start_run live-original "$out" --url "$(ingress_url)"
  wait_run_time 150
  step "Killing the API server for 30 s at $(run_time) s of the run"
  "$here/cluster.sh" api-stop "$state"
  sleep 30
  step "Starting it again at $(run_time) s"
  "$here/cluster.sh" api-start "$state"
  finish_run "$out"
  replays "$out" live-original original
  check "nothing was decided while the API was away, then it went on" jq -se '
    [.[].time_s] as $t | ($t | map(select(. > 160 and . < 175)) | length) == 0
      and ($t | max) >= 195' "$out/decisions.ndjson"
  beside_its_simulation "$out"
  timeline "$out" 145 210
}

# A pod killed, Prometheus away, and the leader of the two scalers lost without a word: its process is
# killed, and its pod deleted before the kubelet can start it again.
disturbed() {
  local out=$results/disturbed leader next begun
  start_run live-disturbed "$out" --url "$(ingress_url)"
  wait_run_time 30
  leader=$(holder)
  step "Killing the leader $leader at $(run_time) s of the run"
  begun=$(date +%s%N)
  kill -KILL "$(process_of "$leader")"
  k -n $namespace delete pod "$leader" --grace-period=0 --force >/dev/null 2>&1
  while next=$(holder) && [[ $next == "$leader" || -z $next ]]; do sleep 0.2; done
  step "$next leads $((($(date +%s%N) - begun) / 1000000)) ms later, at $(run_time) s"
  finish_run "$out"
  check "two leaders decided, one after the other" two_leaders "$out"
  replays "$out" live-disturbed hpa
  check "a pod was killed and another one took its place" jq -se '
    [.[] | select(.kind == "fault" and (.detail | contains("killed")))] | length == 1' \
    "$out/events.ndjson"
  check "without Prometheus nothing was scaled down" jq -se '
    [.[] | select(.metrics == "error")] as $away | ($away | length) > 0
      and ([$away[] | select(.decision.replicas != null and .decision.replicas < .replicas)]
           | length) == 0' "$out/decisions.ndjson"
  # A pod that is deleted without grace hears SIGTERM just before it is killed: of its sockets some are
  # closed by a frame (moved), in simulation all are cut.
  beside_its_simulation "$out" --threshold 'connections_moved_by_scaling_apart<=45'
  timeline "$out" 20 60
}

# --- A run -----------------------------------------------------------------------------------------

# start_run SCENARIO OUT OPTION…: in the background; its pid in $run.
start_run() {
  local scenario=$1 out=$2
  shift 2
  step "$scenario on the cluster"
  "$here/cluster.sh" exec "$state" "$bin/wsfleet" run "$root/scenarios/$scenario.toml" \
    --backend kubernetes --context wsfleet --namespace $namespace \
    --load-image localhost/wsfleet-loadgen:dev -o "$out" --json "$@" \
    >"$out.json" 2>"$out.err" &
  run=$!
}

finish_run() {
  local status=0
  wait "$run" || status=$?
  if ((status)); then cat "$1.err"; fi
  check "the run met its expectations (exit status $status)" test "$status" = 0
  jq -r '.expect[] | "  \(.condition): \(.value)"' "$1.json" || true
  sed 's/^/  /' "$1.err"
}

# Seconds since the run's t = 0, which the scaler was told; negative before it, empty without a run.
run_time() {
  local epoch
  epoch=$(k -n $namespace get configmap $scaler -o 'jsonpath={.data.scaler\.toml}' 2>/dev/null |
    sed -n 's/^epoch = "\(.*\)"$/\1/p')
  if [[ -n $epoch ]]; then echo $(($(date +%s) - $(date -d "$epoch" +%s))); fi
}

wait_run_time() {
  local now
  while kill -0 "$run" 2>/dev/null; do
    now=$(run_time)
    if [[ -n $now ]] && ((now >= $1)); then return 0; fi
    sleep 0.5
  done
}

ingress_url() {
  echo "ws://$(k -n $namespace get service ingress -o 'jsonpath={.spec.clusterIP}')/ws/"
}

# The process of a scaler's pod, as this machine sees it.
process_of() {
  local pid
  for pid in $(pgrep -x wsfleet-scaler); do
    if tr '\0' '\n' <"/proc/$pid/environ" | grep -qx "POD_NAME=$1"; then echo "$pid"; fi
  done
}

holder() {
  k -n $namespace get lease $scaler -o 'jsonpath={.spec.holderIdentity}' 2>/dev/null || true
}

# --- What must be true of a run --------------------------------------------------------------------

# The recorded observations, decisions stripped, decided again by the same policy.
replays() {
  jq -c 'del(.decision)' "$1/decisions.ndjson" |
    "$bin/wsfleet" decide --policy "$3" --scenario "$root/scenarios/$2.toml" |
    jq -Sc . >"$1.replayed"
  jq -Sc '.decision' "$1/decisions.ndjson" >"$1.decided"
  check "$(wc -l <"$1.decided") decisions, and decide replays them to the byte" \
    cmp "$1.decided" "$1.replayed"
}

merged_is_the_sum() {
  local sum
  sum=$(jq -s 'map(.sessions.started) | add' "$1"/logs/clients-*.json)
  [[ $(jq -s length "$1"/logs/clients-*.json) == 2 ]] &&
    [[ $(jq '.figures.sessions_begun' "$1/run.json") == "$sum" ]] &&
    "$bin/wsfleet-loadgen" merge "$1"/logs/clients-*.json --json - >"$1.merged" &&
    jq -se '(.[:-1] | map(.attempts.opened) | add) == .[-1].attempts.opened
      and (.[:-1] | map([.histograms.time_to_connect.counts[][1]] | add) | add)
        == ([.[-1].histograms.time_to_connect.counts[][1]] | add)' \
      "$1"/logs/clients-*.json "$1.merged" >/dev/null
}

closes_by_clients() {
  echo "  closes, as the clients counted them:"
  jq -c '.connections.closed | with_entries(select(.value > 0))' "$1.merged" | sed 's/^/    /'
}

# As far as the gate allows, and no further (docs/formats/fidelity.md).
# beside_its_simulation RESULTS [option…]
beside_its_simulation() {
  local status=0
  "$bin/wsfleet" fidelity "$@" --gate >"$1.fidelity" 2>&1 || status=$?
  sed 's/^/  /' "$1.fidelity"
  check "it is its simulation's equal (exit status $status)" test "$status" = 0
}

two_leaders() {
  [[ $(cat "$1"/logs/$scaler-*.log | grep '"decision"' | jq -r .leader | uniq | wc -l) == 2 ]]
}

timeline() {
  echo "  time, replicas, metrics, decision, from second $2 to $3:"
  jq -r --argjson from "$2" --argjson to "$3" 'select(.time_s >= $from and .time_s <= $to)
    | "    \(.time_s)  \(.replicas)  \(.metrics)  \(.decision.replicas // "-")  \(.decision.reason)"' \
    "$1/decisions.ndjson"
}

# The namespace is as the manifests made it.
nothing_left() {
  step "What the experiments left"
  check "no Job, no lock" bash -c "! $(printf '%q ' "$here/cluster.sh" exec "$state") kubectl \
    -n $namespace get job/websocket-loadgen configmap/wsfleet-experiment 2>/dev/null | grep -q ."
  k -n $namespace get pods
  check "the manifests change nothing but replicas" as_deployed
}

as_deployed() {
  local status=0
  k diff -f "$results/manifests.yaml" >"$results/diff.txt" 2>&1 || status=$?
  ((status <= 1)) && ! grep -E '^[+-] ' "$results/diff.txt" |
    grep -vE 'generation:|replicas:|^[+-]{3} ' | grep -q .
}

# Who changed the scale, by the API server's own record.
only_the_leader_scales() {
  step "Who changed the scale, in the API server's audit log"
  local writers=$results/scale-writers.txt
  jq -r 'select(.objectRef.subresource == "scale" and (.verb == "patch" or .verb == "update")
      and .stage == "ResponseComplete")
    | "\(.user.username) \(.userAgent) \(.responseStatus.code)"' "$state/audit.log" |
    sort | uniq -c | tee "$writers"
  check "only the scaler's ServiceAccount" bash -c \
    "! grep -v 'system:serviceaccount:$namespace:$scaler ' '$writers' | grep -q ."
}

# --- Small tools -----------------------------------------------------------------------------------

step() { printf '==> %s  %s\n' "$(date +%H:%M:%S)" "$*"; }

check() {
  local what=$1
  shift
  if "$@" >"$results/last-check.txt" 2>&1; then
    echo "  ok      $what"
  else
    echo "  FAILED  $what"
    sed 's/^/          /' "$results/last-check.txt" | head -20
    failures=$((failures + 1))
  fi
}

# For what must be denied: 403, not any other failure.
check_not() {
  local what=$1
  shift
  if "$@" >"$results/last-check.txt" 2>&1 || ! grep -qi forbidden "$results/last-check.txt"; then
    echo "  FAILED  $what"
    failures=$((failures + 1))
  else
    echo "  ok      $what"
  fi
}

wait_for() {
  local seconds=$1 what=$2 i
  shift 2
  for ((i = 0; i < seconds; i++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 1
  done
  echo "e2e.sh: $what: not ready within $seconds s" >&2
  k -n $namespace get pods -o wide >&2 || true
  k -n $namespace get events --sort-by=.lastTimestamp 2>/dev/null | tail -20 >&2 || true
  exit 1
}

main "$@"
