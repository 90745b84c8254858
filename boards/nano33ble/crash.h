// crash.h: what a fault leaves behind for the start after it, and why the board started.
//
//     const jatai::StartReason reason = jatai::why_started();       // once, before anything else
//     about.crash = &jatai::kept_crash();
//
// The record lies in RAM that neither start-up nor the linker's other sections touch. A fault fills it and
// resets the chip. After power was away it holds noise, which its checksum tells.
#pragma once

#include "device/observe/observer.h"

namespace jatai {

StartReason why_started();
uint32_t starts_since_power();
const CrashRecord& kept_crash();

}  // namespace jatai
