// batch_matmul.h: BATCH_MATMUL, float32, int8 and int16.
//
//     out[.., r, c] = sum over d of a[.., r, d] * b[.., d, c]           int8: zero_out + rescale of
//     (a - zero_a) * (b - zero_b), held; int16: rescaled from 64 bits (multiply_int16.h)
//
// Either factor may lie transposed; leading dimensions broadcast: a stride of 0 repeats a factor. Operands:
// 0 a, 1 b, 2 output. Formula: docs/reference/ops.md#batch_matmul.
#pragma once

#include "device/kernels/multiply_int16.h"

namespace jatai {

constexpr uint32_t kMatmulAxes = 3;  // of batches

// Where the elements of one factor lie.
struct MatmulStrides {
    uint32_t batch[kMatmulAxes];
    uint32_t line;   // from row to row of a, from column to column of b
    uint32_t depth;  // from one product of a sum to the next
};

struct MatmulParams {
    uint32_t batches[kMatmulAxes];
    uint32_t rows, depth, columns;
    MatmulStrides a, b;
    int32_t multiplier, shift;  // int8 as rescale, int16 as rescale_wide
    int8_t a_zero_point, b_zero_point;
    int8_t zero_point;
    uint8_t reserved;
};
static_assert(sizeof(MatmulParams) == 76, "the layout in flash");

constexpr uint64_t kTooFar = uint64_t{1} << 40;

// The elements of a factor that `lines` lines reach, or kTooFar when 32 bits cannot count them.
inline uint64_t matmul_reach(const MatmulParams& p, const MatmulStrides& s, uint32_t lines) {
    uint64_t last = uint64_t{lines - 1} * s.line;
    const uint64_t deep = uint64_t{p.depth - 1} * s.depth;
    if (last > 0xFFFFFFFFu || deep > 0xFFFFFFFFu) return kTooFar;
    last += deep;
    for (uint32_t i = 0; i < kMatmulAxes; ++i) {
        const uint64_t reach = uint64_t{p.batches[i] - 1} * s.batch[i];
        if (reach > 0xFFFFFFFFu) return kTooFar;
        last += reach;
    }
    return last < 0xFFFFFFFFu ? last + 1 : kTooFar;
}

inline bool fits_matmul(const Claim& claim, uint64_t element) {
    const MatmulParams* p = claim.parameters<MatmulParams>();
    if (p == nullptr || claim.operand_count < 3) return false;
    uint64_t out = 1;
    const uint32_t extents[] = {p->batches[0], p->batches[1], p->batches[2], p->rows, p->columns};
    for (const uint32_t extent : extents) {
        if (extent == 0) return false;
        out *= extent;
        if (out > 0xFFFFFFFFu) return false;
    }
    if (p->depth == 0 || p->a.depth == 0) return false;  // the work is bounded by the bytes of a
    return holds(claim, 0, matmul_reach(*p, p->a, p->rows) * element) &&
           holds(claim, 1, matmul_reach(*p, p->b, p->columns) * element) && fills(claim, 2, out * element);
}

inline bool fits_matmul_float(const Claim& claim) { return fits_matmul(claim, sizeof(float)); }
inline bool fits_matmul_int8(const Claim& claim) { return fits_matmul(claim, sizeof(int8_t)); }
inline bool fits_matmul_int16(const Claim& claim) { return fits_matmul(claim, sizeof(int16_t)); }

JATAI_HOT_BEGIN

// `Products` as in products.h, without channels.
template <typename Products>
void walk_matmul(const MatmulParams& p, const Products& products) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < p.batches[0]; ++i) {
        for (uint32_t j = 0; j < p.batches[1]; ++j) {
            for (uint32_t k = 0; k < p.batches[2]; ++k) {
                const uint32_t a = i * p.a.batch[0] + j * p.a.batch[1] + k * p.a.batch[2];
                const uint32_t b = i * p.b.batch[0] + j * p.b.batch[1] + k * p.b.batch[2];
                for (uint32_t r = 0; r < p.rows; ++r) {
                    for (uint32_t c = 0; c < p.columns; ++c, ++at) {
                        typename Products::Sum sum = products.zero();
                        for (uint32_t d = 0; d < p.depth; ++d)
                            sum = products.add(sum, a + r * p.a.line + d * p.a.depth,
                                               b + c * p.b.line + d * p.b.depth);
                        products.finish(sum, at);
                    }
                }
            }
        }
    }
}

struct MatmulFloat {
    using Sum = float;
    const float *a, *b;
    float* out;
    Sum zero() const { return 0.0f; }
    Sum add(Sum sum, uint32_t i, uint32_t j) const { return sum + a[i] * b[j]; }
    void finish(Sum sum, uint32_t at) const { out[at] = sum; }
};

struct MatmulInt8 {
    using Sum = uint32_t;
    const int8_t *a, *b;
    int8_t* out;
    const MatmulParams& p;
    Sum zero() const { return 0; }
    Sum add(Sum sum, uint32_t i, uint32_t j) const {
        return sum + static_cast<uint32_t>((a[i] - p.a_zero_point) * (b[j] - p.b_zero_point));
    }
    void finish(Sum sum, uint32_t at) const {
        out[at] = to_int8(static_cast<int32_t>(sum), p.multiplier, p.shift, {p.zero_point, -128, 127});
    }
};

struct MatmulInt16 {
    using Sum = uint64_t;
    const int16_t *a, *b;
    int16_t* out;
    const MatmulParams& p;
    Sum zero() const { return 0; }
    Sum add(Sum sum, uint32_t i, uint32_t j) const {
        return sum + static_cast<uint64_t>(int64_t{a[i] * b[j]});
    }
    void finish(Sum sum, uint32_t at) const {
        out[at] = static_cast<int16_t>(clamp(rescale_wide(sum, p.multiplier, p.shift), -32768, 32767));
    }
};

inline void run_matmul_float(const Call& call) {
    walk_matmul(call.parameters<MatmulParams>(),
                MatmulFloat{call.in<float>(0), call.in<float>(1), call.out<float>(2)});
}
inline void run_matmul_int8(const Call& call) {
    const MatmulParams& p = call.parameters<MatmulParams>();
    walk_matmul(p, MatmulInt8{call.in<int8_t>(0), call.in<int8_t>(1), call.out<int8_t>(2), p});
}
inline void run_matmul_int16(const Call& call) {
    const MatmulParams& p = call.parameters<MatmulParams>();
    walk_matmul(p, MatmulInt16{call.in<int16_t>(0), call.in<int16_t>(1), call.out<int16_t>(2), p});
}

JATAI_HOT_END

constexpr Kernel kBatchMatmulFloat{{Op::BatchMatmul, Type::Float32, 1}, fits_matmul_float, run_matmul_float};
constexpr Kernel kBatchMatmulInt8{{Op::BatchMatmul, Type::Int8, 1}, fits_matmul_int8, run_matmul_int8};
constexpr Kernel kBatchMatmulInt16{{Op::BatchMatmul, Type::Int16, 1}, fits_matmul_int16, run_matmul_int16};

}  // namespace jatai
