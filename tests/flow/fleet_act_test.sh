#!/bin/sh
# fleet_act_test.sh JATAI: the last act of script/demo on a small project: its keyword model reaches 20 simulated devices
# in stages, and a worse one comes back by itself.
set -eu
jatai=$1
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
fail() { echo "$1" >&2; cat act.json >&2; exit 1; }
number() { sed -n "s/^ *\"$1\": *\([0-9.]*\),*$/\1/p" act.json; }

command -v espeak-ng > /dev/null || { echo "no espeak-ng: nothing to learn from"; exit 77; }
"$jatai" new keyword words > /dev/null
"$jatai" fleet simulate words --devices 20 > said 2>&1 && fail "an untrained project went out"
grep -q "jatai train" said || fail "no word of what to do first"
"$jatai" data generate words --clips 1500 > /dev/null 2>&1
"$jatai" train words > /dev/null 2>&1
"$jatai" fleet simulate words --devices 20 --seed 2 --json > act.json

grep -q '"simulated": true' act.json || fail "a report that does not say that it is simulated"
[ "$(number devices)" = 20 ] && [ "$(number updated)" = 20 ] || fail "the model did not reach every device"
grep -q '"good": "finished"' act.json || fail "the good roll-out did not finish"
grep -q '"bad": "stopped"' act.json || fail "the worse model was not stopped"
[ "$(number exposed_to_bad)" -ge 1 ] && [ "$(number exposed_to_bad)" -le 6 ] || fail "too many ran the worse model"
[ "$(number reverted)" = "$(number exposed_to_bad)" ] || fail "not every device came back"
[ "$(number bricked)" = 0 ] && [ "$(number lost_reports)" = 0 ] || fail "a device or a report was lost"
echo "went out and came back: exposed $(number exposed_to_bad), $(number seconds) s"
