#!/bin/sh
# fleet_flow_test: the fleet from the command line: a thousand devices by list, pictures to scan, a signed package pushed and
# pulled back byte for byte, a missing variant built by the server, feedback, a plan looked at, everything stopped.
#     tests/flow/fleet_flow_test.sh build/release/jatai . ../shared
set -eu
jatai=$(realpath "$1") source=$(realpath "$2") shared=$(realpath -m "${3:-none}")
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
fail() { printf 'FAILED  %s\n' "$*"; exit 1; }
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$2" | head -n 1; }

"$jatai" serve --data data --listen 127.0.0.1:0 --json >said 2>log &
server=$!
for wait in $(seq 50); do [ -s said ] && break; sleep 0.2; done
JATAI_SERVER=$(field url said) JATAI_KEY=$(field admin_key said)
export JATAI_SERVER JATAI_KEY

# ---- devices

{ echo id,board,firmware,site; for i in $(seq 1000); do echo "mic-$i,nano33ble,1.4,hall $((i % 7))"; done; } >factory.csv
"$jatai" fleet enroll --csv factory.csv --out tokens.csv >/dev/null
[ "$(wc -l <tokens.csv)" = 1001 ] || fail "1000 tokens: $(wc -l <tokens.csv)"
[ "$(stat -c %a tokens.csv)" = 600 ] || fail "tokens.csv is readable by others"
printf 'id,board,token\nold-1,bench_m4,burnt-in-at-the-factory\n' >field.csv
"$jatai" fleet enroll --csv field.csv >/dev/null
"$jatai" fleet devices --filter 'attribute.site == "hall 3" and firmware >= 1.4' --json >found
[ "$(grep -c '"id": "mic-' found)" = 143 ] || fail "filter: $(grep -c '"id": "mic-' found) devices, expected 143"
"$jatai" fleet groups hall-3 --filter 'attribute.site == "hall 3"' --json >/dev/null
"$jatai" fleet groups hall-3 --json >group          # looking changes nothing
grep -q 'hall 3' group || fail "the group lost its filter: $(cat group)"
"$jatai" fleet devices --group hall-3 --json >found
[ "$(grep -c '"id": "mic-' found)" = 143 ] || fail "group: $(grep -c '"id": "mic-' found) devices, expected 143"
if "$jatai" fleet groups nobody >/dev/null 2>&1; then fail "a group that is not there was shown"; fi
"$jatai" fleet enroll --code --group lab --qr labels >code
grep -q '█' code || fail "no picture of the code"
grep -q '<svg' labels/code.svg || fail "no picture in a file"
"$jatai" fleet enroll spare --board nano33ble --qr labels >/dev/null
[ -s labels/spare.svg ] || fail "no label for a device"

# ---- a signed package there and back

cp "$source/tests/golden/tiny_v1.jpk" tiny.jpk
"$jatai" package keygen signing >/dev/null
"$jatai" package sign tiny.jpk --key signing.pem -o tiny.suit >/dev/null
"$jatai" push tiny.jpk --manifest tiny.suit --model tiny --name v1 --accuracy 0.9 --alias champion --board nano33ble --json >pushed
version=$(sed -n 's/.*"id": *"\([0-9a-f]\{16\}\)".*/\1/p' pushed | head -n 1)
"$jatai" fleet versions "$version" --approve >/dev/null
"$jatai" pull tiny/champion --board nano33ble -o back >/dev/null
cmp tiny.jpk back/*.jpk || fail "the package that came back is another"
cmp tiny.suit back/*.suit || fail "the manifest that came back is another"
"$jatai" push back/*.jpk --manifest back/*.suit --model tiny --name v1 --json >again
grep -q "$version" again || fail "the same files became another version"

# ---- a plan looked at, feedback, alerts

"$jatai" fleet rollout --version tiny/champion --filter 'board == nano33ble' --check --json >check
grep -q '"time_to_verdict"' check || fail "no time to verdict"
"$jatai" fleet feedback --version tiny/champion --board nano33ble --right 9 --wrong 1 >/dev/null
"$jatai" fleet report --json >report
grep -q '"right": 9' report || fail "feedback is not in the report"
"$jatai" fleet alerts --email ana@example.org --silent-after 600 --json >alerts
grep -q '"ana@example.org"' alerts || fail "the address was not kept"
"$jatai" fleet stop >/dev/null
"$jatai" fleet go >/dev/null

# ---- the compile service

model=$(find "$shared/data/models" -name kws_ref_model.tflite 2>/dev/null | sort | head -n 1)
runner=$(dirname "$jatai")/share/firmware/nano33ble/runner.elf   # needs a cross compiler when Jataí is built
if [ -n "$model" ] && [ -e "$runner" ]; then
    "$jatai" push "$model" --model kws --name v1 --board nano33ble --json >built
    job=$(field job built)
    for wait in $(seq 100); do
        "$jatai" fleet versions --json >/dev/null
        "$jatai" pull "$(sed -n 's/.*"id": *"\([0-9a-f]\{16\}\)".*/\1/p' built | head -n 1)" -o kws >/dev/null 2>&1 && break
        sleep 0.3
    done
    ls kws/*.jpk >/dev/null 2>&1 || fail "job $job built nothing"
    "$jatai" package sign kws/*.jpk --key signing.pem -o kws.suit >/dev/null || fail "what the server built cannot be signed"
    compiled="a package of $(stat -c %s kws/*.jpk) bytes compiled by the server"
else
    compiled="no model in $shared or no firmware built: the compile service was not tried"
fi
grep -q "$JATAI_KEY" log && fail "the admin's key is in the log"
kill -TERM $server
wait $server || fail "it did not end well"
echo "fleet: 1,001 devices by list, a signed package there and back, $compiled"
