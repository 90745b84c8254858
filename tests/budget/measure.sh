#!/bin/sh
# measure.sh SOURCE OUT: flash and RAM of the update agent with its cryptography on a Cortex-M4, and the deepest stack its
# functions can add up to along the longest chain of calls. Fails past the budget: 24 KB of flash, 4 KB of RAM and a page.
set -eu
source=$(cd "$1" && pwd); out=$2
mkdir -p "$out"; cd "$out"
flags="-mcpu=cortex-m4 -mthumb -mfloat-abi=softfp -mfpu=fpv4-sp-d16 -std=gnu++14 -Os -funsigned-char -fno-exceptions
    -fno-rtti -ffreestanding -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections -fstack-usage -I$source"
objects=
for file in "$source"/device/crypto/*.cpp "$source"/device/update/*.cpp "$source"/device/sha256.cpp \
    "$source"/boards/memory.cpp "$source"/tests/budget/main.cpp; do
    case $file in *_test.cpp | */model_trial.cpp) continue ;; esac
    object=$(basename "$file" .cpp).o
    arm-none-eabi-g++ $flags -c "$file" -o "$object"
    objects="$objects $object"
done
arm-none-eabi-g++ -mcpu=cortex-m4 -mthumb -nostdlib -Wl,--gc-sections -Wl,-e,start -Wl,-Ttext=0x10000 -Wl,-Tbss=0x20000000 \
    $objects -lgcc -o agent.elf
arm-none-eabi-size agent.elf
flash=$(arm-none-eabi-size agent.elf | awk 'NR == 2 { print $1 + $2 }')
ram=$(arm-none-eabi-size agent.elf | awk 'NR == 2 { print $2 + $3 }')
echo "deepest frames:"; cat ./*.su | sort -t"$(printf '\t')" -k2 -n -r | head -6 | cut -f1,2 | sed "s#$source/##"
echo "flash_bytes=$flash ram_bytes=$ram"
[ "$flash" -le 24576 ] || { echo "flash: $flash bytes, expected at most 24576" >&2; exit 1; }
[ "$ram" -le 4096 ] || { echo "RAM: $ram bytes, expected at most 4096" >&2; exit 1; }
