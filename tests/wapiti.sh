#!/usr/bin/env bash
# wapiti (pip install wapiti3) against a demonstration, logged in as its admin and as a client.
# Everything it reports is printed; the end is 1 where there is anything. Not part of tests/run: it takes minutes.
#
# Without its csrf module, which compares pages and takes the login that follows a forged logout for a yes; the test
# c33_every_post_needs_the_token… asks every route. Recorded (2026-11-22, wapiti 3.2.3 from pip, release build, two cores
# under load, 150 s a door): office 6,103 pages, portal 84 pages, nothing found. Debian's 3.0.4 does not know all of these
# modules: take it from pip (WAPITI=…/bin/wapiti).
#
# Usage: tests/wapiti.sh [binary] [seconds for each door]
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-target/x86_64-unknown-linux-gnu/debug/balcao} seconds=${2:-240} wapiti=${WAPITI:-wapiti}
dir=$(mktemp -d)
trap 'kill "$house" 2>/dev/null || true; wait "$house" 2>/dev/null || true; rm -rf "$dir"' EXIT
"$binary" demo --staff 127.0.0.1:0 --public 127.0.0.1:0 >"$dir/out" 2>"$dir/err" &
house=$!
for _ in $(seq 600); do grep -q '^{' "$dir/out" && break; sleep 0.1; done
field() { python3 -c 'import json,sys; d=json.load(open(sys.argv[1])); print(eval(sys.argv[2], {}, d))' "$dir/out" "$1"; }
modules=cookieflags,crlf,csp,exec,file,http_headers,methods,permanentxss,redirect,sql,ssl,upload,xss,xxe
result=0
scan() { # door, address, e-mail, password, cookie's name
  local cookie
  cookie=$(curl -s -D - -o /dev/null -H 'X-Fragment: 1' --data-urlencode "email=$3" --data-urlencode "senha=$4" "$2/entrar" | sed -n 's/^set-cookie: *[^=]*=\([^;]*\).*/\1/Ip')
  [ -n "$cookie" ] || { echo "$1: no login"; return 1; }
  local host=${2#http://}
  printf '{"%s": {"/": {"%s": {"version": 0, "value": "%s", "port": null, "secure": false, "expires": null}}}}' "${host%%:*}" "$5" "$cookie" >"$dir/cookie.json"
  "$wapiti" -u "$2/" -H "Cookie: $5=$cookie" --scope folder -x "$2/sair" -x "$2/sessoes/.*" -d 4 --flush-session \
    -m "$modules" --max-scan-time "$seconds" \
    --max-attack-time "$((seconds / 8))" --tasks 8 -f json -o "$dir/$1.json" --no-bugreport -v 0 >"$dir/$1.log" 2>&1 || true
  python3 - "$dir/$1.json" "$1" <<'PY' || result=1
import json, sys
report = json.load(open(sys.argv[1]))
found = 0
for part in ("vulnerabilities", "anomalies"):
    for kind, all in report[part].items():
        for one in all:
            found += 1
            print(f"{sys.argv[2]}: {kind}: {one['method']} {one['path']} {one.get('parameter')}: {one['info'][:160]}")
print(f"{sys.argv[2]}: {report['infos'].get('crawled_pages_nbr')} pages, {found} findings")
sys.exit(found > 0)
PY
}
scan office "$(field staff)" "$(field 'users[0]["email"]')" "$(field 'users[0]["password"]')" balcao_equipe
scan portal "$(field public)" "$(field 'portal[0]["email"]')" "$(field 'portal[0]["password"]')" balcao_portal
kill -0 "$house"
grep -i 'panic\|ERROR' "$dir/err" && result=1
exit $result
