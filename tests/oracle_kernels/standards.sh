#!/bin/bash
# standards.sh ROOT: device/ under the standards that the cores of Arduino and its kin ask for, without a warning: all kernels for a
# Cortex-M4 and an M0+, every source for a Cortex-M4. Older cores still ask for gnu++11: it takes what exports carry, kernels,
# engine and features. Ends with 77 when the cross compiler is missing.
set -euo pipefail
cd "$1"
if ! command -v arm-none-eabi-g++ >/dev/null; then
  echo "skipped: arm-none-eabi-g++ is not installed (script/bootstrap installs it)"
  exit 77
fi
flags="-Os -Wall -Wextra -Werror -funsigned-char -fno-exceptions -fno-rtti -mthumb -I. -x c++ -fsyntax-only"
kernels=$(find device/kernels device/cortex_m device/cortex_m0 -name '*.h' ! -name '*_test.h' | sort)
carried=$(find device -maxdepth 1 -name '*.cpp' ! -name '*_test.cpp'; find device/features -name '*.cpp' ! -name '*_test.cpp')
sources=$(find device -name '*.cpp' ! -name '*_test.cpp' ! -path 'device/x86/*' ! -path 'device/wasm/*' | sort)
for standard in gnu++11 gnu++14 gnu++17 gnu++20; do
  for core in cortex-m4 cortex-m0plus; do
    # shellcheck disable=SC2086
    for file in $kernels; do echo "#include \"$file\""; done | arm-none-eabi-g++ -std=$standard -mcpu=$core $flags -
  done
  [ $standard = gnu++11 ] && these=$carried || these=$sources
  # shellcheck disable=SC2086
  echo $these | xargs -n 1 -P 2 arm-none-eabi-g++ -std=$standard -mcpu=cortex-m4 $flags
  echo "$standard: no warning"
done
