#!/usr/bin/env bash
# The binary is one file: it links to nothing, serves from an empty root, and finds a host by its name there.
#
#   static.sh BINARY        (root: chroot, and port 53 of a loopback address)
set -euo pipefail
binary=$1
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "static.sh needs root for chroot" >&2; exit 4; }

said=$(ldd "$binary" 2>&1 || true)
case "$said" in
  *"statically linked"* | *"not a dynamic executable"*) echo "ok: links to nothing" ;;
  *) printf '%s is not static:\n%s\n' "$binary" "$said" >&2; exit 1 ;;
esac

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cp "$binary" "$root/balcao"
node "$here/static.mjs" "$root"
