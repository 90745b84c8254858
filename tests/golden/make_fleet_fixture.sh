#!/bin/sh
# make_fleet_fixture: what this program's fleet server writes, as text, so that later programs are tested with it.
#     tests/golden/make_fleet_fixture.sh build/release/jatai tests/golden/fleet_form_2.sql
# Run it before a step is added to src/fleet/sqlite_schema.cpp. Needs sqlite3 (only this script does).
set -eu
jatai=$(realpath "$1") out=$(realpath -m "$2")
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

"$jatai" serve --data data --listen 127.0.0.1:0 --json >said 2>/dev/null &
server=$!
for wait in 1 2 3 4 5 6 7 8 9 10; do [ -s said ] && break; sleep 0.3; done
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$2" | head -n 1; }
JATAI_SERVER=$(field url said) JATAI_KEY=$(field admin_key said)
export JATAI_SERVER JATAI_KEY

printf 'id,board,firmware,site,token\nmic-1,nano33ble,1.4,lab,a-token-of-mic-1-for-ever\n' >devices.csv
"$jatai" fleet enroll --csv devices.csv --json >/dev/null
"$jatai" fleet enroll --code --group lab --json >/dev/null
"$jatai" fleet groups lab --filter 'attribute.site == lab' --json >/dev/null
echo "an update" >u.swu
"$jatai" push u.swu --model kws --name v1 --board nano33ble --alias champion --json >pushed
version=$(sed -n 's/.*"weights_hash".*//p; s/.*"id": *"\([0-9a-f]\{16\}\)".*/\1/p' pushed | head -n 1)
"$jatai" fleet versions "$version" --approve --json >/dev/null
"$jatai" fleet rollout --version kws/champion --no-gate --do start --json >/dev/null
sleep 0.5
kill -TERM $server
wait $server || true
{
    echo "-- key $JATAI_KEY"
    echo "-- version $version"
    sqlite3 data/fleet.db .dump
    echo "PRAGMA user_version=$(sqlite3 data/fleet.db 'PRAGMA user_version');"
} >"$out"
echo "$out: form $(sqlite3 data/fleet.db 'PRAGMA user_version')"
