// port.h: what an application asks of a board, as plain function pointers.
//
//     uint32_t seen = 0;
//     port.start_microphone(port.context, &ring);
//     for (;;) {
//         idle_us += port.sleep_while(port.context, &ring.produced, seen);
//         hear(ring.samples + seen % ring.block_count * ring.block_samples), ++seen;
//     }
//
// A board fills this in (boards/<board>/port.cpp); the host fills it in from memory. The application cannot
// tell them apart, so it behaves the same on both.
//
// Keeps    Every call is made from the main loop, never from an interrupt.
// Memory   The application owns the ring; the board keeps a pointer to it and writes into it.
#pragma once

#include <stdint.h>

namespace jatai {

// Lights of a board, as bits. A board without one of them ignores its bit.
constexpr uint8_t kLightRed = 1;
constexpr uint8_t kLightGreen = 2;
constexpr uint8_t kLightBlue = 4;
constexpr uint8_t kLightBoard = 8;  // the small single-colour LED

// Where the microphone writes: `block_count` blocks of `block_samples` each, filled in turn for ever. Block i
// (counted from 0 since the start) is in slot i % block_count; it is whole once produced > i and stays whole
// while produced - i < block_count, because the microphone is then writing into another slot.
struct MicrophoneRing {
    int16_t* samples;
    uint32_t block_samples;
    uint32_t block_count;
    uint32_t sample_rate_hz;
    volatile uint32_t produced;  // blocks filled so far; the board counts it up
};

struct Port {
    void* context;

    // Microseconds since the start; never goes back.
    uint64_t (*now_us)(void* context);
    // Processor cycles; wraps at 2^32.
    uint32_t (*cycles)(void* context);
    // Sleeps until an interrupt, over and over, while *counter == seen. Gives the microseconds slept.
    uint32_t (*sleep_while)(void* context, const volatile uint32_t* counter, uint32_t seen);
    // Sleeps that long.
    void (*pause_us)(void* context, uint32_t microseconds);
    // Lights exactly the lights named by the bits.
    void (*set_lights)(void* context, uint8_t lights);
    // Sends text over the serial line. Copies it and returns; waits only while the board's queue is full.
    void (*write)(void* context, const char* text, uint32_t bytes);
    // Starts recording into the ring. False when the board cannot record at that rate or into that ring.
    bool (*start_microphone)(void* context, MicrophoneRing* ring);
};

}  // namespace jatai
