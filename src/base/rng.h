// rng.h: reproducible randomness: the same seed gives the same numbers on every machine and compiler.
//
//     Rng rng(seed);
//     int voice = rng.below(voices);
//     float gain = rng.uniform(0.5f, 1.0f);
//
// xoshiro256** (Blackman, Vigna 2018), seeded by splitmix64. Unlike <random>'s distributions its output is
// fixed. Threads: one generator, one thread; `fork(n)` gives an independent stream per item.
#pragma once

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

namespace jatai {

class Rng {
  public:
    explicit Rng(std::uint64_t seed) {
        for (auto& word : state_) word = splitmix(seed);
    }

    std::uint64_t next() {
        const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
        const std::uint64_t t = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    // An integer in [0, n), n >= 1.
    std::uint32_t below(std::uint32_t n) {
        return static_cast<std::uint32_t>(((next() >> 32) * static_cast<std::uint64_t>(n)) >> 32);
    }

    // A float in [0, 1) with 24 random bits.
    float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }
    float uniform(float low, float high) { return low + (high - low) * uniform(); }

    // Normal, mean 0, deviation 1: the sum of 12 uniforms, so that no libm decides a bit.
    float normal() {
        float sum = -6.0f;
        for (int i = 0; i < 12; ++i) sum += uniform();
        return sum;
    }

    // An independent generator for item `n` of whatever this one is for.
    Rng fork(std::uint64_t n) const { return Rng(state_[0] ^ (n + 1) * 0x9E3779B97F4A7C15ull); }

    template <typename T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1], items[below(static_cast<std::uint32_t>(i))]);
    }

  private:
    static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
    static std::uint64_t splitmix(std::uint64_t& x) {
        std::uint64_t z = (x += 0x9E3779B97F4A7C15ull);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }
    std::uint64_t state_[4];
};

}  // namespace jatai
