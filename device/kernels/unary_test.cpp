// The kernels of one input, the comparisons, SELECT, CAST and QUANTIZE to wider types.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "device/kernels/cast_real.h"
#include "device/kernels/compare.h"
#include "device/kernels/l2_normalization.h"
#include "device/kernels/log_softmax.h"
#include "device/kernels/lookup.h"
#include "device/kernels/plain_test.h"
#include "device/kernels/plain_unary.h"
#include "device/kernels/quantize_wide.h"
#include "device/kernels/select.h"
#include "device/kernels/sigmoid16.h"
#include "device/kernels/slopes.h"
#include "device/kernels/softmax_wide.h"
#include "device/kernels/topk_v2.h"

namespace jatai {
namespace {

template <typename T>
using List = std::vector<T>;

template <typename T>
List<T> unary(const Kernel& kernel, const List<T>& in, UnaryParams p = {}) {
    p.count = static_cast<uint32_t>(in.size());
    Operands operands;
    operands.add(in, false);
    const T* out = operands.add(List<T>(in.size()), true);
    operands.run(kernel, p);
    return {out, out + in.size()};
}

TEST(Lookup, AnswersEveryByteFromTheTable) {
    List<uint8_t> in, table;
    for (int i = 0; i < 256; ++i) {
        in.push_back(static_cast<uint8_t>(i * 7));
        table.push_back(static_cast<uint8_t>(255 - i));
    }
    Operands operands;
    operands.add(in, false);
    operands.add(table, false);
    const uint8_t* out = operands.add(List<uint8_t>(256), true);
    operands.run(kLookup, LookupParams{256});
    for (int i = 0; i < 256; ++i) EXPECT_EQ(out[i], 255 - static_cast<uint8_t>(i * 7));
}

TEST(Slopes, HaveOneFactorOnEachSideOfZero) {
    const SlopesParams p{5, 1 << 30, 0, -(1 << 30), -1, -500, 700};  // 1/2 above, -1/4 below
    Operands operands;
    operands.add(List<int16_t>{-4000, -1000, 0, 1000, 2000}, false);
    const int16_t* out = operands.add(List<int16_t>(5), true);
    operands.run(kSlopesInt16, p);
    EXPECT_EQ((List<int16_t>{out, out + 5}), (List<int16_t>{700, 250, 0, 500, 700}));
}

TEST(Sigmoid16, FollowsTheFunctionsWithinThreeSteps) {
    List<uint16_t> table;
    for (int i = 0; i < 256; ++i)
        table.push_back(
            static_cast<uint16_t>(std::min(65535.0, std::round(65536 / (1 + std::exp(-i / 24.0))))));
    List<int16_t> in;
    for (int x = -32768; x < 32768; x += 13) in.push_back(static_cast<int16_t>(x));
    const auto count = static_cast<uint32_t>(in.size());
    for (const Kernel* kernel : {&kLogisticInt16, &kTanhInt16}) {
        Operands operands;
        operands.add(in, false);
        operands.add(table, false);
        const int16_t* out = operands.add(List<int16_t>(count), true);
        operands.run(*kernel, Sigmoid16Params{count, 3, 0});  // input in units of 1/4096
        for (uint32_t i = 0; i < count; ++i) {
            const double x = in[i] / 4096.0;
            const double exact = kernel == &kTanhInt16 ? std::tanh(x) : 1 / (1 + std::exp(-x));
            ASSERT_NEAR(out[i] / 32768.0, exact, 4.0 / 32768) << x;
        }
    }
}

TEST(Unary, FloatsFollowTheirFunctions) {
    const List<float> x{-2.5f, -0.25f, 0.0f, 0.5f, 3.0f, 40.0f};
    const struct {
        const Kernel* kernel;
        double (*exact)(double);
    } rows[] = {{&kAbsFloat, [](double v) { return std::abs(v); }},
                {&kNegFloat, [](double v) { return -v; }},
                {&kCeilFloat, [](double v) { return std::ceil(v); }},
                {&kFloorFloat, [](double v) { return std::floor(v); }},
                {&kRoundFloat, [](double v) { return std::nearbyint(v); }},
                {&kSquareFloat, [](double v) { return v * v; }},
                {&kExpFloat, [](double v) { return std::exp(v); }},
                {&kSinFloat, [](double v) { return std::sin(v); }},
                {&kCosFloat, [](double v) { return std::cos(v); }},
                {&kLogisticFloat, [](double v) { return 1 / (1 + std::exp(-v)); }},
                {&kTanhFloat, [](double v) { return std::tanh(v); }},
                {&kEluFloat, [](double v) { return v < 0 ? std::expm1(v) : v; }},
                {&kHardSwishFloat, [](double v) { return v * std::min(6.0, std::max(0.0, v + 3)) / 6; }}};
    for (const auto& row : rows) {
        const List<float> y = unary(*row.kernel, x);
        for (std::size_t i = 0; i < x.size(); ++i) {
            const double exact = row.exact(x[i]);
            EXPECT_NEAR(y[i], exact, 1e-6 * std::max(1.0, std::abs(exact))) << x[i];
        }
    }
    EXPECT_EQ(unary<float>(kSqrtFloat, {9, 2.25f}), (List<float>{3, 1.5f}));
    EXPECT_EQ(unary<float>(kRsqrtFloat, {4, 0.25f}), (List<float>{0.5f, 2}));
    EXPECT_NEAR(unary<float>(kLogFloat, {10})[0], 2.302585, 1e-6);
    EXPECT_EQ(unary<float>(kBoundsFloat, {-1, 3, 9}, {0, 0, 6, 0}), (List<float>{0, 3, 6}));
    EXPECT_EQ(unary<float>(kLeakyReluFloat, {-2, 3}, {0, 0, 0, 0.25f}), (List<float>{-0.5f, 3}));
}

TEST(Unary, WholeNumbersAndTruths) {
    EXPECT_EQ(unary<int32_t>(kAbsInt32, {-5, 7, INT32_MIN}), (List<int32_t>{5, 7, INT32_MIN}));
    EXPECT_EQ(unary<int32_t>(kNegInt32, {-5, 7, INT32_MIN}), (List<int32_t>{5, -7, INT32_MIN}));
    EXPECT_EQ(unary<int64_t>(kNegInt64, {-5, int64_t{1} << 40}), (List<int64_t>{5, -(int64_t{1} << 40)}));
    EXPECT_EQ(unary<uint8_t>(kLogicalNot, {0, 1, 200}), (List<uint8_t>{1, 0, 0}));
}

template <typename T>
List<uint8_t> compared_pairs(const Kernel& kernel, const List<T>& a, const List<T>& b, CompareParams p = {}) {
    p.walk = {{1, 1, 1, static_cast<uint32_t>(a.size())}, {{0, 0, 0, 1}, {0, 0, 0, 1}}};
    Operands operands;
    operands.add(a, false);
    operands.add(b, false);
    const uint8_t* out = operands.add(List<uint8_t>(a.size()), true);
    operands.run(kernel, p);
    return {out, out + a.size()};
}

TEST(Compare, KnowsLessEqualAndEqualOfEveryType) {
    using Truths = List<uint8_t>;
    const List<float> a{1, 2, 3, NAN}, b{2, 2, 2, NAN};
    EXPECT_EQ(compared_pairs(kLessFloat, a, b), (Truths{1, 0, 0, 0}));
    EXPECT_EQ(compared_pairs(kLessEqualFloat, a, b), (Truths{1, 1, 0, 0}));
    EXPECT_EQ(compared_pairs(kEqualFloat, a, b), (Truths{0, 1, 0, 0}));
    CompareParams negated{};
    negated.negate = 1;
    EXPECT_EQ(compared_pairs(kEqualFloat, a, b, negated), (Truths{1, 0, 1, 1})) << "NAN equals nothing";
    EXPECT_EQ(compared_pairs<int32_t>(kLessInt32, {-1, 5}, {1, 5}), (Truths{1, 0}));
    EXPECT_EQ(compared_pairs<int32_t>(kLessEqualInt32, {-1, 5}, {1, 5}), (Truths{1, 1}));
    EXPECT_EQ(compared_pairs<int32_t>(kEqualInt32, {-1, 5}, {1, 5}), (Truths{0, 1}));
    EXPECT_EQ(compared_pairs<int64_t>(kLessInt64, {int64_t{1} << 40}, {1}), (Truths{0}));
    EXPECT_EQ(compared_pairs<int64_t>(kLessEqualInt64, {1}, {int64_t{1} << 40}), (Truths{1}));
    EXPECT_EQ(compared_pairs<int64_t>(kEqualInt64, {int64_t{1} << 40}, {0}), (Truths{0}));
    EXPECT_EQ(compared_pairs<uint8_t>(kEqualBool, {0, 1}, {1, 1}), (Truths{0, 1}));
    EXPECT_EQ(compared_pairs<uint8_t>(kLogicalAnd, {0, 1, 7}, {1, 0, 2}), (Truths{0, 0, 1}));
    EXPECT_EQ(compared_pairs<uint8_t>(kLogicalOr, {0, 0, 7}, {0, 3, 0}), (Truths{0, 1, 1}));
}

TEST(Compare, BytesAreComparedOnTheirScales) {
    CompareParams p{};
    p.a_zero_point = 10, p.a_multiplier = 1 << 30, p.a_shift = 0;   // scale 1/2
    p.b_zero_point = -4, p.b_multiplier = 1 << 30, p.b_shift = -1;  // scale 1/4
    const List<int8_t> a{12, 12, 12}, b{-1, 0, 1};                  // 1 against 3/4, 1, 5/4
    EXPECT_EQ(compared_pairs(kLessInt8, a, b, p), (List<uint8_t>{0, 0, 1}));
    EXPECT_EQ(compared_pairs(kLessEqualInt8, a, b, p), (List<uint8_t>{0, 1, 1}));
    EXPECT_EQ(compared_pairs(kEqualInt8, a, b, p), (List<uint8_t>{0, 1, 0}));
    p.b_zero_point = 200;
    const List<uint8_t> c{12, 12, 12}, d{203, 204, 205};
    EXPECT_EQ(compared_pairs(kLessUInt8, c, d, p), (List<uint8_t>{0, 0, 1}));
    EXPECT_EQ(compared_pairs(kLessEqualUInt8, c, d, p), (List<uint8_t>{0, 1, 1}));
    EXPECT_EQ(compared_pairs(kEqualUInt8, c, d, p), (List<uint8_t>{0, 1, 0}));
}

template <typename T>
void expect_selected(const Kernel& kernel) {
    const SelectParams p{{{1, 1, 2, 3}, {{0, 0, 1, 0}, {0, 0, 3, 1}, {0, 0, 0, 0}}}};
    Operands operands;
    operands.add(List<uint8_t>{0, 1}, false);  // one for each row
    operands.add(List<T>{1, 2, 3, 4, 5, 6}, false);
    operands.add(List<T>{99}, false);  // for all
    const T* out = operands.add(List<T>(6), true);
    operands.run(kernel, p);
    EXPECT_EQ((List<T>{out, out + 6}), (List<T>{99, 99, 99, 4, 5, 6}));
}

TEST(Select, TakesOneOfTwoOfAnySize) {
    expect_selected<uint8_t>(kSelect1);
    expect_selected<uint16_t>(kSelect2);
    expect_selected<uint32_t>(kSelect4);
    expect_selected<uint64_t>(kSelect8);
}

template <typename From, typename To>
List<To> casted(Type from, Type to, const List<From>& in) {
    const CastParams p{static_cast<uint32_t>(in.size()), from, to, {}};
    Operands operands;
    operands.add(in, false);
    const To* out = operands.add(List<To>(in.size()), true);
    operands.run(kCast, p);
    return {out, out + in.size()};
}

TEST(Cast, KeepsTheValueWhereTheTypeCan) {
    EXPECT_EQ((casted<float, int8_t>(Type::Float32, Type::Int8, {-1.9f, 1.9f, 127, 300, 1e20f})),
              (List<int8_t>{-1, 1, 127, 44, 0}));
    EXPECT_EQ((casted<float, int32_t>(Type::Float32, Type::Int32, {-1.9f, 2e9f, 3e9f, NAN})),
              (List<int32_t>{-1, 2000000000, INT32_MIN, INT32_MIN}));
    EXPECT_EQ((casted<float, int64_t>(Type::Float32, Type::Int64, {-1.9f, -0.5f, 1099511627776.0f, 1e30f})),
              (List<int64_t>{-1, 0, int64_t{1} << 40, INT64_MIN}));
    EXPECT_EQ((casted<float, uint32_t>(Type::Float32, Type::UInt32, {4e9f, 1.5f})),
              (List<uint32_t>{4000000000u, 1}));
    EXPECT_EQ((casted<float, uint64_t>(Type::Float32, Type::UInt64, {9223372036854775808.0f})),
              (List<uint64_t>{uint64_t{1} << 63}));
    EXPECT_EQ((casted<float, uint8_t>(Type::Float32, Type::Bool, {0, -0.0f, 0.5f})),
              (List<uint8_t>{0, 0, 1}));
    EXPECT_EQ((casted<uint8_t, float>(Type::Bool, Type::Float32, {0, 1, 9})), (List<float>{0, 1, 1}));
    EXPECT_EQ((casted<uint8_t, float>(Type::UInt8, Type::Float32, {0, 200})), (List<float>{0, 200}));
    EXPECT_EQ((casted<int8_t, int64_t>(Type::Int8, Type::Int64, {-3, 7})), (List<int64_t>{-3, 7}));
    EXPECT_EQ((casted<int32_t, int16_t>(Type::Int32, Type::Int16, {-3, 65539})), (List<int16_t>{-3, 3}));
    EXPECT_EQ((casted<int16_t, uint8_t>(Type::Int16, Type::Bool, {-3, 0})), (List<uint8_t>{1, 0}));
    EXPECT_EQ((casted<uint32_t, int32_t>(Type::UInt32, Type::Int32, {4294967295u})), (List<int32_t>{-1}));
    EXPECT_EQ((casted<uint64_t, float>(Type::UInt64, Type::Float32, {uint64_t{1} << 63})),
              (List<float>{9223372036854775808.0f}));
    EXPECT_EQ((casted<float, float>(Type::Float32, Type::Float32, {1.5f})), (List<float>{1.5f}));
}

template <typename From, typename To>
List<To> casted_real(Type from, Type to, const List<From>& in) {
    const CastParams p{static_cast<uint32_t>(in.size()), from, to, {}};
    Operands operands;
    operands.add(in, false);
    const To* out = operands.add(List<To>(in.size()), true);
    operands.run(kCastReal, p);
    return {out, out + in.size()};
}

TEST(Cast, EveryHalfSurvivesTheWayToFloatAndBack) {
    List<uint16_t> halves;
    for (uint32_t bits = 0; bits < 65536; ++bits) {
        const bool odd_nan = (bits & 0x7C00) == 0x7C00 && (bits & 0x3FF) != 0;
        if (!odd_nan) halves.push_back(static_cast<uint16_t>(bits));
    }
    const auto floats = casted_real<uint16_t, float>(Type::Float16, Type::Float32, halves);
    EXPECT_EQ((casted_real<float, uint16_t>(Type::Float32, Type::Float16, floats)), halves);
    EXPECT_EQ(floats[0x3C01], 1.0009765625f);
}

TEST(Cast, HalvesAreRoundedToTheNearestEvenOne) {
    EXPECT_EQ((casted_real<float, uint16_t>(Type::Float32, Type::Float16,
                                            {1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65519, 65520, 1e-10f, 0x1p-25f,
                                             0x1.8p-25f, NAN, -INFINITY})),
              (List<uint16_t>{0x3C00, 0x3C02, 0x7BFF, 0x7C00, 0, 0, 1, 0x7E00, 0xFC00}));
}

TEST(Cast, DoublesAreRoundedAsThisProcessorRoundsThem) {
    const List<double> doubles{0,           -0.0,           1.0 / 3,  -1e300,  1e-300, 3.4028235677973366e38,
                               1e-40,       0x1p-149,       0x1p-150, 1.5e-45, NAN,    INFINITY,
                               1 + 0x1p-24, 1 + 3 * 0x1p-24};
    const auto floats = casted_real<double, float>(Type::Float64, Type::Float32, doubles);
    for (size_t i = 0; i < doubles.size(); ++i) {
        const float expected = static_cast<float>(doubles[i]);
        EXPECT_TRUE(floats[i] == expected || (std::isnan(expected) && std::isnan(floats[i]))) << doubles[i];
    }
    const List<float> singles{0, -0.0f, 1.5f, 0x1p-149f, -0x1.234p-130f, 3e38f, INFINITY};
    const auto wide = casted_real<float, double>(Type::Float32, Type::Float64, singles);
    for (size_t i = 0; i < singles.size(); ++i) EXPECT_EQ(wide[i], static_cast<double>(singles[i]));
}

List<int32_t> places_of_most(const List<float>& row, uint32_t k, List<float>& values) {
    const TopKParams p{1, static_cast<uint32_t>(row.size()), k};
    Operands operands;
    operands.add(row, false);
    const float* most = operands.add(List<float>(k), true);
    const int32_t* places = operands.add(List<int32_t>(k), true);
    operands.run(kTopKFloat32, p);
    values.assign(most, most + k);
    return {places, places + k};
}

TEST(TopK, GivesTheLargestFirstAndOfEqualsTheOneInFront) {
    List<float> values;
    EXPECT_EQ(places_of_most({2, 7, -1, 7, 0}, 4, values), (List<int32_t>{1, 3, 0, 4}));
    EXPECT_EQ(values, (List<float>{7, 7, 2, 0}));
    EXPECT_EQ(places_of_most({NAN, 1, NAN}, 3, values), (List<int32_t>{1, 0, 2}));
}

TEST(QuantizeWide, RoundsAndHoldsTheRange) {
    QuantizeParams p{5, Type::Float32, Type::Int16, 0, 0.01f, 0, 0, 0, 3};
    Operands operands;
    operands.add(List<float>{0, 0.016f, -0.016f, 1e6f, -1e6f}, false);
    const int16_t* out = operands.add(List<int16_t>(5), true);
    operands.run(kQuantizeWide, p);
    EXPECT_EQ((List<int16_t>{out, out + 5}), (List<int16_t>{3, 5, 1, 32767, -32768}));

    p = {3, Type::Int16, Type::Int32, 0, 0, 1 << 30, 5, 10, -1};  // 16 times
    Operands wider;
    wider.add(List<int16_t>{10, 11, -32768}, false);
    const int32_t* numbers = wider.add(List<int32_t>(3), true);
    wider.run(kQuantizeWide, p);
    EXPECT_EQ((List<int32_t>{numbers, numbers + 3}), (List<int32_t>{-1, 15, 16 * -32778 - 1}));
}

TEST(SoftmaxWide, FloatsAddUpToOne) {
    const SoftmaxFloatParams p{2, 3, 2.0f};
    const List<float> x{1, 2, 3, 100, 0, -1000};
    Operands operands;
    operands.add(x, false);
    const float* y = operands.add(List<float>(6), true);
    operands.run(kSoftmaxFloat, p);
    for (int r = 0; r < 2; ++r) {
        double sum = 0;
        const float top = r == 0 ? 3.0f : 100.0f;
        for (int i = 0; i < 3; ++i) sum += std::exp(2.0 * (x[3 * r + i] - top));
        for (int i = 0; i < 3; ++i)
            EXPECT_NEAR(y[3 * r + i], std::exp(2.0 * (x[3 * r + i] - top)) / sum, 1e-6);
    }
}

TEST(LogSoftmax, FollowsTheFormulaWithinAStep) {
    Dice dice(7);
    for (int i = 0; i < 200; ++i) {
        LogSoftmaxParams p{};
        p.rows = 2, p.depth = static_cast<uint32_t>(roll(dice, 1, 40));
        // scale 1/16: 2^26 / 16 = 2^22; and back 2^-22
        p.multiplier = 1 << 30, p.shift = 23, p.reverse_multiplier = 1 << 30, p.reverse_shift = -21;
        p.diff_min = -248;
        List<int8_t> in;  // no two further apart than Q5.26 holds
        while (in.size() < 2 * p.depth) in.push_back(static_cast<int8_t>(roll(dice, -120, 127)));
        Operands operands;
        operands.add(in, false);
        const int8_t* out = operands.add(List<int8_t>(in.size()), true);
        operands.run(kLogSoftmaxInt8, p);
        List<float> real(in.begin(), in.end());
        for (float& x : real) x /= 16;
        Operands floats;
        floats.add(real, false);
        const float* exact = floats.add(List<float>(in.size()), true);
        floats.run(kLogSoftmaxFloat, p);
        for (std::size_t k = 0; k < in.size(); ++k)
            ASSERT_NEAR(out[k], std::max(-128.0f, 127 + 16 * exact[k]), 1.01) << k;
    }
}

TEST(L2Normalization, BringsEveryRowToLengthOne) {
    Dice dice(8);
    for (int i = 0; i < 200; ++i) {
        const L2NormalizationParams p{2, static_cast<uint32_t>(roll(dice, 1, 50)), roll(dice, -20, 20)};
        const List<int8_t> in = random_bytes(dice, 2 * p.depth);
        Operands operands, floats;
        operands.add(in, false);
        const int8_t* out = operands.add(List<int8_t>(in.size()), true);
        operands.run(kL2NormalizationInt8, p);
        List<float> real;
        for (const int8_t x : in) real.push_back(static_cast<float>(x - p.zero_point));
        floats.add(real, false);
        const float* y = floats.add(List<float>(in.size()), true);
        floats.run(kL2NormalizationFloat, p);
        double length = 0;
        for (uint32_t k = 0; k < p.depth; ++k) length += static_cast<double>(y[k]) * y[k];
        EXPECT_NEAR(length, real[0] == 0 && p.depth == 1 ? 0 : 1, 1e-5);
        for (std::size_t k = 0; k < in.size(); ++k)
            ASSERT_NEAR(out[k], std::min(127.0f, 128 * y[k]), 0.6) << k;
    }
    const L2NormalizationParams p{1, 2, 128};
    Operands bytes;
    bytes.add(List<uint8_t>{128 + 30, 128 - 40}, false);
    const uint8_t* out = bytes.add(List<uint8_t>(2), true);
    bytes.run(kL2NormalizationUInt8, p);
    EXPECT_EQ(out[0], 128 + 77) << "0.6 of 128";
    EXPECT_EQ(out[1], 128 - 102) << "-0.8 of 128";
}

TEST(UnaryKernels, RefuseWhatWouldReachOutside) {
    Dice dice(9);
    int accepted = 0;
    const Kernel* kernels[] = {&kLookup,   &kSlopesInt16,    &kLogisticInt16,       &kTanhInt16,
                               &kExpFloat, &kSinFloat,       &kRoundFloat,          &kCast,
                               &kSelect2,  &kLessInt8,       &kEqualFloat,          &kQuantizeWide,
                               &kLogFloat, &kLogSoftmaxInt8, &kL2NormalizationInt8, &kSoftmaxFloat};
    for (int i = 0; i < 3000; ++i) {
        List<uint8_t> p(96);
        for (uint8_t& byte : p) byte = static_cast<uint8_t>(roll(dice, 0, 255));
        for (std::size_t k = 0; k < 12; ++k) {  // the first fields count things
            if (k % 4 != 0 || roll(dice, 0, 3) != 0) p[k] = 0;
            if (k % 4 == 0) p[k] &= 15;
        }
        Operands operands;
        for (int k = 0; k < 4; ++k) {
            List<uint8_t> bytes(600);
            for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(roll(dice, 0, 255));
            operands.add(bytes, k > 0);
        }
        for (const Kernel* kernel : kernels) accepted += operands.try_run(*kernel, p.data(), 96);
    }
    EXPECT_GT(accepted, 3000) << "the sanitizers judge what ran";
}

}  // namespace
}  // namespace jatai
