#!/usr/bin/env bash
# F28: slowloris, slow body and slow read from one address, 500 connections each, at both doors, with slowhttptest
# (Debian package). Meanwhile somebody else asks for /saude five times a second and must always be answered at once.
#
# Recorded (2026-11-22, slowhttptest 1.8, release build, two cores under load, 20 s each, both doors):
#   slowloris: 46–52 asked, 0 failed, slowest 220 ms; all 500 cut after 12–13 s
#   slow body: 13–14 asked, 0 failed, slowest 31 ms; all 500 cut after 3 s
#   slow read: 72–85 asked, 0 failed, slowest 180 ms; its 500 stay as idle connections; memory 33 → 44 MB
#
# Usage: tests/slow.sh [binary] [seconds of each attack]. Not part of tests/run: it takes two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
binary=${1:-target/x86_64-unknown-linux-gnu/debug/balcao} seconds=${2:-20}
dir=$(mktemp -d)
trap 'kill "$house" 2>/dev/null || true; wait "$house" 2>/dev/null || true; rm -rf "$dir"' EXIT
"$binary" --data "$dir/data" --staff 127.0.0.1:0 --public 127.0.0.1:0 >"$dir/out" 2>"$dir/err" &
house=$!
for _ in $(seq 200); do grep -q '^Código' "$dir/out" && break; sleep 0.05; done
staff=$(sed -n 's/^Balcão: //p' "$dir/out") public=$(sed -n 's/^Portal: //p' "$dir/out")
rss() { awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$house/status"; }

# Somebody at another address, until told to stop: the slowest answer in milliseconds, and how many failed.
bystander() {
  local slowest=0 failed=0 asked=0 ms
  while [ ! -e "$dir/stop" ]; do
    if ms=$(curl -s -o /dev/null --interface 127.0.0.9 --max-time 5 -w '%{time_total}' "$1/saude"); then
      ms=$(awk -v s="$ms" 'BEGIN { print int(s * 1000) }')
      [ "$ms" -le "$slowest" ] || slowest=$ms
    else failed=$((failed + 1)); fi
    asked=$((asked + 1))
    sleep 0.2
  done
  echo "$asked asked, $failed failed, slowest $slowest ms"
  [ "$failed" = 0 ] && [ "$slowest" -lt 2000 ]
}

printf '| door | attack | bystander | what slowhttptest says | memory MB |\n| --- | --- | --- | --- | --- |\n'
result=0
for door in "office $staff" "portal $public"; do
  read -r name base <<<"$door"
  for attack in "slowloris -H -i 10 -x 24" "slow body -B -i 10 -s 8192 -x 10" "slow read -X -w 1 -y 2 -n 5 -z 32 -k 3"; do
    title=${attack%% -*} flags=-${attack#* -}
    rm -f "$dir/stop"
    bystander "$base" >"$dir/told" & watcher=$!
    # shellcheck disable=SC2086 # the flags are words
    slowhttptest -c 500 -r 200 -l "$seconds" -p 3 -t GET -u "$base/entrar" $flags >"$dir/slow" 2>&1 || true
    held=$(sed 's|\x1b\[[0-9;]*[mJH]||g' "$dir/slow" | sed -n 's/^Test ended on /ended on /p; s/^Exit status: *//p' | tr '\n' ' ')
    touch "$dir/stop"
    wait "$watcher" || result=1
    echo "| $name | $title | $(cat "$dir/told") | ${held:-?} | $(rss) |"
  done
done
kill -0 "$house"
exit $result
