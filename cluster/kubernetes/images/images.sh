#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Packs the container images of the project, and those of the services that its test cluster needs
# (Debian's redis-server, prometheus and nginx), each as OUT_DIR/IMAGE.tar with the name
# localhost/IMAGE:dev. No image builder is needed.
# Usage: images.sh BIN_DIR OUT_DIR [IMAGE…]     BIN_DIR: build/release/bin; without IMAGE: all
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
images=(wsfleet-server wsfleet-scaler wsfleet-loadgen redis prometheus ingress)

main() {
  (($# >= 2)) || fail "usage: images.sh BIN_DIR OUT_DIR [IMAGE…]; images: ${images[*]}"
  bin=$1 out=$2
  shift 2
  mkdir -p "$out"
  local image
  for image in "${@:-${images[@]}}"; do make_image "$image"; done
}

make_image() {
  case $1 in
    wsfleet-server | wsfleet-scaler) pack "$1" "$bin/$1" ;;
    wsfleet-loadgen) pack "$1" "$bin/wsfleet-loadgen-agent" "$bin/wsfleet-loadgen" ;;
    redis) pack "$1" /usr/bin/redis-server /usr/bin/redis-cli ;;
    prometheus) pack "$1" /usr/bin/prometheus ;;
    ingress)
      pack --add /usr/sbin/nginx --add /usr/lib/nginx/modules/ndk_http_module.so \
        --add /usr/lib/nginx/modules/ngx_http_lua_module.so --add /usr/share/lua/5.1/resty \
        --add /usr/share/lua/5.1/ngx "$1" "$bin/wsfleet-endpoints"
      ;;
    *) fail "there is no image '$1'; there are ${images[*]}" ;;
  esac
}

# pack [--add PATH]… IMAGE PROGRAM…
pack() {
  local options=()
  while [[ $1 == --* ]]; do
    options+=("$1" "$2")
    shift 2
  done
  local image=$1
  shift
  "$here/pack.sh" ${options[@]+"${options[@]}"} "localhost/$image:dev" "$out/$image.tar" "$@"
  echo "localhost/$image:dev is in $out/$image.tar"
}

fail() {
  echo "images.sh: $*" >&2
  exit 2
}

main "$@"
