// vector_kernels.h: the inner loops of training, one table per instruction set.
//
//     const VectorKernels& k = vector_kernels();
//     k.gemm({rows, 64, 64}, {x, 64, 1}, {weights, 64}, {y, 64, Accumulate::No});
//
// Keeps    Every table gives the same bytes: each result is made by the same additions and fused
//          multiply-adds in the same order, whatever the vector width. Sums over rows run down the rows,
//          one lane per column.
// Layout   Matrices are row-major. `rows x channels` is NHWC with N, H and W joined.
// Memory   Nothing is allocated. Pointers need no alignment; outputs overlap inputs only where said.
// Threads  Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace jatai::train {

enum class Accumulate : bool { No, Yes };

struct GemmSize {
    int m, n, k;
};
// Element (i, k) is data[i * row_stride + k * column_stride]: a matrix or its transpose.
struct GemmLeft {
    const float* data;
    std::ptrdiff_t row_stride, column_stride;
};
struct GemmRight {
    const float* data;
    std::ptrdiff_t row_stride;
};
struct GemmOut {
    float* data;
    std::ptrdiff_t row_stride;
    Accumulate accumulate;
};

// Depthwise convolution of one sample, channel multiplier 1, weights [kernel_h][kernel_w][channels].
struct DepthwiseShape {
    int in_h, in_w, out_h, out_w, channels;
    int kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
};

// rows x channels.
struct Extent {
    std::size_t rows;
    int channels;
};

// y = clamp(x * scale + shift, low, high)
struct Affine {
    const float* scale;  // [channels]; null: 1
    const float* shift;  // [channels]
    float low, high;
};

struct AdamStep {
    float learning_rate, beta1, beta2, correction1, correction2, epsilon, decay;
};

struct VectorKernels {
    std::string_view name;

    // out (+)= left * right
    void (*gemm)(GemmSize, GemmLeft, GemmRight, GemmOut);

    void (*depthwise_forward)(const DepthwiseShape&, const float* x, const float* w, float* y);
    // dx is overwritten; dw is added to.
    void (*depthwise_backward_data)(const DepthwiseShape&, const float* dy, const float* w, float* dx);
    void (*depthwise_backward_weights)(const DepthwiseShape&, const float* x, const float* dy, float* dw);

    // Mean and variance (biased) of every channel.
    void (*moments)(Extent, const float* x, float* mean, float* variance);
    // y may be x.
    void (*affine)(Extent, const float* x, const Affine&, float* y);
    // The same with scale 1, then y rounded to whole multiples of `step`; seen[0], seen[1] are lowered and
    // raised to the range of x + shift before it was cut.
    void (*bias_quantise)(Extent, const float* x, const Affine&, float step, float* y, float seen[2]);
    // Where x * scale + shift lies strictly inside (low, high): sums dy and dy * (x - mean) per channel.
    void (*affine_backward_sums)(Extent, const float* x, const float* dy, const Affine&, const float* mean,
                                 float* sum_dy, float* sum_dy_x);
    // dx = a * (dy inside, else 0) + b * x + c, per channel. dx may be dy.
    void (*affine_backward_data)(Extent, const float* x, const float* dy, const Affine&, const float* a,
                                 const float* b, const float* c, float* dx);
    // Scale 1: dx = dy inside, else 0; sum_dx per channel in the same pass. dx may be dy.
    void (*bias_backward)(Extent, const float* x, const float* dy, const Affine&, float* dx, float* sum_dx);

    // smallest and largest, joined with what `low` and `high` hold.
    void (*range)(std::size_t n, const float* x, float* low, float* high);
    void (*adam)(std::size_t n, const AdamStep&, const float* gradient, float* m, float* v, float* parameter);
};

// The widest table this machine can run.
const VectorKernels& vector_kernels();

// By name: "avx512", "avx2", "portable". Null when this machine cannot run it.
const VectorKernels* find_vector_kernels(std::string_view name);

extern const VectorKernels kPortableKernels;
extern const VectorKernels kAvx2Kernels;
extern const VectorKernels kAvx512Kernels;

}  // namespace jatai::train
