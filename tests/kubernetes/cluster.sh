#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A one-node Kubernetes 1.20 that runs real pods, for tests: `cluster.sh up DIR`, `down DIR`, …
# Everything runs in namespaces of its own (processes, mounts, network), below one process: when that
# goes, the kernel ends all of it, however the rest was left. Outside of them there are only DIR
# and a cgroup, which `down` removes. Needs root, the packages of the group `kubernetes` in
# cmake/debian-packages.txt, and the binaries of build.sh. One cluster at a time per machine.
# shellcheck disable=SC2016  # what `inside bash -c` runs expands its text there
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/kubernetes/cluster_files.sh
source "$here/cluster_files.sh"
# shellcheck source=tests/kubernetes/cluster_parts.sh
source "$here/cluster_parts.sh"

bin=${WSFLEET_KUBERNETES_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/wsfleet/kubernetes-1.20.2/bin}

main() {
  local verb=${1:-help}
  if [[ $verb == help || $verb == -h || $verb == --help ]]; then
    usage
    return 0
  fi
  if (($# < 2)); then
    usage >&2
    exit 2
  fi
  state=$(realpath -m "$2")
  name=wsfleet-$(printf '%s' "$state" | sha256sum | cut -c 1-8)  # of the cgroup and the pods' network
  shift 2
  case $verb in
    up) up ;;
    down) down ;;
    load) load "$@" ;;
    exec) exec_command "$@" ;;
    api-stop) api_stop ;;
    api-start) api_start ;;
    *)
      printf "cluster.sh: unknown verb '%s'\n\n" "$verb" >&2
      usage >&2
      exit 2
      ;;
  esac
}

usage() {
  cat <<'TEXT'
Usage: cluster.sh VERB STATE_DIR [arguments]

  up STATE_DIR                 starts the cluster; STATE_DIR/admin.kubeconfig is its administrator's
  load STATE_DIR IMAGE.tar…    gives container images to the node
  exec STATE_DIR COMMAND…      runs a command that reaches the API server and the pods (it shares the
                               cluster's network only), with KUBECONFIG set
  api-stop STATE_DIR           kills the API server
  api-start STATE_DIR          starts it again, with the same arguments
  down STATE_DIR               ends it all and removes STATE_DIR, also what a failed start left

STATE_DIR/log has the logs of the parts, STATE_DIR/audit.log the API server's audit log (writes of
stateful sets, scales, leases and pods; reads of secrets), one JSON object a line. In the cluster the
node has the address 198.18.0.1, pods have 198.18.1.0/24, Services 198.19.0.0/16: a range that no
network routes (RFC 2544). WSFLEET_KUBERNETES_BIN says where the binaries of build.sh are.
TEXT
}

# --- Verbs -----------------------------------------------------------------------------------------

up() {
  check_machine
  if [[ -e $state/holder ]] && holder_lives; then
    fail "there is a cluster in $state already"
  fi
  down
  mkdir -p "$state"
  : >"$state/wsfleet-test-cluster"  # `down` removes only a directory with this file in it
  trap 'status=$?; trap - EXIT; report_failure; down; exit $((status ? status : 1))' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  make_directories
  hold_namespaces
  make_network
  make_cgroup
  write_files
  start_parts
  trap - EXIT INT TERM
  in_network kubectl --kubeconfig "$state/admin.kubeconfig" get nodes
}

down() {
  end_holder
  remove_cgroup
  if [[ ! -e $state ]]; then return 0; fi
  if [[ ! -e $state/wsfleet-test-cluster ]]; then
    # An empty directory that the caller made is fine; anything else is not this script's.
    if [[ -z $(ls -A "$state") ]]; then return 0; fi
    fail "$state is not a test cluster's directory; nothing was removed"
  fi
  # The mark goes last, so that an interrupted removal can be taken up again.
  find "$state" -mindepth 1 -maxdepth 1 ! -name wsfleet-test-cluster \
    -exec rm -rf --one-file-system -- {} +
  rm -rf -- "$state"
}

load() {
  require_cluster
  local image
  for image in "$@"; do
    ctr -a "$state/containerd.sock" -n k8s.io images import "$image" >>"$state/log/load.log" 2>&1 ||
      fail "$image can't be loaded: $(tail -n 3 "$state/log/load.log")"
  done
}

exec_command() {
  require_cluster
  export KUBECONFIG=$state/admin.kubeconfig  # never a cluster of the user's
  exec nsenter "--net=/proc/$(holder)/ns/net" -- "$@"
}

api_stop() {
  require_cluster
  inside bash -c 'kill -KILL "$1" 2>/dev/null; while kill -0 "$1" 2>/dev/null; do sleep 0.1; done' \
    bash "$(<"$state/pid/apiserver")"
}

api_start() {
  require_cluster
  start_apiserver
  wait_for_apiserver
}

# --- The process that holds the namespaces ---------------------------------------------------------

# `unshare` stays outside of the process namespace, whose pid 1 is pause.c and dies with it.
hold_namespaces() {
  gcc -static -O2 -Wall -o "$state/pause" "$here/pause.c"
  setsid unshare --fork --kill-child --pid --mount --net --mount-proc "$state/pause" \
    </dev/null >"$state/log/holder.log" 2>&1 &
  local pid=$!
  echo "$pid $(started_at "$pid")" >"$state/holder"
  wait_until 30 "the namespaces" inside true
  # What runs inside writes to these; the machine's own stay untouched.
  inside bash -c '
    for directory in /run /var/log /var/lib; do mount -t tmpfs -o mode=755 none "$directory"; done'
}

holder() { cut -d' ' -f1 "$state/holder"; }

# Field 22 of stat, behind the name in parentheses: with it a pid means one process only.
started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

holder_lives() {
  local pid start
  read -r pid start <"$state/holder" || return 1
  [[ -n $start && $(started_at "$pid") == "$start" ]]
}

end_holder() {
  if [[ ! -e $state/holder ]] || ! holder_lives; then return 0; fi
  local pid
  pid=$(holder)
  kill -KILL "$pid" 2>/dev/null || true
  local _
  for _ in $(seq 300); do
    if ! holder_lives || [[ $(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null) == Z* ]]; then return 0; fi
    sleep 0.1
  done
  fail "process $pid does not end"
}

require_cluster() {
  if [[ -e $state/holder ]] && holder_lives; then return 0; fi
  fail "there is no cluster in $state"
}

# inside COMMAND…: in all of the cluster's namespaces.
inside() {
  local proc
  proc=/proc/$(holder)/ns
  nsenter "--mount=$proc/mnt" "--net=$proc/net" "--pid=$proc/pid_for_children" -- "$@"
}

# in_network COMMAND…: with the cluster's network and the machine's files.
in_network() { nsenter "--net=/proc/$(holder)/ns/net" -- "$@"; }

# --- Cgroup ----------------------------------------------------------------------------------------

cgroup_roots() {
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    echo /sys/fs/cgroup
    return
  fi
  local root
  for root in /sys/fs/cgroup/*/; do
    if [[ -w $root/cgroup.procs || -w $root/tasks ]] && [[ ! -L ${root%/} ]]; then echo "${root%/}"; fi
  done
}

# The kubelet puts its pods below this one, so that what is left of them can be found.
make_cgroup() {
  local root file
  while read -r root; do
    mkdir -p "$root/$name"
    if [[ -e $root/cgroup.controllers ]]; then
      for file in "$root" "$root/$name"; do
        sed 's/[^ ]*/+&/g' "$file/cgroup.controllers" >"$file/cgroup.subtree_control" || true
      done
    fi
    for file in cpuset.cpus cpuset.mems; do  # version 1: a new one is empty and takes nobody in
      if [[ -s $root/$file && -e $root/$name/$file ]]; then cat "$root/$file" >"$root/$name/$file"; fi
    done
  done < <(cgroup_roots)
}

# Its processes were in the process namespace, which is gone: the kernel only needs a moment.
remove_cgroup() {
  local root _
  while read -r root; do
    for _ in $(seq 100); do
      [[ -d $root/$name ]] || break
      find "$root/$name" -depth -type d -exec rmdir -- {} + 2>/dev/null && break
      sleep 0.1
    done
    if [[ -d $root/$name ]]; then echo "cluster.sh: $root/$name can't be removed" >&2; fi
  done < <(cgroup_roots)
}

# --- Small tools -----------------------------------------------------------------------------------

check_machine() {
  local tool
  [[ $(id -u) == 0 ]] || fail "root is needed: namespaces, mounts, cgroups"
  for tool in etcd containerd runc iptables conntrack openssl gcc kubectl ip nsenter unshare; do
    command -v "$tool" >/dev/null || fail "$tool is missing (cmake/debian-packages.txt)"
  done
  [[ -x /usr/lib/cni/bridge ]] || fail "/usr/lib/cni/bridge is missing (containernetworking-plugins)"
  "$here/build.sh" --is-built "$bin" || fail "$bin has no Kubernetes; run $here/build.sh"
  case $state/ in
    /run/* | /var/run/* | /var/log/* | /var/lib/*) fail "$state can't be in /run, /var/log or /var/lib" ;;
  esac
  # Sockets' names are limited to 107 bytes.
  ((${#state} <= 80)) || fail "the name $state is too long"
}

# wait_until SECONDS WHAT COMMAND…
wait_until() {
  local seconds=$1 what=$2
  shift 2
  local end=$((SECONDS + seconds))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      echo "cluster.sh: $what: not there within $seconds s" >&2
      return 1
    fi
    sleep 0.2
  done
}

report_failure() {
  echo "cluster.sh: the cluster did not come up; its logs end with" >&2
  tail -n 5 "$state"/log/*.log >&2 2>/dev/null || true
}

fail() {
  echo "cluster.sh: $*" >&2
  exit 1
}

main "$@"
