// reason.h: why an update was taken or not, in one byte that devices in the field send.
//
//     const jatai::Verdict verdict = agent.offer(manifest, bytes);
//     if (verdict.reason != jatai::Reason::Ok) { report.send(verdict); }
//
// The host turns a number into a sentence: src/package/reason_text.h.
// Keeps: a number, once given, never changes its meaning.
#pragma once

#include <stdint.h>

namespace jatai {

enum class Reason : uint8_t {
    Ok = 0,
    BadManifest = 1,        // not CBOR of the form in docs/reference/update.md
    Unsupported = 2,        // well formed, but asks for what this agent does not do
    WrongDigest = 3,        // the manifest is not the one that was signed
    UnknownKey = 4,         // no signature by a key in force
    BadSignature = 5,       // by such a key, but wrong
    WrongVendor = 6,        //
    WrongBoard = 7,         //
    Downgrade = 8,          // signed before something this chip has seen
    Replayed = 9,           // installed or given back already
    Expired = 10,           //
    WrongFormat = 11,       // a package version this engine does not read
    WrongFamily = 12,       // weights laid out for other kernels
    MissingKernel = 13,     // detail: number of the first kernel record that is missing
    ArenaTooSmall = 14,     //
    TooLarge = 15,          // for the slot
    BadPayload = 16,        // not a payload, damaged, or it ends early
    WrongSource = 17,       // a difference to another image than the active one
    WrongImage = 18,        // what came out has another digest
    BadPackage = 19,        // detail: the Status (device/status.h)
    SelfTestFailed = 20,    // detail: number of the sample
    FlashFailed = 21,       // reads back otherwise than written
    Returned = 22,          // the trial ended without a confirmation
    NoKeys = 23,            // the firmware has no trust anchor
    NoFirmwarePort = 24,    //
    BadRoot = 25,           //
    TooFewSignatures = 26,  // by old or by new root keys
    OldRoot = 27,           //
    TooLong = 28,           // longer than the chip's buffer
    NoModel = 29,           // neither slot holds a package
    OutOfTurn = 30,         // asked for when it cannot be
    HandedOver = 31,        // to the boot loader
    TooSlow = 32,           // beside: the application would be late
};

constexpr uint8_t kReasonCount = 33;

struct Verdict {
    Reason reason;
    uint8_t detail;
};

}  // namespace jatai
