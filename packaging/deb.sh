#!/usr/bin/env bash
# Packs the release binary into target/balcao_VERSION_amd64.deb: binary, systemd unit, settings file, documents.
# Needs dpkg-deb; run `cargo build --release` first. The same commit gives the same bytes.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=target/x86_64-unknown-linux-gnu/release/balcao
[ -x "$binary" ] || { echo "$binary is missing: cargo build --release" >&2; exit 1; }
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
chmod 755 "$root"
doc=$root/usr/share/doc/balcao
install -Dm755 "$binary" "$root/usr/bin/balcao"
install -Dm644 packaging/balcao.service "$root/usr/lib/systemd/system/balcao.service"
install -Dm644 -t "$doc" packaging/INSTALAR.md LICENSE-MIT LICENSE-APACHE
mkdir -p "$root/etc/default" "$root/DEBIAN"

cat >"$root/etc/default/balcao" <<'X'
# Where the office's pages and the portal are served, and how much is logged. See /usr/share/doc/balcao/INSTALAR.md
#BALCAO_STAFF=0.0.0.0:8080
#BALCAO_PUBLIC=0.0.0.0:8081
#BALCAO_LOG=warn,balcao=info
X
echo /etc/default/balcao >"$root/DEBIAN/conffiles"

cat >"$root/DEBIAN/control" <<X
Package: balcao
Version: $version
Architecture: amd64
Maintainer: the Balcão authors
Section: net
Priority: optional
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Description: service desk of a small real-estate agency in one file
 Inbox, external chat, portal, timeline and outbox of an agency, with the
 database inside. Pages for the office on port 8080, the portal on port 8081.
X

# The data in /var/lib/balcao outlives the package, purge included: it is the agency's.
cat >"$root/DEBIAN/postinst" <<'X'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  if [ -z "$2" ]; then systemctl enable --now balcao.service; else systemctl try-restart balcao.service; fi
fi
X
cat >"$root/DEBIAN/prerm" <<'X'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl disable --now balcao.service
fi
X
cat >"$root/DEBIAN/postrm" <<'X'
#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
fi
X
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "target/balcao_${version}_amd64.deb"
