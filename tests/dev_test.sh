#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ./dev's handling of packages on a made-up machine: dpkg-query, apt-get, id and sudo are small
# scripts that answer from files and write down what they were asked to do. Nothing is installed.
# Usage: dev_test.sh SOURCE_DIR. Prints each expectation that failed and exits 1 then.
# shellcheck disable=SC2016,SC2317  # the made-up tools expand their text later; expect calls the rest
set -uo pipefail

source_dir=$1
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
failures=0

main() {
  needs_nothing_when_all_is_there
  installs_what_is_missing_as_root
  installs_through_sudo
  prints_the_command_without_root
  prints_the_command_on_another_system
  removes_the_conflicting_boost_as_root
  leaves_the_conflicting_boost_to_others
  shows_the_log_of_a_failure
  takes_foreign_node_for_npm
  makes_patterns_match_any_case
  exit $((failures > 0))
}

# machine UID INSTALLED…: a fresh machine; `npm` and `node` are commands only if asked for later.
machine() {
  rm -rf -- "${scratch:?}"/*
  mkdir -p "$scratch/bin"
  printf '%s\n' "${@:2}" >"$scratch/installed"
  printf 'ID=debian\nVERSION_ID="12"\n' >"$scratch/os-release"
  : >"$scratch/calls"
  local tool
  for tool in bash awk cat env dirname grep mkdir nproc tail tr; do
    ln -s "$(command -v "$tool")" "$scratch/bin/$tool"
  done
  fake id "echo $1"
  fake dpkg-query '
    installed=" $(<"$scratch/installed") "
    for package in "${@:4}"; do
      if [[ $installed == *[[:space:]]"$package"[[:space:]]* ]]; then echo " $package installed "; fi
    done'
  fake apt-get 'echo "apt-get $*" >>"$scratch/calls"'
}

fake() {
  printf '#!/usr/bin/env bash\nscratch=%q\n%s\n' "$scratch" "$2" >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# in_dev COMMANDS: runs them with dev's functions; output and status are left in variables.
in_dev() {
  output=$(PATH=$scratch/bin bash -c '
    source "$1/dev"; logs=$2/logs; os_release=$2/os-release; eval "$3"' \
    bash "$source_dir" "$scratch" "$1" </dev/null 2>&1)
  status=$?
}

all_packages() { awk '!/^#/ { print $2 }' "$source_dir/cmake/debian-packages.txt"; }
all_but() { all_packages | grep -vxF -- "$1"; }

expect() {
  local what=$1
  shift
  if "$@"; then return; fi
  failures=$((failures + 1))
  printf '%s: expected: %s\n  status %s, output:\n%s\n  calls:\n%s\n' \
    "${FUNCNAME[1]}" "$what" "$status" "$output" "$(cat "$scratch/calls")"
}
has() { [[ $output == *"$1"* ]]; }
called() { grep -qF -- "$1" "$scratch/calls"; }
called_nothing() { [[ ! -s $scratch/calls ]]; }
status_is() { [[ $status == "$1" ]]; }

check='ensure_packages build report lint'

needs_nothing_when_all_is_there() {
  mapfile -t packages < <(all_packages)
  machine 0 "${packages[@]}"
  in_dev "$check"
  expect "status 0" status_is 0
  expect "no call" called_nothing
}

installs_what_is_missing_as_root() {
  mapfile -t packages < <(all_but libsimgrid-dev)
  machine 0 "${packages[@]}"
  in_dev "$check"
  expect "status 0" status_is 0
  expect "says so" has "==> Installing 1 Debian packages"
  expect "lists first" called "apt-get update"
  expect "installs it" called "apt-get install -y --no-install-recommends libsimgrid-dev"
}

installs_through_sudo() {
  mapfile -t packages < <(all_but mold)
  machine 1000 "${packages[@]}"
  fake sudo 'echo "sudo $*" >>"$scratch/calls"'
  in_dev "$check"
  expect "status 0" status_is 0
  expect "installs it" called "apt-get install -y --no-install-recommends mold"
  expect "never asks without a terminal" called "sudo -n"
}

prints_the_command_without_root() {
  mapfile -t packages < <(all_but mold)
  machine 1000 "${packages[@]}"
  in_dev "$check"
  expect "status 1" status_is 1
  expect "the command" has "apt-get install --no-install-recommends mold"
  expect "no call" called_nothing
}

prints_the_command_on_another_system() {
  mapfile -t packages < <(all_but mold)
  machine 0 "${packages[@]}"
  printf 'ID=debian\nVERSION_ID="11"\n' >"$scratch/os-release"
  in_dev "$check"
  expect "status 1" status_is 1
  expect "no call" called_nothing
  rm "$scratch/bin/dpkg-query"
  in_dev "$check"
  expect "status 1" status_is 1
  expect "the whole list" has "libsimgrid-dev"
}

removes_the_conflicting_boost_as_root() {
  mapfile -t packages < <(all_but libsimgrid-dev)
  machine 0 "${packages[@]}" libboost1.81-dev
  in_dev "$check"
  expect "status 0" status_is 0
  expect "says why" has "libboost1.81-dev is installed. It conflicts with libboost-dev"
  expect "removes it" called "apt-get remove -y libboost1.81-dev"
}

leaves_the_conflicting_boost_to_others() {
  mapfile -t packages < <(all_but libsimgrid-dev)
  machine 1000 "${packages[@]}" libboost1.81-dev
  fake sudo 'echo "sudo $*" >>"$scratch/calls"'
  in_dev "$check"
  expect "status 1" status_is 1
  expect "the command" has "  apt-get remove libboost1.81-dev"
  expect "removes nothing" bash -c "! grep -q remove '$scratch/calls'"
}

shows_the_log_of_a_failure() {
  mapfile -t packages < <(all_but mold)
  machine 0 "${packages[@]}"
  fake apt-get 'echo "E: no network"; exit 100'
  in_dev "$check; echo went on"
  expect "apt-get's status" status_is 100
  expect "its words" has "E: no network"
  expect "stops there" bash -c '[[ $1 != *"went on"* ]]' bash "$output"
}

takes_foreign_node_for_npm() {
  mapfile -t packages < <(all_packages | grep -vxE 'npm|nodejs')
  machine 0 "${packages[@]}"
  fake node ''
  fake npm ''
  in_dev "$check"
  expect "status 0" status_is 0
  expect "no call" called_nothing
}

makes_patterns_match_any_case() {
  machine 0
  in_dev 'any_case hpa; any_case "^Hpa"'
  expect "hpa in any case" has "[hH][pP][aA]"
  expect "a capital is meant" has "^Hpa"
}

main
