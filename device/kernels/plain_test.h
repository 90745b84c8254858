// plain_test.h: for tests: TFLite's arithmetic once more, written from its definition instead of for speed,
// and operands whose ends a sanitizer watches.
//
//     EXPECT_EQ(rescale(x, m, s), plain_rescale(x, m, s));
//     Operands operands; operands.add(bytes, true); operands.run(kConv2dInt8, params);
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

#include "device/kernel.h"

namespace jatai {

// gemmlowp: (a * b + nudge) / 2^31, the nudge of the product's sign, the division towards zero.
inline int32_t plain_multiply_high(int32_t a, int32_t b) {
    const int64_t product = int64_t{a} * b;
    const int64_t nudge = product >= 0 ? 1ll << 30 : 1 - (1ll << 30);
    return static_cast<int32_t>((product + nudge) / (1ll << 31));
}

// x / 2^bits to the nearest, halves away from zero.
inline int32_t plain_divide(int32_t x, int bits) {
    return static_cast<int32_t>(std::llround(std::ldexp(static_cast<double>(x), -bits)));
}

inline int32_t plain_rescale(int32_t x, int32_t multiplier, int32_t shift) {
    const int left = shift > 0 ? shift : 0;
    const int right = shift > 0 ? 0 : -shift;
    return plain_divide(
        plain_multiply_high(static_cast<int32_t>(static_cast<uint32_t>(x) << left), multiplier), right);
}

inline int32_t plain_clamp(int64_t x, int32_t low, int32_t high) {
    return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(x, low), high));
}

// Operands on the heap, each exactly as large as it says.
class Operands {
  public:
    template <typename T>
    T* add(const std::vector<T>& values, bool writable) {
        auto bytes = std::make_unique<uint8_t[]>(values.size() * sizeof(T));
        if (!values.empty()) std::memcpy(bytes.get(), values.data(), values.size() * sizeof(T));
        sizes_.push_back(static_cast<uint32_t>(values.size() * sizeof(T)));
        writable_.push_back(writable);
        addresses_.push_back(values.empty() ? nullptr : bytes.get());  // absent
        memory_.push_back(std::move(bytes));
        return static_cast<T*>(addresses_.back());
    }

    bool fits(const Kernel& kernel, const void* params, uint32_t params_bytes,
              const std::vector<uint32_t>& sizes, const std::vector<bool>& writable) const {
        const auto flags = std::make_unique<bool[]>(writable.size());
        for (std::size_t i = 0; i < writable.size(); ++i) flags[i] = writable[i];
        return kernel.fits(
            {params, params_bytes, static_cast<uint32_t>(sizes.size()), sizes.data(), flags.get()});
    }

    // Runs the kernel after its own check, and proves that the check notices what is missing.
    template <typename Params>
    void run(const Kernel& kernel, const Params& params) {
        ASSERT_TRUE(fits(kernel, &params, sizeof params, sizes_, writable_));
        EXPECT_FALSE(fits(kernel, &params, sizeof params - 1, sizes_, writable_)) << "short parameters";
        for (std::size_t i = 0; i < sizes_.size(); ++i) {
            std::vector<uint32_t> sizes = sizes_;
            --sizes[i];
            EXPECT_FALSE(fits(kernel, &params, sizeof params, sizes, writable_))
                << "operand " << i << " a byte short";
            sizes.resize(i);
            EXPECT_FALSE(fits(kernel, &params, sizeof params, sizes, writable_))
                << "only " << i << " operands";
            std::vector<bool> writable = writable_;
            if (!writable[i]) continue;
            writable[i] = false;
            EXPECT_FALSE(fits(kernel, &params, sizeof params, sizes_, writable)) << "output in flash";
        }
        kernel.run({&params, addresses_.data()});
    }

    // Runs the kernel when it accepts these parameters, whatever they are. The sanitizers judge.
    bool try_run(const Kernel& kernel, const void* params, uint32_t params_bytes) {
        if (!fits(kernel, params, params_bytes, sizes_, writable_)) return false;
        kernel.run({params, addresses_.data()});
        return true;
    }

  private:
    std::vector<std::unique_ptr<uint8_t[]>> memory_;
    std::vector<void*> addresses_;
    std::vector<uint32_t> sizes_;
    std::vector<bool> writable_;
};

using Dice = std::mt19937;

inline int roll(Dice& dice, int low, int high) { return std::uniform_int_distribution<int>(low, high)(dice); }

inline std::vector<int8_t> random_bytes(Dice& dice, std::size_t count) {
    std::vector<int8_t> bytes(count);
    for (int8_t& b : bytes) b = static_cast<int8_t>(roll(dice, -128, 127));
    return bytes;
}

}  // namespace jatai
