#!/usr/bin/env bash
# F06, F07 on the real binary: strace makes the kernel's answers fail, from the Nth on, for a while.
#
# Usage: tests/faults/strace.sh [BINARY]      needs strace, curl, and the right to trace (root).
# What must hold: the process lives; pages are read all the time; writes are answered yes or "Não foi salvo" (the form comes
# back as it was typed), nothing else; after the fault is gone it heals by itself; what was answered yes is there after
# kill -9, what was refused is not.
#
# Recorded (2026-11-22, release build, two cores under load): 12 faults (fdatasync EIO, pwrite64 ENOSPC, pwrite64 EIO, each from
# the 1st, 2nd, 5th, 9th call on): 29 taken and there, 67 refused and not there, healed 0.11 to 0.46 s after the fault ended.
set -euo pipefail
binary=${1:-target/x86_64-unknown-linux-gnu/debug/balcao}
work=$(mktemp -d)
pid=
trap 'kill -9 $pid 2>/dev/null || true; rm -rf "$work"' EXIT

start() {
  "$binary" --data "$work/data" --staff 127.0.0.1:18080 --public 127.0.0.1:18081 >"$work/out" 2>>"$work/err" &
  pid=$!
  until curl -s -o /dev/null http://127.0.0.1:18080/saude; do sleep 0.05; done
}
token() { curl -s -b "$work/jar" http://127.0.0.1:18080/perfil | grep -o 'name="csrf" content="[^"]*' | head -1 | cut -d'"' -f4; }
post() { curl -s -o "$work/answer" -w '%{http_code}' -b "$work/jar" -c "$work/jar" -H 'X-Fragment: 1' -H 'Origin: http://127.0.0.1:18080' -H "X-Csrf: $csrf" "$@"; }
url=http://127.0.0.1:18080

start
until grep -q 'Código de instalação' "$work/out"; do sleep 0.05; done
code=$(grep -o 'Código de instalação: .*' "$work/out" | cut -d' ' -f4)
csrf=
post $url/instalacao -d "codigo=$code&nome_agencia=Aurora&cor=255&idioma=pt-BR&fuso=America/Sao_Paulo&nome=Carla&email=carla@aurora.example" \
  --data-urlencode 'senha=maré alta às nove' >/dev/null
csrf=$(token)
: >"$work/taken"; : >"$work/refused"; n=0
say() { # a contact with a name of its own is the write
  n=$((n + 1))
  local status; status=$(post $url/contatos -d "nome=Pessoa-$n-x&emails=p$n@example.com")
  case $status in
    20*) echo "Pessoa-$n-x" >>"$work/taken" ;;
    503 | 422)
      grep -q 'Não foi salvo' "$work/answer" || { echo "refused without a word why"; cat "$work/answer"; exit 1; }
      echo "Pessoa-$n-x" >>"$work/refused" ;;
    *) echo "unexpected answer $status"; cat "$work/answer"; exit 1 ;;
  esac
  [ "$(curl -s -o /dev/null -w '%{http_code}' -b "$work/jar" $url/contatos)" = 200 ] || { echo "reading stopped"; exit 1; }
}

for inject in fdatasync:error=EIO pwrite64:error=ENOSPC pwrite64:error=EIO; do
  for first in 1 2 5 9; do
    say
    strace -f -qq -o /dev/null -e trace="${inject%%:*}" -e inject="$inject:when=$first+" -p $pid &
    tracer=$!
    sleep 0.3
    for _ in 1 2 3 4 5 6; do say; done
    kill -TERM $tracer; wait $tracer 2>/dev/null || true
    began=$(date +%s%N)
    until [ "$(curl -s -o /dev/null -w '%{http_code}' $url/saude)" = 200 ]; do sleep 0.02; done
    echo "$inject from the ${first}th on: taken $(wc -l <"$work/taken"), refused $(wc -l <"$work/refused"), healed after $((($(date +%s%N) - began) / 1000000)) ms"
    say
  done
done
kill -9 $pid; wait $pid 2>/dev/null || true
start
all=$(for i in $(seq 1 $n); do curl -s -b "$work/jar" "$url/contatos?busca=Pessoa-$i-x" | grep -o ">Pessoa-$i-x" | head -1 | tr -d ">"; done | sort -u)
lost=$(comm -23 <(sort -u "$work/taken") <(echo "$all")); ghosts=$(comm -12 <(sort -u "$work/refused") <(echo "$all"))
[ -z "$lost" ] || { echo "acknowledged and lost: $lost"; exit 1; }
[ -z "$ghosts" ] || { echo "refused, and there: $ghosts"; exit 1; }
[ -s "$work/refused" ] || { echo "nothing ever failed: the test saw nothing"; exit 1; }
! grep -q panicked "$work/err" || { echo "it panicked"; grep -m3 panicked "$work/err"; exit 1; }
echo "ok: $(wc -l <"$work/taken") taken and there, $(wc -l <"$work/refused") refused and not there"
