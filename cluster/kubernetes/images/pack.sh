#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs programs of this machine with the shared libraries that they need into a container image:
# the way without an image builder. A Dockerfile beside this script makes the same of a user's own.
# Usage: pack.sh [--add PATH]… [--env NAME=VALUE]… NAME:TAG OUT.tar PROGRAM…
#   PROGRAM    comes to /usr/local/bin; the first one is the entrypoint
#   --add      a file, or a folder with all in it, at its own place; libraries that it needs come too
# The image runs as uid 65532, has CA certificates, a passwd file and room for temporary files, no shell.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
user=65532

main() {
  local added=() options=(--user "$user:$user")
  while [[ ${1:-} == --* ]]; do
    case $1 in
      --add) added+=("$2") ;;
      --env) options+=(--env "$2") ;;
      *) fail "unknown option '$1'" ;;
    esac
    shift 2
  done
  (($# >= 3)) || fail "usage: pack.sh [--add PATH]… [--env NAME=VALUE]… NAME:TAG OUT.tar PROGRAM…"
  local name=$1 out=$2
  shift 2
  root=$(mktemp -d)
  trap 'rm -rf -- "$root"' EXIT
  make_root
  local program path
  for program in "$@"; do
    [[ -x $program ]] || fail "$program is no program"
    cp -L "$program" "$root/usr/local/bin/$(basename "$program")"
    add_libraries "$program"
  done
  for path in ${added[@]+"${added[@]}"}; do add "$path"; done
  chmod -R u=rwX,go=rX "$root"
  chmod 1777 "$root/tmp"
  "$here/tar_image.sh" "${options[@]}" --env PATH=/usr/local/bin:/usr/bin "$name" "$root" "$out" \
    "/usr/local/bin/$(basename "$1")"
}

make_root() {
  mkdir -p "$root"/{etc/ssl/certs,tmp,usr/{bin,lib,lib64,local/bin}}
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  printf 'root:x:0:0:root:/:/sbin/nologin\nwsfleet:x:%s:%s:wsfleet:/:/sbin/nologin\n' \
    "$user" "$user" >"$root/etc/passwd"
  printf 'root:x:0:\nwsfleet:x:%s:\n' "$user" >"$root/etc/group"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
  local certificates=/etc/ssl/certs/ca-certificates.crt
  if [[ -r $certificates ]]; then cp -L "$certificates" "$root$certificates"; fi
}

add() {
  [[ $1 == /* && -e $1 ]] || fail "$1 is no absolute path of something that is there"
  mkdir -p "$root$(dirname "$1")"
  cp -rL "$1" "$root$(dirname "$1")"
  local file
  while IFS= read -r file; do add_libraries "$file"; done < <(find -L "$1" -type f)
}

# Where the loader finds them: at the places that ldd says, the loader itself among them.
add_libraries() {
  local found library
  found=$(ldd "$1" 2>/dev/null) || return 0  # a static program has none, nor has a text
  if [[ $found == *'not found'* ]]; then fail "$1 lacks libraries: $found"; fi
  while IFS= read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done < <(grep -oE '/[^ ]+' <<<"$found" | sort -u)
}

fail() {
  echo "pack.sh: $*" >&2
  exit 2
}

main "$@"
