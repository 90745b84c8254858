#!/bin/sh
# bundle_test: a bundle, unpacked somewhere else, lights the simulated LED within a minute for a user with no rights, no
# network, no compiler and none of our libraries but the bundle's own. Makes the bundle from a build folder with a small
# data set, so the answers are worse than the real one's; exits 77 (skipped) without espeak-ng.
#     tests/flow/bundle_test.sh SOURCE BUILD        e.g. tests/flow/bundle_test.sh . build/release
#     tests/flow/bundle_test.sh --archive FILE      tests that archive
set -eu
most_seconds=60 least_right=20   # of 40 words
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"

fail() { printf 'FAILED  %s\n' "$*"; exit 1; }

if [ "$1" = --archive ]; then
    archive=$(realpath "$2")
else
    command -v espeak-ng >/dev/null || { echo "skipped: no espeak-ng to make a data set with"; exit 77; }
    [ -e "$2/share/firmware/nano33ble/keyword.elf" ] || { echo "skipped: no firmware was built (no arm-none-eabi-g++)"; exit 77; }
    least_right=5
    BUNDLE_XZ=0 "$1/script/bundle" --build "$(realpath "$2")" --clips 800 --epochs 40 "$work/out" >"$work/log" 2>&1 ||
        { cat "$work/log"; fail "script/bundle"; }
    tail -n 1 "$work/log"
    archive=$(echo "$work"/out/*.tar.xz)
fi

# ---- as who: a user with no rights, in a name space without network

network=without
if [ "$(id -u)" = 0 ]; then
    plain="setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs"
    if unshare -n true 2>/dev/null; then plain="unshare -n $plain"; else network=with; fi
else
    plain=env
    if unshare -rn true 2>/dev/null; then plain="unshare -rn"; else network=with; fi
fi
$plain true 2>/dev/null || { echo "skipped: this user may not become another one"; exit 77; }
[ $network = without ] || echo "skipped: the cut network (not permitted here)"

place="$work/a place of its own"
mkdir "$place" "$work/home"
[ "$(id -u)" != 0 ] || chown 65534:65534 "$place" "$work/home"

# As on a bare computer: no PATH to a compiler or any other program, no settings.
alone() { (cd "$place"/jatai-*/ && exec $plain env -i PATH=/nonexistent HOME="$work/home" "$@"); }

# ---- unpack, run, and the LED answers

start=$(date +%s)
(cd "$place" && $plain tar --no-same-owner -xJf - <"$archive")
alone ./jatai simulate share/examples/keyword --board nano33ble --json >"$work/heard" || fail "simulate: exit code $?"
seconds=$(($(date +%s) - start))
folder=$(echo "$place"/jatai-*)

figure() { sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" "$work/heard" | head -n 1; }
echo "unpack to LED: $seconds s; words said $(figure said), LEDs right $(figure right), wrong $(figure wrong)"
[ "$seconds" -le $most_seconds ] || fail "$seconds s, expected at most $most_seconds"
[ "$(figure said)" -ge 20 ] || fail "hardly a word was said"
[ "$(figure right)" -ge $least_right ] || fail "the LED answered right too seldom, expected at least $least_right"
grep -q '"light":' "$work/heard" || fail "no LED was lit"
[ "$(figure missed_deadlines)" = 0 ] || fail "missed deadlines"
[ "$(figure lost_samples)" = 0 ] || fail "lost samples"

# ---- nothing of ours comes from outside the bundle

alone LD_TRACE_LOADED_OBJECTS=1 ./jatai >"$work/libraries"
grep "not found" "$work/libraries" && fail "a library is missing"
outside=$(awk '$2 == "=>" { print $3, $4, $5, $6, $7, $8 }' "$work/libraries" | grep -v "^$folder/lib/" |
    grep -Ev '/(libc|libm|libpthread|libdl|librt|ld-linux[^/]*)\.so' || true)
[ -z "$outside" ] || fail "from outside the bundle: $outside"
bytes=$(du -sb "$folder" | cut -f1)
[ "$bytes" -le 80000000 ] || fail "$bytes bytes, expected at most 80000000"
[ ! -e "$folder/share/licences/LIBRARIES.txt" ] && fail "no list of licences"
for library in "$folder"/lib/*; do
    grep -q "^$(basename "$library") " "$folder/share/licences/LIBRARIES.txt" || fail "no licence of $library"
done

# ---- the other first steps of README.txt

alone ./jatai doctor >"$work/doctor" || fail "doctor"
grep -q nano33ble "$work/doctor" || fail "doctor knows no board"
alone ./jatai --lang pt doctor >"$work/doutor" || fail "doctor in Portuguese"
grep -q Placas "$work/doutor" || fail "no Portuguese in the bundle"
alone ./jatai compile share/examples/keyword/model/model.tflite --board nano33ble -o mine >"$work/compiled" 2>&1 ||
    { cat "$work/compiled"; fail "compile without a compiler"; }
[ -s "$folder/mine/firmware.hex" ] || fail "compile wrote no firmware.hex"
clip=$(find "$folder/share/examples/keyword/data/clips/yes" -name '*.wav' | sort | head -n 1)
alone ./jatai simulate mine --board nano33ble --mic "$clip" >"$work/mine" || { cat "$work/mine"; fail "own firmware, own sound"; }
grep -q "answers a second" "$work/mine" || fail "own firmware said nothing"

# ---- an example nobody may write in is refused in words, before the board has listened

if [ "$(id -u)" = 0 ]; then
    chown -R 0:0 "$folder/share/examples/keyword"
    alone ./jatai simulate share/examples/keyword --board nano33ble >"$work/said" 2>&1 && fail "wrote where nobody may write"
    grep -q "^error: .*keyword/run/track.wav.* cannot be written" "$work/said" || { cat "$work/said"; fail "no clear error"; }
    grep -q "^hint: " "$work/said" || fail "no hint"
fi
echo "bundle: all is well"
