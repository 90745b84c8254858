#!/bin/bash
# Fuzzes one reader: tests/fuzz/run.sh tflite [RUNS] [MORE SEEDS ...]. It ends at the first crash, leak, input that takes
# more than 5 s (1 s on a quiet machine: SECONDS_EACH=1) or more than 512 MB.
#   RUNS        10000000 unless given
#   MORE SEEDS  folders of files to begin with besides ours, for instance those of ../shared/data/models; what grows from
#               them stays in $JATAI_FUZZ_DIR (build/fuzz/work unless set), never in the repository
# Needs: cmake --preset fuzz && cmake --build --preset fuzz --target NAME_fuzz; the same for the release preset (it
# writes our seeds).
set -e
name=$1
runs=${2:-10000000}
shift; [ $# -gt 0 ] && shift
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${JATAI_FUZZ_DIR:-$root/build/fuzz/work}
mkdir -p "$work/$name" "$work/found"
"$root/build/release/tests/fuzz/${name}_fuzz" --seeds "$work/$name"
cp "$root/tests/fuzz/corpus/$name/"* "$work/$name/" 2>/dev/null || true
# Exceptions leave no time to clean fake stacks, and traces of every allocation are asked for only once there is a find.
export ASAN_OPTIONS=detect_stack_use_after_return=0:malloc_context_size=0:quarantine_size_mb=4:thread_local_quarantine_size_kb=64:allocator_release_to_os_interval_ms=-1
"$root/build/fuzz/tests/fuzz/${name}_fuzz" -runs="$runs" -max_len="${MAX_LEN:-4096}" -rss_limit_mb=512 \
  -timeout="${SECONDS_EACH:-5}" -report_slow_units=1 -reload=0 -print_final_stats=1 \
  -artifact_prefix="$work/found/${name}_" "$work/$name" "$@"
