#!/bin/sh
# bad_input_test: every kind of bad input ends with exit code 1, a sentence of place, found and expected, a hint, and
# nothing half written. Also: --json is one JSON document, help is in both languages, Ctrl-C in training resumes to the
# same bytes. What this computer does not permit (a small disk of its own) is skipped in words.
#     tests/flow/bad_input_test.sh build/release/jatai
set -u
jatai=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/here" "$work/said"
trap 'exit 1' HUP INT TERM
cd "$work/here"
export LC_ALL=C.UTF-8
unset LANGUAGE LANG
cases=0 failures=0

# ---- what is asked of every case

fail() {
    failures=$((failures + 1))
    printf 'FAILED  %s: %s\n' "$sentence" "$1"
    sed 's/^/        | /' "$work/err" "$work/out" | head -n 12
}

begin() {
    sentence=$1
    cases=$((cases + 1))
    : >"$work/err"
    : >"$work/out"
}

all_files() { { find . -type d; find . -type f -exec cksum {} +; } | sort; }

# refuse SENTENCE FOUND HINT COMMAND...: the command ends with 1, says FOUND and HINT (regular expressions), and leaves
# the folder as it was; so does the same with --json, whose answer is kept for the JSON check at the end.
refuse() {
    begin "$1"
    found=$2 hint=$3
    shift 3
    all_files >"$work/before"
    "$@" >"$work/out" 2>"$work/err"
    code=$?
    all_files >"$work/after"
    [ $code -eq 1 ] || fail "exit code $code, expected 1"
    [ -s "$work/out" ] && fail "an error printed on stdout"
    grep -Eq "^error: .*($found)" "$work/err" || fail "expected an error that says: $found"
    grep -Eq "^hint: .*($hint)" "$work/err" || fail "expected a hint that says: $hint"
    diff "$work/before" "$work/after" >"$work/out" || fail "files were left or changed"
    [ -z "${VERBOSE:-}" ] || sed "s/^/    /" "$work/err"
    program=$1
    shift
    "$program" --json "$@" >"$work/said/$cases" 2>"$work/err" && fail "exit code 0 with --json, expected 1"
    grep -q '"error"' "$work/said/$cases" || fail "no JSON answer"
}

# accept SENTENCE SAID COMMAND...: the command ends with 0 and says SAID on stdout or stderr.
accept() {
    begin "$1"
    said=$2
    shift 2
    "$@" >"$work/out" 2>"$work/err"
    code=$?
    [ $code -eq 0 ] || fail "exit code $code, expected 0"
    cat "$work/out" "$work/err" | grep -Eq "$said" || fail "expected it to say: $said"
}

holds() {
    begin "$1"
    shift
    "$@" >"$work/out" 2>"$work/err" || fail "$*"
}

skip() { printf 'skipped: %s\n' "$1"; }

# ---- sounds, byte by byte

little() {
    value=$1 count=$2 bytes=
    while [ "$count" -gt 0 ]; do
        bytes="$bytes\\$(printf %03o $((value & 255)))"
        value=$((value >> 8)) count=$((count - 1))
    done
    printf "$bytes"
}

# header ENCODING CHANNELS RATE BITS DATA_BYTES
header() {
    printf RIFF; little $(($5 + 36)) 4; printf 'WAVEfmt '; little 16 4
    little "$1" 2; little "$2" 2; little "$3" 4; little $(($3 * $2 * $4 / 8)) 4; little $(($2 * $4 / 8)) 2; little "$4" 2
    printf data; little "$5" 4
}

header 1 1 16000 16 16000 >"$work/header"   # half a second

# sound FILE TEXT: a buzz that only TEXT decides
sound() { { cat "$work/header"; yes "$2" | head -c 16000; } >"$1"; }

# sounds FOLDER LABEL COUNT: in four groups
sounds() {
    i=0
    while [ $i -lt "$3" ]; do
        mkdir -p "$1/$2/person$((i % 4))"
        sound "$1/$2/person$((i % 4))/$i.wav" "$2 $2 $i"
        i=$((i + 1))
    done
}

new_project() { "$jatai" new keyword "$1" >/dev/null; }

# ---- the command line

refuse "an unknown command gets did you mean" "trian: no such command" "did you mean train\?" "$jatai" trian
refuse "an unknown command below data too" "recrod: no such command" "did you mean record\?" "$jatai" data recrod
refuse "no command at all lists the commands" "a command is missing" "new, data, train" "$jatai"
refuse "an unknown flag gets did you mean" "--bord: no such option" "did you mean --board\?" "$jatai" compile m.tflite --bord x -o out
refuse "a missing flag is named" "--board is missing" "jatai compile --help" "$jatai" compile m.tflite -o out
refuse "a flag without its value is named" "--board: its value is missing" "jatai simulate --help" "$jatai" simulate x --board
refuse "a word where a number belongs" "expected a number" "jatai train --help" "$jatai" train --epochs many
refuse "seconds out of range" "expected seconds from 0 to 86400" "--help" "$jatai" simulate x --board nano33ble --seconds -1
refuse "an unknown template gets did you mean" "keywrd: no such template" "did you mean keyword\?" "$jatai" new keywrd p
refuse "an unknown language" "no such language" "en, pt" "$jatai" --lang fr doctor
refuse "an unknown board gets did you mean" "nano33bl" "did you mean nano33ble\?" "$jatai" simulate x.elf --board nano33bl
refuse "a missing firmware" "x.elf: not there" "ELF" "$jatai" simulate x.elf --board nano33ble
refuse "a missing project" "no jatai.toml here" "jatai new keyword" "$jatai" train nowhere
refuse "a missing model" "m.tflite: cannot be opened" "name of the file" "$jatai" compile m.tflite --board nano33ble -o out
begin "a full disk behind stdout is an error"
if [ -w /dev/full ]; then
    "$jatai" doctor >/dev/full 2>"$work/err"
    [ $? -eq 1 ] || fail "expected exit code 1"
    grep -q "^error: stdout: the disk is full" "$work/err" || fail "expected it to say so"
else
    skip "no /dev/full here"
fi

# ---- sounds that are none

new_project p
mkdir one
sounds many yes 8
sounds many no 8
bad() { rm -f many/yes/bad.wav; cat >many/yes/bad.wav; }
import="$jatai data import many p"

refuse "a missing source" "gone: no such folder" "folder of labels" "$jatai" data import gone p
printf '' | bad
refuse "an empty WAV" "bad.wav: empty, expected a WAV" "record it again" $import
head -c 20 "$work/header" | bad
refuse "a WAV cut in its header" "bad.wav: truncated" "copy or record it again" $import
{ cat "$work/header"; head -c 900 /dev/zero; } | bad
refuse "a WAV cut in its sound" "bad.wav: truncated: 900 bytes of sound, the header promises 16000" "again" $import
{ header 6 1 8000 8 4000; head -c 4000 /dev/zero; } | bad
refuse "a WAV that is not PCM" "bad.wav: A-law encoding, expected PCM" "ffmpeg" $import
{ header 85 1 44100 16 4000; head -c 4000 /dev/zero; } | bad
refuse "an MP3 in a WAV" "bad.wav: MP3 encoding, expected PCM" "ffmpeg" $import
{ header 1 1 16000 12 4000; head -c 4000 /dev/zero; } | bad
refuse "12 bits a sample" "bad.wav: 12 bits per sample, expected 8, 16, 24 or 32" "ffmpeg" $import
{ header 1 0 16000 16 4000; head -c 4000 /dev/zero; } | bad
refuse "no channels" "bad.wav: 0 channels" "damaged" $import
printf 'ID3 this is music' | bad
refuse "an MP3 named .wav" "bad.wav: MP3, expected a WAV" "ffmpeg" $import
printf 'just some words\n' | bad
refuse "a text named .wav" "bad.wav: not a WAV file" "ffmpeg" $import
header 1 1 16000 16 0 | bad
refuse "a WAV without samples" "bad.wav: no sound" "record it again" $import
rm many/yes/bad.wav

mkdir listed
printf 'file,label,group\nmissing.wav,yes,ana\n' >listed/index.csv
refuse "a recording its index names is missing" "index.csv:2: missing.wav is not in" "file column" "$jatai" data import listed p
printf 'file,label,group\n../../secret.wav,yes,ana\n' >listed/index.csv
refuse "an index that leaves its folder" "index.csv:2: the file name .* leaves its folder" "relative" "$jatai" data import listed p
printf 'file,label,group\na.wav,yes\n' >listed/index.csv
refuse "an index row with a column too few" "index.csv:2: 2 columns, expected 3" "columns of the first line" "$jatai" data import listed p
printf 'sound,label\na.wav,yes\n' >listed/index.csv
refuse "an index without a file column" "index.csv: no column file" "sound, label" "$jatai" data import listed p

sounds single yes 8
refuse "one class only" "one class only \(yes\), expected two" "another word" "$jatai" data import single p
sounds few yes 8
sounds few no 3
refuse "three recordings of a word" "3 recordings of \"no\", expected at least 8" "record more" "$jatai" data import few p
mkdir empty
refuse "a folder without sounds" "no WAV files" "one folder per word" "$jatai" data import empty p
refuse "an unknown speaker to hold out" "no recordings of \"persn1\"" "did you mean person1\?" "$jatai" data import many p --held-out persn1
refuse "training without recordings" "no recordings yet" "jatai data generate" "$jatai" train p
refuse "showing a data set that is none" "one/dataset.json: cannot be opened" "name of the file" "$jatai" data show one
refuse "a microphone that is not there" "microphone nothing_here: not found" "jatai data import" "$jatai" data record x.wav --seconds 0.2 --device nothing_here
printf 'not an elf' >x.elf
refuse "a firmware that is no ELF" "x.elf: ELF header at byte 0 needs 52 bytes, the file has 10" "build or copy it again" "$jatai" simulate x.elf --board nano33ble

# ---- sounds that are unusual and welcome

{ header 1 2 44100 16 176400; yes "stereo" | head -c 176400; } | bad
sounds many "bom dia, não" 8
accept "44.1 kHz stereo is resampled, and that is said" "bad.wav: 44100 Hz, 2 channels: made 16000 Hz mono" $import
accept "a label with spaces, a comma and an accent goes through import and show" "bom dia, não" "$jatai" data show p
holds "its folder has no space" test -d "p/data/clips/bom_dia,_não"
"$jatai" data show p --json >"$work/said/show" 2>/dev/null
holds "the label is whole in --json" grep -q '"bom dia, não"' "$work/said/show"
rm many/yes/bad.wav

# ---- jatai.toml

toml() { sed "$2" p/jatai.toml >t/jatai.toml; cmp -s p/jatai.toml t/jatai.toml && echo "bad_input_test: no change: $1" >>"$work/broken"; }
mkdir t
refuse_toml() {
    toml "$1" "$2"
    refuse "jatai.toml: $1" "$3" "$4" "$jatai" train t
}
refuse_toml "an unknown setting" 's/^clips/clip/' 't/jatai.toml:[0-9]+: .* no setting clip' 'did you mean clips\?'
refuse_toml "an unknown part" 's/\[device\]/[devise]/' 't/jatai.toml:[0-9]+: no part \[devise\]' 'did you mean device\?'
refuse_toml "words where a number belongs" 's/^epochs = .*/epochs = "many"/' 't/jatai.toml:[0-9]+: epochs = .many., expected a whole number from 1' 'mend this line'
refuse_toml "a number out of range" 's/^threshold = .*/threshold = 7/' 't/jatai.toml:[0-9]+: threshold = 7, expected a number from 0 to 1' 'mend this line'
refuse_toml "an unknown network" 's/^network = .*/network = "dscnn_s"/' 't/jatai.toml:[0-9]+: network = .dscnn_s., expected one of .*ds_cnn_s' 'did you mean ds_cnn_s\?'
refuse_toml "one word only" 's/^words = .*/words = ["yes"]/' 't/jatai.toml:[0-9]+: words = .*yes.*, expected a list of at least two words' 'mend this line'
refuse_toml "a quote left open" 's/^name = .*/name = "x/' 't/jatai.toml:[0-9]+: not TOML' 'name = value'
refuse "a project that is there already" "there is a project already" "another folder" "$jatai" new keyword p

# ---- training, Ctrl-C and the model it makes

epochs=300
sed -i 's/^quantised_epochs = .*/quantised_epochs = 2/; s/^batch = .*/batch = 8/' p/jatai.toml
cp -r p q
begin "training from recordings ends well"
"$jatai" train p --epochs $epochs --threads 1 --json >"$work/said/train" 2>"$work/err" || fail "exit code $?"
grep -q '"finished": true' "$work/said/train" || fail "not finished"

begin "Ctrl-C in training stops, says so and keeps what was learned"
"$jatai" train q --epochs $epochs --threads 1 >"$work/out" 2>"$work/err" &
child=$!
waited=0
while [ ! -e q/model/checkpoint.bin ] && kill -0 $child 2>/dev/null && [ $waited -lt 600 ]; do
    sleep 0.05
    waited=$((waited + 1))
done
kill -INT $child 2>/dev/null
wait $child
code=$?
[ $code -eq 0 ] || fail "exit code $code, expected 0"
grep -q "run the same command again" "$work/out" || fail "did not say how to go on"
[ -e q/model/checkpoint.bin ] || fail "no checkpoint"
[ ! -e q/model/model.tflite ] || fail "a model before the training ended"

begin "the same command goes on and gives the same bytes as without a stop, with two threads too"
"$jatai" train q --epochs $epochs --threads 2 --json >"$work/said/resumed" 2>"$work/err" || fail "exit code $?"
grep -q '"resumed": true' "$work/said/resumed" || fail "started over"
cmp p/model/model.tflite q/model/model.tflite >"$work/out" 2>&1 || fail "other bytes"
[ ! -e q/model/checkpoint.bin ] || fail "the checkpoint stayed behind"
rm -rf q

begin "a checkpoint cut short is refused or left aside, never half used"
cp -r p q
rm q/model/model.tflite
printf 'half a checkpoint' >q/model/checkpoint.bin
"$jatai" train q --epochs 1 --threads 1 >"$work/out" 2>"$work/err"
code=$?
{ [ $code -eq 0 ] && [ -e q/model/model.tflite ]; } || { [ $code -eq 1 ] && grep -q "^error: .*checkpoint" "$work/err"; } || fail "exit code $code"
rm -rf q

# ---- models

model=p/model/model.tflite
size=$(wc -c <$model)
cut_at() { head -c "$1" $model >cut.tflite; }
begin "a .tflite cut at any byte"
step=$((size / 60 + 1)) at=0 strange=0
while [ $at -lt "$size" ]; do
    cut_at $at
    "$jatai" run cut.tflite --input $model --output out.bin >"$work/out" 2>"$work/err"
    code=$?
    grep -q "^error: cut.tflite" "$work/err" && [ $code -eq 1 ] && [ ! -e out.bin ] || fail "cut at byte $at: exit code $code"
    at=$((at + step))
done
cut_at $((size / 2))
refuse "half a .tflite" "cut.tflite: found parts that point outside the file" "copy or download" "$jatai" compile cut.tflite --board nano33ble -o out
printf 'this is no model at all, only a text' >cut.tflite
refuse "a text named .tflite" "cut.tflite: found no|cut.tflite: found parts" "jatai reads .tflite|copy or download" "$jatai" compile cut.tflite --board nano33ble -o out
refuse "an unknown board to compile for" "nano33bl" "did you mean nano33ble\?" "$jatai" compile $model --board nano33bl -o out
refuse "an unknown thing to emit" "--emit firmwear: no such choice" "did you mean firmware\?" "$jatai" compile $model --board nano33ble -o out --emit firmwear
refuse "an unknown form" "--form packge: no such choice" "did you mean package\?" "$jatai" compile $model --board nano33ble -o out --form packge
refuse "an unknown choice of kernels" "--kernels some: no such choice" "all, used" "$jatai" compile $model --board nano33ble -o out --kernels some
printf 'abc' >in.bin
refuse "inputs that are no whole sample" "3 bytes of input, expected a multiple of [0-9]+" "back to back" "$jatai" run $model --input in.bin --output out.bin
refuse "inputs that are not there" "none.bin: cannot be opened" "name of the file" "$jatai" run $model --input none.bin --output out.bin
: >in.bin
refuse "no inputs at all" "0 bytes of input, expected a multiple" "back to back" "$jatai" run $model --input in.bin --output out.bin

# ---- a disk with no room

full_disk() {
    unshare -rm sh -c '
        mount -t tmpfs -o size=$1,nr_inodes=400 jatai_test disk || exit 77
        [ -z "$2" ] || cp -r "$2" disk/project || exit 77
        shift 2
        "$@" >../out 2>../err; code=$?
        find disk -name "*.tmp*" | grep . >&2 && exit 3
        find disk -type f -size -1 | grep . >&2 && exit 4
        exit $code' sh "$@"
}
mkdir disk
if unshare -rm sh -c 'mount -t tmpfs -o size=64k jatai_test disk' 2>/dev/null; then
    refuse_full() {
        begin "a full disk: $1"
        shift
        full_disk "$@" 2>>"$work/left"
        code=$?
        [ $code -eq 1 ] || fail "code $code, expected 1 (3: a temporary file was left, 4: an empty file)"
        grep -q "^error: .*disk/.*: the disk is full" "$work/err" || fail "expected it to say so"
        grep -q "^hint: free some space" "$work/err" || fail "expected a hint"
    }
    rm -rf small && new_project small
    refuse_full "import" 200k small "$jatai" data import many disk/project
    refuse_full "compile" 16k "" "$jatai" compile $model --board nano33ble -o disk/out --emit package,cpp
    cp -r p trained && rm -rf trained/model trained/features
    refuse_full "train" "$(($(du -sk trained | cut -f1) + 8))k" trained "$jatai" train disk/project --epochs 1
else
    skip "a full disk (this user may not mount a small one here)"
fi

# ---- too big

new_project big
sed -i 's/^network = .*/network = "mlp"/; s/^hop_ms = .*/hop_ms = 8/; s/^kind = .*/kind = "log_mel"/; s/^mels = .*/mels = 64/; s/^coefficients = .*/coefficients = 64/; s/^clip_ms = .*/clip_ms = 4000/; s/^quantised_epochs = .*/quantised_epochs = 0/' big/jatai.toml
accept "a network of four seconds at once trains" "int8 model" sh -c '"$0" data import many big && "$0" train big --epochs 1' "$jatai"
refuse "a model too big for the board: which limit, by how much, what would fit" \
    "nano33ble: needs [0-9]+ bytes of flash, expected at most 983040 \([0-9]+ too many\)" "bench_m4|smaller network" \
    "$jatai" compile big/model/model.tflite --board nano33ble -o out

# ---- help and JSON

for verb in new data "data generate" "data import" "data record" "data show" train compile run simulate report doctor; do
    accept "help of $verb shows an example" "Example:" "$jatai" $verb --help
    cp "$work/out" "$work/english"
    accept "help of $verb in Portuguese" "Exemplo" "$jatai" --lang pt $verb --help
    cmp -s "$work/out" "$work/english" && fail "the same words as in English"
done
accept "errors in Portuguese too" "erro: " sh -c '"$0" --lang pt trian; test $? -eq 1' "$jatai"
accept "the version" "^jatai [0-9]" "$jatai" --version
"$jatai" doctor --json >"$work/said/doctor" 2>/dev/null
"$jatai" new keyword n --json >"$work/said/new" 2>/dev/null

begin "every answer with --json is one JSON document"
if command -v python3 >/dev/null; then
    python3 -c 'import json,sys
for name in sys.argv[1:]: json.load(open(name, encoding="utf-8"))' "$work"/said/* 2>"$work/err" || fail "not JSON"
elif command -v node >/dev/null; then
    node -e 'for (const name of process.argv.slice(1)) JSON.parse(require("fs").readFileSync(name, "utf8"))' "$work"/said/* 2>"$work/err" || fail "not JSON"
else
    skip "the JSON check (neither python3 nor node here)"
fi
[ ! -s "$work/broken" ] || { sentence="the test's own edits" ; cp "$work/broken" "$work/err"; fail "they changed nothing"; }

echo "$cases cases, $failures failures"
[ $failures -eq 0 ]
