#!/bin/sh
# runbook_test.sh JATAI SOURCE SHARED: every command of docs/howto/run-a-fleet.md, on a real server with TLS. The sections come in the order
# in which they happen: once, a new model, look, every night, then what goes wrong. Names in capitals get what was printed before.
set -eu
jatai=$(realpath "$1") source=$(realpath "$2") model=$3
page=$source/docs/howto/run-a-fleet.md
for need in openssl curl; do command -v $need >/dev/null || { echo "skipped: no $need"; exit 77; }; done
[ -f "$(dirname "$jatai")/share/firmware/nano33ble/runner.elf" ] || { echo "skipped: no firmware was built"; exit 77; }
[ -f "$model" ] || { echo "skipped: no model $model"; exit 77; }
work=$(mktemp -d)
servers=
trap 'kill $servers 2>/dev/null || true; rm -rf "$work"' EXIT
cp "$model" "$work/kws.tflite"
cd "$work"
mkdir bin && ln -s "$jatai" bin/jatai && PATH=$work/bin:$PATH
fail() { printf 'FAILED  %s\n' "$*"; tail -n 5 log said 2>/dev/null; exit 1; }

openssl req -x509 -newkey ed25519 -nodes -keyout key.pem -out chain.pem -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 2>/dev/null
export SSL_CERT_FILE="$work/chain.pem" CURL_CA_BUNDLE="$work/chain.pem"
jatai package keygen signing >/dev/null
printf 'id,board,firmware,groups\nmic-1,nano33ble,1.4,lab\nmic-2,nano33ble,1.4,lab\nmic-3,nano33ble,1.3,hall\n' >devices.csv
printf '{"stages": [{"percent": 50}, {"percent": 100}], "skip_unfit": true}' >plan.json
VERSION= ROLLOUT= KEY= port=$((12000 + $$ % 20000)) # below those of outgoing connections

# The commands of a section, up to the next title, one a line.
commands() {
    awk -v title="$1" '/^#+ / && !inside { here = ($0 == title) } here && /^```sh$/ { inside = 1; next }
                       /^```$/ { inside = 0 } here && inside { sub(/ +# .*/, ""); print }' "$page"
}
ours() {
    sed "s#https://fleet.example.org:8443#https://127.0.0.1:$port#; s#0.0.0.0:8443#127.0.0.1:$port#; s#--restore backup #--restore $(ls -d elsewhere/backup-* 2>/dev/null | head -n 1) #;
         s#VERSION#$VERSION#g; s#ROLLOUT#$ROLLOUT#g; s#keys/KEY#keys/$KEY#"
}

# A server stays; its first words are waited for. Everything else has to end well.
ran=0
run() {
    ran=$((ran + 1))
    echo "\$ $1"
    case $1 in
    "jatai serve "*)
        for pid in $servers; do kill -TERM "$pid"; wait "$pid" || fail "the server did not end well"; done
        sh -c "exec $1" >said 2>log &
        servers=$!
        for wait in $(seq 100); do grep -q "listening on" said && break; sleep 0.1; done
        grep -q "listening on" said || fail "$1"
        sed -n 's/.*\(jk_[^ ]*\).*/\1/p' said >first.key
        [ ! -s first.key ] || cp first.key my.key
        ;;
    *)
        printf '%s\n' "$1" >one
        set +e
        . ./one >out.txt 2>err.txt
        ended=$?
        set -e
        [ $ended = 0 ] || fail "$1: $(cat out.txt err.txt)"
        ;;
    esac
}
section() {
    commands "$1" >list
    [ -s list ] || fail "no commands under '$1'"
    cp list todo
    while [ -s todo ]; do
        line=$(head -n 1 todo | ours)
        sed -i 1d todo
        run "$line"
        learn "$line"
    done
}

# What later commands call VERSION, ROLLOUT, KEY.
learn() {
    case $1 in
    "jatai serve "*) export JATAI_SERVER="https://127.0.0.1:$port" JATAI_KEY="$(cat my.key)" ;;
    "jatai push"*) VERSION=$(sed -n 's/^version \([0-9a-f]*\).*/\1/p' out.txt | head -n 1); [ -n "$VERSION" ] || fail "no version" ;;
    *"--do start"*) ROLLOUT=$(grep -o '[0-9]\{10,\}' out.txt | head -n 1); [ -n "$ROLLOUT" ] || fail "no roll-out: $(cat out.txt)" ;;
    *'"name":"rui"'*) KEY=$(sed -n 's/.*"id": *"\([0-9]*\)".*/\1/p' out.txt | head -n 1) ;;
    *"/backup") for wait in $(seq 50); do [ -f fleet/backups/*/fleet.db ] && break; sleep 0.1; done ;;
    *"curl -s -X DELETE"*) grep -q '"revoked": *true' out.txt || fail "the key was not revoked: $(cat out.txt)" ;;
    esac
    true
}

section "## Once"
section "## A new model"
section "# Run a fleet: what to do when"
jatai fleet go >/dev/null
section "## Look"
section "## Every night"
section "### Silent devices"
section "### A bad version"
section "### Something was stolen or lost"
section "### Somebody wants their data, or to be forgotten"
! jatai fleet devices mic-1 >/dev/null 2>&1 || fail "mic-1 is still there"
section "### The server is gone"
jatai fleet devices mic-1 --json | grep -q '"nano33ble"' || fail "the backup does not hold mic-1"

all=$(awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$page" | wc -l)
[ "$ran" = "$all" ] || fail "$ran of $all commands were run: a section is missing here"
echo "runbook: $ran commands"
