#!/bin/sh
# serial_line_test: a simulated board whose serial line is a port of this computer, the gateway at that port, the server behind
# it: the board says what it is, takes a signed update, and says that it runs.
#     tests/flow/serial_line_test.sh build/release/jatai . MODEL.tflite
set -eu
jatai=$(realpath "$1") source=$(realpath "$2") model=$3
firmware=$(dirname "$jatai")/share/firmware/nano33ble/fleet.elf
[ -f "$firmware" ] || { echo "skipped: no fleet firmware, $firmware"; exit 77; }
command -v curl >/dev/null || { echo "skipped: no curl"; exit 77; }
[ -f "$model" ] || { echo "skipped: no model $model"; exit 77; }
model=$(realpath "$model")
work=$(mktemp -d)
server= board= gateway=
trap 'kill $server $board $gateway 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
fail() { printf 'FAILED  %s\n' "$*"; cat log board.log gateway.log 2>/dev/null | tail -20; exit 1; }
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$2" | head -n 1; }
until_true() { for wait in $(seq 300); do if eval "$1"; then return; fi; sleep 0.2; done; fail "never: $1"; }

"$jatai" compile "$model" --board nano33ble -o first --emit package >/dev/null
head -c 100000 /dev/zero >zeros
"$jatai" package keygen root >/dev/null
"$jatai" package keygen signing >/dev/null
"$jatai" package root --threshold 1 --root root.pub --signing signing.pub --key root.pem --sequence 1 -o root.cbor >/dev/null
"$jatai" package trust "$firmware" --root root.cbor --package first/model.jpk -o device.elf >/dev/null
size=$(sed -n 's/.*expected whole samples of \([0-9]*\).*/\1/p' <<END
$("$jatai" package golden first/model.jpk --input "$source/LICENSE" -o x.jpk 2>&1 || true)
END
)
head -c "${size:-1960}" zeros >sample
"$jatai" package golden first/model.jpk --input sample -o second.jpk >/dev/null
"$jatai" package sign second.jpk --key signing.pem -o second.suit >/dev/null

"$jatai" serve --data data --listen 127.0.0.1:0 --json >said 2>log &
server=$!
until_true '[ -s said ]'
JATAI_SERVER=$(field url said) JATAI_KEY=$(field admin_key said)
export JATAI_SERVER JATAI_KEY
curl -sf -H "Authorization: Bearer $JATAI_KEY" -d '{"name":"gw","role":"gateway"}' "$JATAI_SERVER/api/v1/keys" >key
"$jatai" simulate device.elf --board nano33ble --serial line --seconds 600 >board.log 2>&1 &
board=$!
until_true '[ -e line ]'
JATAI_TOKEN=$(field secret key) "$jatai" gateway --device barn=line --look 1 >gateway.log 2>&1 &
gateway=$!
until_true '"$jatai" fleet devices barn --json >device 2>/dev/null && [ "$(field board device)" = nano33ble ]'
"$jatai" push second.jpk --manifest second.suit --model m --name v2 --board nano33ble --json >pushed
version=$(sed -n 's/.*"id": *"\([0-9a-f]\{16\}\)".*/\1/p' pushed | head -n 1)
"$jatai" fleet versions "$version" --approve >/dev/null
"$jatai" fleet devices barn --assign "$version" >/dev/null
until_true '"$jatai" fleet devices barn --json >device && [ "$(field reported device)" = "$version" ]'
echo "ok: $(field reported device) runs at the end of a serial line"
