#!/usr/bin/env bash
# F04: the power goes, seen from a whole file system: ext4 on a loop device. While four people write, the house is held
# for a moment and the device copied: all that was synced is in the copy, what was not may be missing, as after a power
# cut. The copy is mounted (ext4 replays its journal), a house starts on it, and everything that had been acknowledged
# is asked for: every message, and the newest files byte by byte. Then "balcao check" reads every file there is.
#
# Usage: tests/faults/image.sh [BINARY] [ROUNDS]      needs root, loop devices, mkfs.ext4, curl.
#
# Recorded (2026-11-22, release build, two cores under load): 10 cuts, 31 to 1,934 messages and 8 to 643 files, all there; each
# start 0.10 to 0.18 s, each check clean.
set -euo pipefail
binary=$(realpath "${1:-target/x86_64-unknown-linux-gnu/debug/balcao}") rounds=${2:-10}
work=$(mktemp -d) data=$work/disk/data
here=$(dirname "$0")
clean() {
  touch "$work/over"
  # shellcheck disable=SC2046 # a word each
  { kill -9 $(cat "$work/pids"); wait; } 2>/dev/null || true
  for one in "$work/copy" "$work/disk"; do mountpoint -q "$one" && umount "$one"; done
  rm -rf "$work"
}
trap clean EXIT
# shellcheck source=tests/faults/house.sh
. "$here/house.sh"

mkdir "$work/disk" "$work/copy"
truncate -s 3G "$work/image"
mkfs.ext4 -q "$work/image"
mount -o loop "$work/image" "$work/disk"
start
set_up
house=$pid
for n in 1 2 3 4; do talks[n]=$(talk "Cliente $n"); : >"$work/taken.$n"; writer "$n" "${talks[n]}" & done

for round in $(seq "$rounds"); do
  sleep "$((RANDOM % 2)).$((RANDOM % 1000))"
  [ ! -e "$work/wrong" ] || { cat "$work/wrong"; exit 1; }
  kill -STOP $house
  for n in 1 2 3 4; do cp "$work/taken.$n" "$work/promised.$n"; done
  cp --sparse=always "$work/image" "$work/image.cut"
  kill -CONT $house
  mount -o loop "$work/image.cut" "$work/copy"
  (
    port=18180 url=http://127.0.0.1:18180 data=$work/copy/data
    began=$(date +%s%N)
    start
    took=$((($(date +%s%N) - began) / 1000000))
    for n in 1 2 3 4; do holds "${talks[n]}" "$work/promised.$n" || exit 1; done
    kill -9 $pid; wait $pid 2>/dev/null || true
    "$binary" check --data "$data" >"$work/checked" || { cat "$work/checked"; exit 1; }
    echo "cut $round: $(cat "$work"/promised.* | wc -l) messages, $(cat "$work"/promised.* | grep -c ' ') files, all there; started in $took ms"
  )
  umount "$work/copy"
done
! grep -q panicked "$work/err" || { echo "it panicked"; grep -m3 panicked "$work/err"; exit 1; }
echo "ok: $rounds cuts"
