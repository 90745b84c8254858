// gemm.h: matrix product, one register tile at a time; included once per instruction set.
//
// A tile of R rows x NB vectors of the output stays in registers while k runs; the left operand is spread one
// element at a time, so a matrix and its transpose cost the same. Every element is one chain of fused
// multiply-adds in the order of k, so the blocking never changes a bit.
#pragma once

#include <algorithm>

#include "src/train/kernels/lanes.h"
#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

constexpr int kTileRows = JATAI_LANES == 16 ? 12 : JATAI_LANES == 8 ? 6 : 4;
constexpr int kDepth = 256;  // of k at a time: keeps a panel of the right operand in the first cache

template <typename T, int R, int NB>
[[gnu::always_inline]] inline void multiply_tile(int depth, const GemmLeft& a, const GemmRight& b,
                                                 const GemmOut& out) {
    T sum[R][NB];
    const float* left = a.data;
    const float* right = b.data;
#pragma GCC unroll 12
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < NB; ++j)
            sum[i][j] = out.accumulate == Accumulate::Yes
                            ? load<T>(out.data + i * out.row_stride + j * kLanes<T>)
                            : T{};
    for (int k = 0; k < depth; ++k) {
        T row[NB];
#pragma GCC unroll 2
        for (int j = 0; j < NB; ++j) row[j] = load<T>(right + j * kLanes<T>);
#pragma GCC unroll 12
        for (int i = 0; i < R; ++i) {
            const T x = spread<T>(left[i * a.row_stride]);
#pragma GCC unroll 2
            for (int j = 0; j < NB; ++j) sum[i][j] = multiply_add<T>(x, row[j], sum[i][j]);
        }
        left += a.column_stride;
        right += b.row_stride;
    }
#pragma GCC unroll 12
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
        for (int j = 0; j < NB; ++j) store<T>(out.data + i * out.row_stride + j * kLanes<T>, sum[i][j]);
}

template <typename T, int R, int NB>
[[gnu::always_inline]] inline int multiply_rows(int row, int rows, int depth, GemmLeft a, const GemmRight& b,
                                                GemmOut out) {
    for (; row + R <= rows; row += R)
        multiply_tile<T, R, NB>(depth, {a.data + row * a.row_stride, a.row_stride, a.column_stride}, b,
                                {out.data + row * out.row_stride, out.row_stride, out.accumulate});
    return row;
}

template <typename T, int NB>
[[gnu::noinline]] void multiply_panel(int rows, int depth, const GemmLeft& a, const GemmRight& b,
                                      const GemmOut& out) {
    int row = multiply_rows<T, kTileRows, NB>(0, rows, depth, a, b, out);
    row = multiply_rows<T, 4, NB>(row, rows, depth, a, b, out);
    multiply_rows<T, 1, NB>(row, rows, depth, a, b, out);
}

void gemm(GemmSize size, GemmLeft a, GemmRight b, GemmOut out) {
    for (int k = 0; k < size.k; k += kDepth) {
        const int depth = std::min(kDepth, size.k - k);
        const GemmLeft left{a.data + k * a.column_stride, a.row_stride, a.column_stride};
        const float* right = b.data + k * b.row_stride;
        for_columns<2>(size.n, [&]<typename T, int NB>(int column) {
            multiply_panel<T, NB>(size.m, depth, left, {right + column, b.row_stride},
                                  {out.data + column, out.row_stride, out.accumulate});
        });
        out.accumulate = Accumulate::Yes;
    }
}

}  // namespace
}  // namespace jatai::train
