#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <vector>

#include "src/base/rng.h"
#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

using Floats = std::vector<float>;

Floats random_floats(std::size_t n, std::uint64_t seed) {
    Rng rng(seed);
    Floats values(n);
    for (float& v : values) v = rng.normal();
    return values;
}

bool same_bytes(const Floats& a, const Floats& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// Every result of every kernel, one after another, on shapes with tails of all widths.
Floats run_everything(const VectorKernels& k, int channels) {
    Floats all;
    const auto keep = [&](const Floats& v) { all.insert(all.end(), v.begin(), v.end()); };
    const int rows = 61, depth = 300;
    const std::size_t c = static_cast<std::size_t>(channels), r = rows;
    const Floats left = random_floats(r * depth, 1), right = random_floats(depth * c, 2);
    Floats product = random_floats(r * c, 3);
    k.gemm({rows, channels, depth}, {left.data(), depth, 1}, {right.data(), channels},
           {product.data(), channels, Accumulate::Yes});
    keep(product);
    k.gemm({rows, channels, depth}, {left.data(), 1, rows}, {right.data(), channels},
           {product.data(), channels, Accumulate::No});
    keep(product);

    for (const auto& [kernel, stride] : {std::pair{3, 1}, {3, 2}, {2, 1}, {5, 2}}) {
        const int out_h = (7 + stride - 1) / stride, out_w = (6 + stride - 1) / stride;
        const DepthwiseShape s{7,      6,      out_h,  out_w,      channels,  kernel,
                               kernel, stride, stride, kernel / 2, kernel / 2};
        const Floats x = random_floats(42 * c, 4), w = random_floats(kernel * kernel * c, 5);
        const Floats dy = random_floats(out_h * out_w * c, 6);
        Floats y(dy.size()), dx(x.size()), dw = random_floats(w.size(), 7);
        k.depthwise_forward(s, x.data(), w.data(), y.data());
        k.depthwise_backward_data(s, dy.data(), w.data(), dx.data());
        k.depthwise_backward_weights(s, x.data(), dy.data(), dw.data());
        keep(y), keep(dx), keep(dw);
    }

    const Extent extent{r, channels};
    const Floats x = random_floats(r * c, 8), dy = random_floats(r * c, 9);
    const Floats scale = random_floats(c, 10), shift = random_floats(c, 11);
    Floats mean(c), variance(c), y(r * c), a(c), b(c);
    const Affine affine{scale.data(), shift.data(), 0.0f, 1.5f};
    k.moments(extent, x.data(), mean.data(), variance.data());
    k.affine(extent, x.data(), affine, y.data());
    keep(mean), keep(variance), keep(y);
    Floats seen{1e9f, -1e9f};
    k.bias_quantise(extent, x.data(), {nullptr, shift.data(), 0.0f, 2.55f}, 0.01f, y.data(), seen.data());
    keep(y), keep(seen);
    k.affine_backward_sums(extent, x.data(), dy.data(), affine, mean.data(), a.data(), b.data());
    keep(a), keep(b);
    k.affine_backward_data(extent, x.data(), dy.data(), affine, a.data(), b.data(), mean.data(), y.data());
    keep(y);
    k.bias_backward(extent, x.data(), dy.data(), {nullptr, shift.data(), 0.0f, 1.5f}, y.data(), a.data());
    keep(y), keep(a);
    Floats range{0.0f, 0.0f};
    k.range(x.size(), x.data(), &range[0], &range[1]);
    keep(range);
    Floats m(r * c), v(r * c), p = random_floats(r * c, 12);
    k.adam(p.size(), {0.01f, 0.9f, 0.999f, 10.0f, 1000.0f, 1e-8f, 0.01f}, x.data(), m.data(), v.data(),
           p.data());
    keep(m), keep(v), keep(p);
    return all;
}

TEST(VectorKernels, EveryInstructionSetGivesTheSameBytes) {
    int compared = 0;
    for (const int channels : {1, 3, 6, 16, 21, 64, 100}) {
        const Floats expected = run_everything(kPortableKernels, channels);
        for (const char* name : {"avx2", "avx512"}) {
            const VectorKernels* kernels = find_vector_kernels(name);
            if (kernels == nullptr) continue;
            ++compared;
            EXPECT_TRUE(same_bytes(run_everything(*kernels, channels), expected)) << name << " " << channels;
        }
    }
    if (compared == 0) GTEST_SKIP() << "this machine has only the portable instruction set";
}

TEST(VectorKernels, AProductAgreesWithTheDefinition) {
    const int m = 13, n = 35, depth = 70;
    const Floats a = random_floats(m * depth, 1), b = random_floats(depth * n, 2);
    Floats out(m * n);
    vector_kernels().gemm({m, n, depth}, {a.data(), depth, 1}, {b.data(), n},
                          {out.data(), n, Accumulate::No});
    for (int i = 0; i < m; ++i)
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int k = 0; k < depth; ++k) sum += double(a[i * depth + k]) * b[k * n + j];
            EXPECT_NEAR(out[i * n + j], sum, 1e-4) << i << " " << j;
        }
}

}  // namespace
}  // namespace jatai::train
