#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds Kubernetes 1.20 (control plane, kubelet, kube-proxy) from Debian's own source package, for
# the test cluster of cluster.sh. Debian 12 has the source and kubectl, but no binaries of these.
# Usage: build.sh [OUTPUT_DIR]; `build.sh --is-built [OUTPUT_DIR]` only answers by its status.
# Once: some 11 minutes on two busy cores, 8 GB of disk meanwhile. The output folder appears by a
# rename when all of it is there, so what an interrupted build leaves is never taken for whole.
set -euo pipefail

commands=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
packages=(golang-go dpkg-dev jq rsync make golang-github-modern-go-reflect2-dev)
version=1.20.2

main() {
  local only_ask=no
  if [[ ${1:-} == --is-built ]]; then
    only_ask=yes
    shift
  fi
  out=$(realpath -m "${1:-${XDG_CACHE_HOME:-$HOME/.cache}/wsfleet/kubernetes-$version/bin}")
  if is_built; then
    [[ $only_ask == yes ]] || echo "Kubernetes $version is in $out"
    return 0
  fi
  if [[ $only_ask == yes ]]; then return 1; fi
  check_packages
  mkdir -p "$(dirname "$out")"
  exec {lock}>"$(dirname "$out")/.lock"
  if ! flock -n "$lock"; then
    echo "another build is under way; waiting for it"
    flock "$lock"
  fi
  if is_built; then return 0; fi
  work=$(mktemp -d)
  trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf -- "$work"' EXIT
  fetch_source
  replace_reflect2
  compile "$work/bin"
  install_whole "$work/bin"
  echo "built in $out"
}

is_built() {
  local command
  for command in "${commands[@]}"; do
    [[ -x $out/$command ]] || return 1
  done
}

check_packages() {
  local package missing=()
  for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
      missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then return 0; fi
  echo "build.sh: these Debian packages are missing: ${missing[*]}" >&2
  echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
}

# The deb-src line goes to an apt configuration of its own: the machine's lists stay as they are.
fetch_source() {
  local mirror
  # shellcheck disable=SC2016  # apt's own format
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 /debian || true)
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache"
  printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s bookworm main\n' \
    "${mirror:-http://deb.debian.org/debian}" >"$work/apt/sources.list"
  local apt=(apt-get -q -o "Dir::Etc::SourceList=$work/apt/sources.list"
    -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$work/apt/lists"
    -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
  echo "fetching Debian's source of Kubernetes"
  "${apt[@]}" update >"$work/apt/log" 2>&1 || show_and_fail "$work/apt/log"
  (cd "$work/apt" && "${apt[@]}" source --download-only kubernetes >log 2>&1) ||
    show_and_fail "$work/apt/log"
  (cd "$work/apt" && dpkg-source -x kubernetes_*.dsc "$work/src" >log 2>&1) ||
    show_and_fail "$work/apt/log"
}

# The bundled reflect2 1.0.1 crashes kube-apiserver when built by Go 1.18 or later; Debian's 1.0.2
# does not.
replace_reflect2() {
  local bundled=$work/src/vendor/github.com/modern-go/reflect2
  rm -f "$bundled"/*.go "$bundled"/*.s
  cp /usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$bundled"
}

# compile DIR: in GOPATH mode, as the source wants it; the OpenAPI definitions of the API server are
# generated first.
compile() {
  local bin=$1 command variables=k8s.io/kubernetes/vendor/k8s.io/component-base/version
  export GO111MODULE=off CGO_ENABLED=0 HOME=$work GOCACHE=$work/gocache GOFLAGS=''
  mkdir -p "$bin" "$work/go/src/k8s.io" "$work/src/.go/src/k8s.io"
  ln -s "$work/src" "$work/go/src/k8s.io/kubernetes"
  ln -sfn ../../.. "$work/src/.go/src/k8s.io/kubernetes"
  echo "generating code"
  (cd "$work/src" && GOPATH=$work/src/.go make generated_files >"$work/generate.log" 2>&1) ||
    show_and_fail "$work/generate.log"
  cd "$work/go/src/k8s.io/kubernetes"
  for command in "${commands[@]}"; do
    echo "building $command"
    GOPATH=$work/go go build -trimpath -o "$bin/$command" -ldflags \
      "-s -w -X $variables.gitVersion=v$version -X $variables.gitMajor=1 -X $variables.gitMinor=20" \
      "k8s.io/kubernetes/cmd/$command"
  done
  cd /
}

# install_whole DIR: copied beside its place (the cache may be another file system), then renamed.
install_whole() {
  local beside
  beside=$(mktemp -d "$(dirname "$out")/.new-XXXXXX")
  cp "$1"/* "$beside"
  chmod 755 "$beside"
  rm -rf -- "$out"
  mv -T "$beside" "$out"
}

show_and_fail() {
  tail -n 20 "$1" >&2
  exit 1
}

main "$@"
