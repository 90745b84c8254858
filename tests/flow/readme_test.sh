#!/bin/sh
# readme_test.sh JATAI README...: runs every command of the sh blocks of each README, in order, in an empty folder.
# Only the amount of work is cut: after `jatai new`, jatai.toml asks for fewer clips and epochs. The second block needs a
# model and an input: it gets the one the first block made.
set -eu
command -v espeak-ng >/dev/null || { echo "skipped: espeak-ng is not installed"; exit 77; }
jatai=$(realpath "$1")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$jatai" "$work/bin/jatai"
PATH=$work/bin:$PATH

prepare() {
    for toml in */jatai.toml; do
        [ -e "$toml" ] && sed -i 's/^clips = .*/clips = 600/; s/^epochs = .*/epochs = 2/; s/^quantised_epochs = .*/quantised_epochs = 1/' "$toml"
    done
    for model in */model/model.tflite; do
        [ -e "$model" ] && [ ! -e model.tflite ] && cp "$model" model.tflite && head -c 980 /dev/zero >in.bin
    done
    return 0
}

for readme in "$@"; do
    readme=$(realpath "$readme")
    mkdir "$work/$(basename "$readme")"
    cd "$work/$(basename "$readme")"
    awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$readme" | sed 's/ *#.*//' >commands
    [ -s commands ] || { echo "$readme: no commands found"; exit 1; }
    while read -r command; do
        prepare
        echo "\$ $command"
        sh -c "$command" </dev/null || { echo "$readme: this command failed: $command"; exit 1; }
    done <commands
done
