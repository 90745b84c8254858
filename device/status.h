// status.h: the answer of everything on a chip that may refuse, in one byte.
//
//     if (engine.open(...) != jatai::Status::Ok) { telemetry.send(static_cast<uint8_t>(status)); }
//
// The host turns a number into a sentence: src/package/status_text.h.
// Keeps: a number, once given, never changes its meaning: devices in the field send it.
#pragma once

#include <stdint.h>

namespace jatai {

enum class Status : uint8_t {
    Ok = 0,
    TooShort = 1,           // fewer bytes than a header
    BadMagic = 2,           // not a package
    BadVersion = 3,         // a format version this engine does not read
    BadLength = 4,          // the header's total is more than the bytes given, or not a multiple of 16
    BadHeader = 5,          // a fixed field has a value the format does not allow
    BadTable = 6,           // a table does not lie inside the package
    BadName = 7,            // a name does not lie inside the package or does not end in zero
    BadTensor = 8,          // an input or output: type, shape, size or place
    BadOperand = 9,         // an operand outside the arena or the constants, or misaligned
    BadStep = 10,           // a step: kernel number, operands or parameters
    BadBlob = 11,           // a named section outside the package
    MissingKernel = 12,     // the firmware was not linked with a kernel the package needs
    KernelRefused = 13,     // a kernel says that parameters and operands do not agree
    PackageUnaligned = 14,  // the package does not start at a multiple of 16
    ArenaUnaligned = 15,    // the arena does not start at a multiple of 16
    ArenaTooSmall = 16,     // the package needs a larger arena
    BadHash = 17,           // the bytes are not those that were packed
};

constexpr uint8_t kStatusCount = 18;

}  // namespace jatai
