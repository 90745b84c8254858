// held_board.h: a board made of memory for an application of the fleet: a hop of faint noise each time it
// sleeps.
//
//     HeldBoard board(world, package);
//     KeywordFleet app;
//     app.open(board.parts(pipe, world), [] {});
#pragma once

#include <cstring>
#include <vector>

#include "device/apps/fleet_parts.h"
#include "device/package.h"
#include "tests/faults/update_world.h"

namespace jatai {

struct HeldBoard {
    HeldBoard(const UpdateWorld& world, const Bytes& package) : flash(4096, 64), chip(world, flash) {
        std::memcpy(flash.data(), package.data(), package.size());
        port.context = this;
        port.now_us = [](void* self) { return static_cast<HeldBoard*>(self)->now_us += 50; };
        port.cycles = [](void* self) {
            HeldBoard& board = *static_cast<HeldBoard*>(self);
            return board.cycles += 64 * board.run_us;
        };
        port.sleep_while = hear;
        port.pause_us = [](void* self, std::uint32_t us) { static_cast<HeldBoard*>(self)->now_us += us; };
        port.set_lights = [](void*, std::uint8_t) {};
        port.write = [](void*, const char*, std::uint32_t) {};
        port.start_microphone = [](void* self, MicrophoneRing* ring) {
            ring->produced = 0;
            static_cast<HeldBoard*>(self)->ring = ring;
            return true;
        };
    }
    static std::uint32_t hear(void* self, const volatile std::uint32_t*, std::uint32_t) {
        HeldBoard& board = *static_cast<HeldBoard*>(self);
        MicrophoneRing& ring = *board.ring;
        for (std::uint32_t i = 0; i < ring.block_samples; ++i)
            ring.samples[ring.produced % ring.block_count * ring.block_samples + i] =
                static_cast<std::int16_t>(board.rng.below(16));
        ring.produced = ring.produced + 1;
        board.now_us += 20000;
        return 20000;
    }
    FleetParts parts(const BytePipe& pipe, const UpdateWorld& world) {
        FleetParts out = {};
        out.port = &port;
        out.pipe = pipe;
        out.agent = chip.config();
        out.arena = {arena.data(), static_cast<std::uint32_t>(arena.size() * 16), &world.kernel_set()};
        out.agent.arena_bytes = out.arena.arena_bytes;
        PackageHeader header;
        std::memcpy(&header, flash.data(), sizeof header);
        out.agent.family = header.family;
        out.set_hash = reinterpret_cast<const std::uint8_t*>("12345678");
        out.cycles_per_us = 64;
        return out;
    }
    struct alignas(16) Block {
        std::uint8_t bytes[16];
    };
    Port port{};
    MicrophoneRing* ring = nullptr;
    Rng rng{5};
    std::uint64_t now_us = 0;
    std::uint32_t cycles = 0, run_us = 0;  // run_us: what is timed by cycles takes so long
    FlashMemory flash;
    Chip chip;
    std::vector<Block> arena = std::vector<Block>(8192);
};

}  // namespace jatai
