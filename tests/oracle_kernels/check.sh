#!/bin/bash
# check.sh ROOT OUTDIR LEVEL: builds these sources for a Cortex-M4 as Arduino does, at -Os or -O2, and runs it on QEMU.
# Ends with 0 when every kernel agrees, 77 when a tool is missing, else 1.
set -euo pipefail
root=$1 out=$2 level=$3
for tool in arm-none-eabi-g++ qemu-system-arm; do
  if ! command -v "$tool" >/dev/null; then
    echo "skipped: $tool is not installed (script/bootstrap installs it)"
    exit 77
  fi
done
here=$root/tests/oracle_kernels
flags="-std=gnu++14 $level -Wall -Wextra -Werror -funsigned-char -fno-exceptions -fno-rtti -ffunction-sections -mthumb -I$root"
mkdir -p "$out"
# A core without the DSP extension gets the reference kernels from the same headers: they have to compile there too.
# shellcheck disable=SC2086
arm-none-eabi-g++ $flags -mcpu=cortex-m0plus -fsyntax-only "$here"/*.cpp
# shellcheck disable=SC2086
arm-none-eabi-g++ $flags -mcpu=cortex-m4 -mfloat-abi=softfp -mfpu=fpv4-sp-d16 -nostartfiles -Wl,--gc-sections \
  -Wl,-T,"$here/image.ld" "$here"/*.cpp -nodefaultlibs -lgcc -lc -lgcc -o "$out/image.elf"
timeout 240 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial null \
  -semihosting-config enable=on,target=native -kernel "$out/image.elf" </dev/null
