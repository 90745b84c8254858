#!/bin/sh
# measure.sh BUILD PLUGIN OUT: instructions of one hop on an emulated Cortex-M4, log-mel and MFCC.
# BUILD has run its feature_cycles_tests once (they leave in.bin); PLUGIN is an instruction counting plugin for QEMU that
# takes begin=, end=, out= and hist= (addresses of bench_begin and bench_end; files).
set -eu
build=$(realpath "$1"); plugin=$(realpath "$2"); mkdir -p "$3"; out=$(realpath "$3")
image=$build/tests/bench/feature_cycles/feature_cycles.elf
address() { arm-none-eabi-nm "$image" | awk -v name="$1" '$3 == name { print $1 }'; }
for kind in 0 1; do
    cd "$build/feature_cycles_$kind"
    qemu-system-arm -M mps2-an386 -nographic -monitor none -serial null -semihosting-config enable=on,target=native \
        -kernel "$image" < /dev/null \
        -plugin "$plugin,begin=$(address bench_begin),end=$(address bench_end),out=$out/$kind.txt,hist=$out/$kind.hist"
    echo "kind $kind: $(head -1 "$out/$kind.txt")"
done
