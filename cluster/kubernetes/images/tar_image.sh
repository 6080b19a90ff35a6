#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a container image of one layer from a folder: no builder, no base image, no registry. The
# same folder gives the same bytes, whenever and by whomever.
# Usage: tar_image.sh [--user UID] [--env NAME=VALUE]… NAME:TAG ROOT_DIR OUT.tar ENTRYPOINT…
# Load it with `minikube image load OUT.tar`, `docker load -i OUT.tar`, `ctr images import OUT.tar`.
set -euo pipefail

main() {
  local user='' environment=()
  while [[ ${1:-} == --* ]]; do
    case $1 in
      --user) user=$2 ;;
      --env) environment+=("$2") ;;
      *) fail "unknown option '$1'" ;;
    esac
    shift 2
  done
  (($# >= 4)) || fail "usage: tar_image.sh [--user UID] [--env NAME=VALUE]… NAME:TAG ROOT_DIR OUT.tar ENTRYPOINT…"
  local name=$1 root=$2 out=$3
  shift 3

  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  pack "$root" "$work/layer.tar"
  local layer config
  layer=$(hash_of "$work/layer.tar")
  mkdir -p "$work/image/$layer"
  mv "$work/layer.tar" "$work/image/$layer/layer.tar"
  config=$(printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z",%s,%s}' \
    "$(dpkg --print-architecture)" \
    "\"config\":{\"User\":$(text "$user"),\"Env\":$(list ${environment[@]+"${environment[@]}"}),\"Entrypoint\":$(list "$@")}" \
    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$layer\"]}")
  printf '%s' "$config" >"$work/config"
  local config_file
  config_file=$(hash_of "$work/config").json
  mv "$work/config" "$work/image/$config_file"
  printf '[{"Config":"%s","RepoTags":[%s],"Layers":["%s/layer.tar"]}]' \
    "$config_file" "$(text "$name")" "$layer" >"$work/image/manifest.json"
  chmod -R u=rwX,go=rX "$work/image"  # whatever the caller's umask
  pack "$work/image" "$work/whole.tar"
  mv "$work/whole.tar" "$out"
}

# Owners, times and order of the files don't depend on who packs them; modes come from the folder.
pack() {
  tar -C "$1" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$2" .
}

hash_of() { sha256sum "$1" | cut -d' ' -f1; }

# A JSON string.
text() {
  local escaped=${1//\\/\\\\}
  printf '"%s"' "${escaped//\"/\\\"}"
}

list() {
  local item separator='' items=''
  for item in "$@"; do
    items+=$separator$(text "$item")
    separator=,
  done
  printf '[%s]' "$items"
}

fail() {
  echo "tar_image.sh: $*" >&2
  exit 2
}

main "$@"
