# What the scripts beside this one share: a house that is set up, and somebody who writes and remembers what was taken.
# Sourced with $binary, $work (a scratch directory) and $data (where the house lives) set.
port=${port:-18080}
url=http://127.0.0.1:$port
csrf=

# Starts the house, as a command that may be given first ("start in_a_cage").
start() {
  ! curl -s -o /dev/null "$url/saude" || { echo "somebody else answers at $url"; exit 1; }
  "$@" "$binary" --data "$data" --staff "127.0.0.1:$port" --public "127.0.0.1:$((port + 1))" >"$work/out" 2>>"$work/err" &
  pid=$!
  echo $pid >>"$work/pids"
  until curl -s -o /dev/null "$url/saude"; do kill -0 $pid || { cat "$work/err"; exit 1; }; sleep 0.05; done
}

# Body to $1, status to stdout.
send() {
  local to=$1; shift
  curl -s -o "$to" -w '%{http_code}' -b "$work/jar" -H 'X-Fragment: 1' -H "Origin: $url" -H "X-Csrf: $csrf" "$@"
}

set_up() {
  local code
  until grep -q 'Código de instalação' "$work/out"; do sleep 0.05; done
  code=$(grep -o 'Código de instalação: .*' "$work/out" | cut -d' ' -f4)
  send "$work/answer" -c "$work/jar" "$url/instalacao" -d "codigo=$code&nome_agencia=Aurora&cor=255&idioma=pt-BR" \
    -d 'fuso=America/Sao_Paulo&nome=Carla&email=carla@aurora.example' --data-urlencode 'senha=maré alta às nove' >/dev/null
  csrf=$(curl -s -b "$work/jar" "$url/perfil" | grep -o 'name="csrf" content="[^"]*' | head -1 | cut -d'"' -f4)
  [ -n "$csrf" ] || { echo "it could not be set up"; exit 1; }
}

# A conversation at the counter; its number to stdout.
talk() {
  send "$work/answer" -D "$work/head" "$url/conversas" -d "nome=$1&responsavel=eu&texto=oi" >/dev/null
  tr -d '\r' <"$work/head" | grep -io '^x-go: .*' | grep -o '[0-9]*$'
}

# Says things in conversation $2, each third with a file, until $work/over is there. What was answered 200 goes into
# $work/taken.$1, a line each: the text, and the file's name and hash where it has one. Anything but 200 ends it.
writer() {
  local n=0 text file status more line
  while [ ! -e "$work/over" ]; do
    n=$((n + 1)) text=recado-$1-$n. more=() line=$text
    if [ $((n % 3)) = 0 ]; then
      head -c $((n * 97 % 40000 + 200)) /dev/urandom | base64 >"$work/file.$1"
      status=$(send "$work/answer.$1" -H 'Content-Type: application/octet-stream' --data-binary @"$work/file.$1" "$url/arquivos?nome=recibo.txt")
      [ "$status" = 200 ] || { echo "upload: $status" >>"$work/wrong"; return; }
      file=$(grep -o '"id":"[^"]*' "$work/answer.$1" | cut -d'"' -f4)
      more=(-d "arquivo=$file") line="$text $file $(sha256sum <"$work/file.$1" | cut -d' ' -f1)"
    fi
    status=$(send "$work/answer.$1" "$url/conversas/$2/mensagens" -d "texto=$text&token=$text&modo=anotacao" "${more[@]}")
    [ "$status" = 200 ] || { echo "message: $status" >>"$work/wrong"; return; }
    echo "$line" >>"$work/taken.$1"
  done
}

# Whether conversation $1 holds what a list ($2) says was taken: reads every page of it, and its newest files; the bytes
# of all others are what "balcao check" looks at.
holds() {
  local path=/conversas/$1/entradas page older lost text file hash
  : >"$work/read"
  while :; do
    page=$(curl -s -b "$work/jar" "$url$path")
    grep -o 'recado-[0-9]*-[0-9]*\.' <<<"$page" >>"$work/read" || true
    older=$(grep -o 'name="antes" value="[0-9]*' <<<"$page" | grep -o '[0-9]*$') || break
    path=/conversas/$1/entradas?antes=$older
  done
  lost=$(comm -23 <(cut -d' ' -f1 "$2" | sort -u) <(sort -u "$work/read"))
  [ -z "$lost" ] || { echo "acknowledged and lost: $lost"; return 1; }
  while read -r text file hash; do
    [ "$(curl -s -b "$work/jar" "$url/arquivos/$file" | sha256sum | cut -d' ' -f1)" = "$hash" ] ||
      { echo "acknowledged, and another file: $text $file"; return 1; }
  done < <(grep ' ' "$2" | tail -10)
}
