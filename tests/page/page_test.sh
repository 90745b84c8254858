#!/bin/sh
# page_test.sh JATAI: the page in headless Chromium against a real server. 77: Node or Chromium is missing.
set -eu
skip() { echo "page_test: skipped: $1"; exit 77; }
command -v node >/dev/null || skip "no node; hint: apt-get install --no-install-recommends nodejs"
command -v chromium >/dev/null || skip "no chromium; hint: apt-get install --no-install-recommends chromium"
JATAI=$1 exec node --test "$(dirname "$0")/page_test.mjs"
