#include "device/features/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <random>
#include <vector>

namespace jatai {
namespace {

constexpr double kPi = 3.14159265358979323846;

std::vector<int32_t> twiddles(int size) {
    std::vector<int32_t> table;
    for (int i = 0; i < size; ++i)
        table.push_back(static_cast<int32_t>(std::cos(2 * kPi * (i - size / 4) / size) * 2147483647.0));
    return table;
}

// The largest error of any bin in units of one sample step, against the definition in double precision.
double worst_error(int size, const std::vector<int16_t>& samples) {
    const std::vector<uint16_t> window(static_cast<size_t>(size), 32768);
    std::vector<int32_t> work(static_cast<size_t>(size));
    const uint32_t fraction_bits = load_window(samples.data(), window.data(), static_cast<uint32_t>(size),
                                               static_cast<uint32_t>(size), work.data());
    const uint32_t peak = transform_real(work.data(), twiddles(size).data(), static_cast<uint32_t>(size));
    const double unit = std::ldexp(1.0, int(fraction_bits));
    double worst = 0;
    for (int k = 1; k < size / 2; ++k) {
        std::complex<double> exact = 0;
        for (int n = 0; n < size; ++n)
            exact +=
                std::polar(static_cast<double>(samples[static_cast<size_t>(n)]), -2 * kPi * k * n / size);
        const int32_t re = work[static_cast<size_t>(2 * k)], im = work[static_cast<size_t>(2 * k + 1)];
        worst = std::max(worst, std::abs(std::complex<double>(re / unit, im / unit) - exact));
        EXPECT_LE(std::abs(static_cast<double>(re)), 2.0 * peak + 1);
        EXPECT_LE(std::abs(static_cast<double>(im)), 2.0 * peak + 1);
    }
    return worst;
}

class Fft : public testing::TestWithParam<int> {};

TEST_P(Fft, OfNoiseIsWithinOneSampleStepOfTheDefinition) {
    std::mt19937 random(1);
    std::vector<int16_t> samples(static_cast<size_t>(GetParam()));
    for (auto& sample : samples) sample = static_cast<int16_t>(random());
    EXPECT_LT(worst_error(GetParam(), samples), GetParam() == 1024 ? 2.0 : 1.0);
}

TEST_P(Fft, OfQuietNoiseIsWithinAThousandthOfASampleStep) {
    std::mt19937 random(2);
    std::vector<int16_t> samples(static_cast<size_t>(GetParam()));
    for (auto& sample : samples) sample = static_cast<int16_t>(random() % 16) - 8;
    EXPECT_LT(worst_error(GetParam(), samples), GetParam() == 1024 ? 0.02 : 0.01);
}

TEST_P(Fft, OfAFullScaleSineDoesNotOverflow) {
    for (int bin : {1, 3, 50, GetParam() / 4, GetParam() / 2 - 1}) {
        std::vector<int16_t> samples;
        for (int n = 0; n < GetParam(); ++n)
            samples.push_back(static_cast<int16_t>(32767 * std::cos(2 * kPi * bin * n / GetParam())));
        EXPECT_LT(worst_error(GetParam(), samples), 4.0) << bin;
    }
}

TEST_P(Fft, OfTheLoudestSquareWaveDoesNotOverflow) {
    for (int half : {1, 2, 8, GetParam() / 2}) {
        std::vector<int16_t> samples;
        for (int n = 0; n < GetParam(); ++n)
            samples.push_back(static_cast<int16_t>((n / half) % 2 ? 32767 : -32768));
        EXPECT_LT(worst_error(GetParam(), samples), 4.0) << half;
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Fft, testing::Values(256, 512, 1024));

}  // namespace
}  // namespace jatai
