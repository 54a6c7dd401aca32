#!/usr/bin/env bash
# F12: the house in 128 MB, its page cache included: four people write, with files, another reads, searches and logs in;
# every answer is the right one, and the kernel kills nothing.
#
# Usage: tests/faults/memory.sh [BINARY] [SECONDS]      needs root, curl, and the memory controller of cgroup v1 or v2.
#
# Recorded (2026-11-22, release build, two cores under load): 1,087 messages, a third of them with files, 625 pages and 8 logins
# in 20 s; resident 31 MB, charged to the cage at most 32 MB.
set -euo pipefail
binary=$(realpath "${1:-target/x86_64-unknown-linux-gnu/debug/balcao}") seconds=${2:-20}
limit=$((128 << 20))
work=$(mktemp -d) data=$work/data pid=
if [ -w /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
  cage=/sys/fs/cgroup/memory/balcao-$$ most=memory.limit_in_bytes peak=memory.max_usage_in_bytes killed=memory.oom_control
elif [ -w /sys/fs/cgroup/cgroup.subtree_control ]; then
  echo +memory >/sys/fs/cgroup/cgroup.subtree_control
  cage=/sys/fs/cgroup/balcao-$$ most=memory.max peak=memory.peak killed=memory.events
else
  echo "no memory controller that may be written: nothing was tested"; exit 77
fi
clean() {
  touch "$work/over"
  [ -z "$pid" ] || { kill -9 "$pid" || true; wait; } 2>/dev/null
  rmdir "$cage" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
# shellcheck source=tests/faults/house.sh
. "$(dirname "$0")/house.sh"
mkdir "$cage"
echo $limit >"$cage/$most"
caged() { echo "$BASHPID" >"$cage/cgroup.procs"; exec "$@"; }
start caged
set_up
for n in 1 2 3 4; do talks[n]=$(talk "Cliente $n"); : >"$work/taken.$n"; writer "$n" "${talks[n]}" & writers[n]=$!; done
pages=0 logins=0
until=$((SECONDS + seconds))
while [ $SECONDS -lt $until ]; do
  for path in /conversas "/conversas/${talks[1]}" '/busca?q=recado' /contatos /sistema/copias; do
    status=$(curl -s -o /dev/null -L -w '%{http_code}' -b "$work/jar" "$url$path")
    [ "$status" = 200 ] || { echo "$path: $status"; exit 1; }
    pages=$((pages + 1))
  done
  # A password's hash is what takes most memory at once; the first of too many sessions would end.
  if [ $((logins += 1)) -le 8 ]; then
    status=$(curl -s -o /dev/null -w '%{http_code}' -H 'X-Fragment: 1' -d 'email=carla@aurora.example' \
      --data-urlencode 'senha=maré alta às nove' "$url/entrar")
    [ "$status" = 204 ] || { echo "login: $status"; exit 1; }
  fi
  [ ! -e "$work/wrong" ] || { cat "$work/wrong"; exit 1; }
done
touch "$work/over"
wait "${writers[@]}"
kill -0 $pid
rss=$(awk '/VmRSS/ { print int($2 / 1024) }' /proc/$pid/status)
for n in 1 2 3 4; do holds "${talks[n]}" "$work/taken.$n" || exit 1; done
! grep -Eq '^oom_kill [1-9]' "$cage/$killed" || { echo "the kernel killed it"; exit 1; }
echo "ok: $(cat "$work"/taken.* | wc -l) messages and $pages pages in $seconds s, resident $rss MB, charged to it at most $(($(cat "$cage/$peak" 2>/dev/null || echo 0) >> 20)) of 128 MB"
