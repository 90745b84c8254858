// fuzz.h: what every fuzz target defines.
//
//     // links: jatai_data
//     extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { read it, catch Error; return
//     0; } void jatai::add_seeds(std::vector<Bytes>& seeds) { seeds.push_back(a small valid file); }
//
// Without libFuzzer, replay.cpp runs every seed, prefixes of it and random mutations. With libFuzzer,
// add_seeds() is not called: it starts from nothing, or from a corpus folder given on its command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds);

}  // namespace jatai
