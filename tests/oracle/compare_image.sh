#!/bin/bash
# compare_image.sh ELF IN.bin [RUN_IMAGE]: runs one measuring image (contract: docs/reference/simulator.md) on QEMU with the
# icount plugin and on the simulated board, in two folders of its own, and says whether out.bin and every window's
# instruction count are the same. RUN_IMAGE: the program of that name; default: build/release/tests/oracle/run_image.
# ICOUNT: the folder that holds icount.c. Exit code: 0 the same, 1 different, 77 something is not installed.
set -u
here=$(dirname "$(readlink -f "$0")")
elf=$(readlink -f "$1"); input=$(readlink -f "$2")
runner=$(readlink -f "${3:-$here/../../build/release/tests/oracle/run_image}")
icount=${ICOUNT:-$here/../../../shared/tools/icount}
for tool in qemu-system-arm arm-none-eabi-nm gcc; do
  command -v "$tool" > /dev/null || { echo "not installed: $tool"; exit 77; }
done
[ -f "$icount/icount.c" ] || { echo "no icount plugin source in $icount"; exit 77; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
mkdir "$work/qemu" "$work/ours"
cp "$input" "$work/qemu/in.bin"; cp "$input" "$work/ours/in.bin"
gcc -O2 -fPIC -shared -fvisibility=hidden -o "$work/libicount.so" "$icount/icount.c" || exit 1

address() { arm-none-eabi-nm "$elf" | awk -v name="$1" '$3 == name {print $1}'; }
marks="begin=$(address bench_begin),end=$(address bench_end),out=$work/theirs.txt"
[ -n "$(address bench_op_begin)" ] && marks="$marks,opb=$(address bench_op_begin),ope=$(address bench_op_end)"
(cd "$work/qemu" && timeout 600 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial null \
  -semihosting-config enable=on,target=native -kernel "$elf" -plugin "$work/libicount.so,$marks" > console.txt 2>&1 < /dev/null)
"$runner" "$elf" --folder "$work/ours" > "$work/ours.txt" || { cat "$work/ours.txt"; echo "the simulator did not finish"; exit 1; }

# The operators of a window come before it in one output and after it in the other.
counts() { grep -E '^(window|op) ' "$1" | awk '{print $1, $2, $4}' | sort -k1,1 -k2,2n; }
counts "$work/theirs.txt" > "$work/a"; counts "$work/ours.txt" > "$work/b"
status=0
if cmp -s "$work/qemu/out.bin" "$work/ours/out.bin"; then
  echo "out.bin: same, $(stat -c %s "$work/ours/out.bin") bytes"
else
  echo "out.bin: DIFFERENT"; status=1
fi
if [ -s "$work/a" ] && cmp -s "$work/a" "$work/b"; then
  echo "instructions: same, $(grep -c '^op' "$work/b") operators, $(awk '$1 == "window" && $2 == 0 {print $3}' "$work/b") in the first window"
else
  echo "instructions: DIFFERENT"; diff "$work/a" "$work/b" | head -20; status=1
fi
grep -E '^window 0' "$work/ours.txt"
exit $status
