#include "tests/oracle_tflite/steps.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace jatai {
namespace {

// TensorFlow Lite's matrix product on x86 (ruy) rounds halves up in the last shift of the requantisation,
// where its reference kernels, ours and the chips' round them away from zero: one step apart, where a
// negative sum ends on a half.
bool rounds_ties_up(Op op) { return op == Op::Conv2d || op == Op::FullyConnected || op == Op::BatchMatmul; }

// TFLite Micro, whose answers ours are, divides the scales of SUB in single precision and takes those of MUL
// and of RELU on int16 in double, where TensorFlow Lite does the opposite. MEAN is of integers there, SOFTMAX
// to int16 fixed point, and QUANTIZE to int16 divides.
bool has_other_factors(Op op) {
    return op == Op::Sub || op == Op::Mul || op == Op::Mean || op == Op::Relu || op == Op::Softmax ||
           op == Op::Quantize;
}

template <typename T>
void tally_as(const Bytes& ours, const Bytes& theirs, Tally& tally) {
    for (std::size_t i = 0; i < ours.size(); i += sizeof(T)) {
        T a, b;
        std::memcpy(&a, ours.data() + i, sizeof a);
        std::memcpy(&b, theirs.data() + i, sizeof b);
        ++tally.values;
        tally.unequal += a != b;
        if (a != b) tally.worst = std::max(tally.worst, std::abs(static_cast<int>(a) - static_cast<int>(b)));
    }
}

}  // namespace

int allowed_gap(Op op) { return rounds_ties_up(op) || has_other_factors(op) ? 1 : 0; }

void tally_steps(Type type, const Bytes& ours, const Bytes& theirs, Tally& tally) {
    if (type == Type::Int8) return tally_as<std::int8_t>(ours, theirs, tally);
    if (type == Type::Int16) return tally_as<std::int16_t>(ours, theirs, tally);
    if (type == Type::Int32) return tally_as<std::int32_t>(ours, theirs, tally);
    if (type == Type::Int64) return tally_as<std::int64_t>(ours, theirs, tally);
    tally_as<std::uint8_t>(ours, theirs, tally);
}

double apart(const Bytes& a, const Bytes& b) {
    double worst = 0, largest = 1e-30;
    for (std::size_t i = 0; i + sizeof(float) <= a.size(); i += sizeof(float)) {
        float x, y;
        std::memcpy(&x, a.data() + i, sizeof x);
        std::memcpy(&y, b.data() + i, sizeof y);
        const bool same = x == y || (std::isnan(x) && std::isnan(y));
        if (!same) worst = std::max<double>(worst, std::abs(x - y));
        if (std::isfinite(y)) largest = std::max<double>(largest, std::abs(y));
    }
    return worst / largest;
}

}  // namespace jatai
