#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The ways to a container image, as far as they can be checked without a builder: what pack.sh packs
# is whole, without root and always the same; what the Dockerfiles name exists, and has every library.
# Usage: images_test.sh SOURCE_DIR BIN_DIR. Prints each expectation that failed and exits 1 then.
# shellcheck disable=SC2013  # words are what is meant
set -uo pipefail

source_dir=$1 bin=$2
images=$source_dir/cluster/kubernetes/images
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
failures=0

main() {
  packs_the_same_twice
  packs_all_libraries
  refuses_what_is_not_there
  local name
  for name in server scaler loadgen; do checks_dockerfile "$images/Dockerfile.$name"; done
  exit $((failures > 0))
}

wrong() {
  failures=$((failures + 1))
  printf '%s: %s\n' "${FUNCNAME[1]}" "$1"
}

packs_the_same_twice() {
  "$images/images.sh" "$bin" "$scratch" wsfleet-server >/dev/null || wrong "images.sh failed"
  mv "$scratch/wsfleet-server.tar" "$scratch/first.tar"
  (umask 077 && "$images/images.sh" "$bin" "$scratch" wsfleet-server >/dev/null)
  cmp "$scratch/first.tar" "$scratch/wsfleet-server.tar" || wrong "the bytes differ"
  local config
  config=$(tar -xOf "$scratch/first.tar" --wildcards './*.json' --exclude ./manifest.json)
  [[ $config == *'"User":"65532:65532"'* ]] || wrong "it does not run as 65532: $config"
  [[ $config == *'"Entrypoint":["/usr/local/bin/wsfleet-server"]'* ]] || wrong "entrypoint: $config"
  tar -xOf "$scratch/first.tar" ./manifest.json |
    grep -qF '"RepoTags":["localhost/wsfleet-server:dev"]' || wrong "its name is another one"
}

# The packed loader looks for the libraries in the image alone.
packs_all_libraries() {
  local root=$scratch/root loader list
  mkdir "$root"
  tar -xOf "$scratch/first.tar" --wildcards '*/layer.tar' | tar -x -C "$root"
  loader=$(find "$root/usr/lib64" "$root/usr/lib" -name 'ld-linux-*' | head -n 1)
  [[ -x $loader ]] || wrong "there is no loader"
  list=$("$loader" --inhibit-cache --library-path "$(dirname "$(find "$root/usr/lib" -name libc.so.6)")" \
    --list "$root/usr/local/bin/wsfleet-server") || wrong "the loader refuses the program"
  if grep -F '=> /' <<<"$list" | grep -vqF "=> $root/"; then wrong "libraries are missing: $list"; fi
  grep -q '^wsfleet:x:65532:' "$root/etc/passwd" || wrong "the user has no name"
}

refuses_what_is_not_there() {
  "$images/pack.sh" localhost/x:dev "$scratch/x.tar" "$scratch/none" 2>/dev/null && wrong "packed nothing"
  [[ -e $scratch/x.tar ]] && wrong "left an image of nothing"
  "$images/images.sh" "$bin" "$scratch" no-such-image 2>/dev/null && wrong "made an unknown image"
}

checks_dockerfile() {
  local file=$1 program package library owner
  grep -q '^USER 65532' "$file" || wrong "$file runs as root"
  for package in $(sed -n 's/^COPY \([^-].*\) [^ ]*$/\1/p' "$file"); do
    [[ -e $source_dir/$package ]] || wrong "$file copies $package, which is not there"
  done
  for program in $(sed -n 's/.*--target //p' "$file"); do
    [[ -x $bin/$program ]] || wrong "$file builds $program, which is no target"
    grep -q "COPY --from=build /source/build/release/bin/$program " "$file" ||
      wrong "$file leaves $program behind"
    for library in $(ldd "$bin/$program" | grep -oE '/[^ ]+'); do
      # dpkg knows it by its place before or after the merge of /lib and /usr/lib.
      owner=$(dpkg -S "$library" "/usr$library" "$(realpath "$library")" 2>/dev/null |
        head -n 1 | cut -d: -f1)
      case $owner in libc6 | libgcc-s1 | libstdc++6) continue ;; esac  # every image of Debian's has them
      grep -qE "[ ]$owner( |\$)" "$file" || wrong "$program needs $library: $file lacks '$owner'"
    done
  done
  grep -q "ENTRYPOINT \[\"/usr/local/bin/wsfleet-" "$file" || wrong "$file has no entrypoint"
}

main
