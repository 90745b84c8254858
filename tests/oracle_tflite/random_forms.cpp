#include "tests/oracle_tflite/random_forms.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace jatai {
namespace {

using Shape = std::vector<int>;

int between(Rng& rng, int low, int high) {
    return low + static_cast<int>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
}

bool chance(Rng& rng, std::uint32_t of) { return rng.below(of) == 0; }

std::string list(const Shape& shape) { return fmt::format("{}", fmt::join(shape, ",")); }

Shape shape_of(Rng& rng, int rank, int most = 5) {
    Shape shape;
    for (int i = 0; i < rank; ++i) shape.push_back(between(rng, 1, most));
    return shape;
}

int product(const Shape& shape) {
    int n = 1;
    for (const int extent : shape) n *= extent;
    return n;
}

std::string scale(Rng& rng, double middle) {
    return fmt::format("s={:.6g}", middle * std::exp2(rng.uniform(-1.0f, 1.0f)));
}

std::string zero8(Rng& rng) { return fmt::format("z={}", between(rng, -100, 100)); }
std::string zero_u8(Rng& rng) { return fmt::format("z={}", between(rng, 20, 230)); }

std::string list_of_scales(Rng& rng, int count) {
    std::string words;
    for (int i = 0; i < count; ++i)
        words += fmt::format("{}{:.6g}", i > 0 ? "," : "", 0.01 * std::exp2(rng.uniform(-1.0f, 1.0f)));
    return words;
}

// A dense layer on vectors that lie in more dimensions.
std::string dense_of_rank(Rng& rng) {
    Shape in = shape_of(rng, between(rng, 2, 4));
    const int depth = in.back(), units = between(rng, 1, 9);
    const bool keep = chance(rng, 2);
    Shape out = keep ? in : Shape{product(in) / depth, units};
    out.back() = units;
    return fmt::format(
        "%x int8[{}] {} {} = input\n%w int8[{},{}] s=0.01 = random 3\n%b int32[{}] = random 4\n"
        "%y int8[{}] {} {} = FULLY_CONNECTED(%x, %w, _) keep_num_dims={}\noutput %y\n",
        list(in), scale(rng, 0.05), zero8(rng), units, depth, units, list(out),
        scale(rng, 0.02 * std::sqrt(depth)), zero8(rng), keep ? "yes" : "no");
}

// Two operands of ranks of their own; each extent of the smaller is that of the larger, or 1.
std::string pair_of_ranks(const char* op, Rng& rng) {
    const Shape large = shape_of(rng, between(rng, 1, 4));
    Shape small(large.end() - between(rng, 0, static_cast<int>(large.size())), large.end());
    for (int& extent : small) extent = chance(rng, 3) ? 1 : extent;
    const bool real = chance(rng, 3), swapped = chance(rng, 2);
    const std::string a = real ? fmt::format("float32[{}]", list(large))
                               : fmt::format("int8[{}] {} {}", list(large), scale(rng, 0.05), zero8(rng));
    const std::string b = real ? fmt::format("float32[{}]", list(small))
                               : fmt::format("int8[{}] {} {}", list(small), scale(rng, 0.05), zero8(rng));
    const std::string y = real ? fmt::format("float32[{}]", list(large))
                               : fmt::format("int8[{}] {} {}", list(large), scale(rng, 0.1), zero8(rng));
    return fmt::format("%a {} = input\n%b {} = input\n%y {} = {}({})\noutput %y\n", a, b, y, op,
                       swapped ? "%b, %a" : "%a, %b");
}

std::string reduction(const char* op, Rng& rng) {
    const Shape in = shape_of(rng, between(rng, 1, 4));
    Shape axes, out;
    const bool keep = chance(rng, 2), real = chance(rng, 2);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const bool gone = chance(rng, 2) || (axes.empty() && i + 1 == in.size());
        if (gone)
            axes.push_back(chance(rng, 2) ? static_cast<int>(i)
                                          : static_cast<int>(i) - static_cast<int>(in.size()));
        if (!gone || keep) out.push_back(gone ? 1 : in[i]);
    }
    // A sum that does not fit its type wraps in TensorFlow Lite 2.9, and is held since.
    const double grows = std::string_view(op) == "SUM" ? 2.0 * product(in) / product(out) : 1.0;
    const auto type = [&](const Shape& shape, double middle) {
        return real ? fmt::format("float32[{}]", list(shape))
                    : fmt::format("int8[{}] {} z=0", list(shape), scale(rng, middle));
    };
    return fmt::format("%x {} = input\n%a int32[{}] = {{{}}}\n%y {} = {}(%x, %a) keep_dims={}\noutput %y\n",
                       type(in, 0.05), axes.size(), list(axes), type(out, 0.05 * grows * 2), op,
                       keep ? "yes" : "no");
}

// A batch that the file leaves open: the shape of a RESHAPE is computed from that of its input.
std::string computed_reshape(Rng& rng) {
    const Shape in{1, between(rng, 1, 4), between(rng, 1, 4), between(rng, 1, 4)};
    const int rest = in[1] * in[2] * in[3];
    return fmt::format(
        "%x int8[{0}] s=0.5 = input\n%s int32[4] = SHAPE(%x) out_type=2\n%b int32[1] = {{0}}\n%e int32[1] = "
        "{{1}}\n"
        "%o int32[1] = {{1}}\n%n int32[] = STRIDED_SLICE(%s, %b, %e, %o) shrink_axis_mask=1\n%r int32[] = "
        "{{{1}}}\n"
        "%l int32[2] = PACK(%n, %r) values_count=2\n%y int8[1,{1}] s=0.5 = RESHAPE(%x, %l)\noutput %y\n",
        list(in), rest);
}

// TILE as often as a computed list says.
std::string computed_tile(Rng& rng) {
    const int a = between(rng, 1, 3), b = between(rng, 1, 4), c = between(rng, 1, 4);
    return fmt::format(
        "%x int8[{0},{1}] s=0.5 = input\n%like int8[{2},1] s=0.5 = input\n%m int32[2] = SHAPE(%like) "
        "out_type=2\n"
        "%y int8[{3},{1}] s=0.5 = TILE(%x, %m)\noutput %y\n",
        b, c, a, a * b);
}

std::string masked_slice(Rng& rng) {
    const Shape in = shape_of(rng, 3, 6);
    const int kind = between(rng, 0, 3);
    const std::string x = fmt::format("%x int8[{}] s=0.5 = input\n", list(in));
    if (kind == 0)  // x[..., 0:1]
        return x + fmt::format(
                       "%b int32[2] = {{0,0}}\n%e int32[2] = {{0,1}}\n%s int32[2] = {{1,1}}\n"
                       "%y int8[{},{},1] s=0.5 = STRIDED_SLICE(%x, %b, %e, %s) ellipsis_mask=1\noutput %y\n",
                       in[0], in[1]);
    if (kind == 1)  // x[:, newaxis, :, -1]
        return x + fmt::format(
                       "%b int32[4] = {{0,0,0,-1}}\n%e int32[4] = {{0,0,0,0}}\n%s int32[4] = {{1,1,1,1}}\n"
                       "%y int8[{},1,{}] s=0.5 = STRIDED_SLICE(%x, %b, %e, %s) begin_mask=5 end_mask=5 "
                       "new_axis_mask=2 shrink_axis_mask=8\noutput %y\n",
                       in[0], in[1]);
    if (kind == 2)  // x[::-1, ::2]
        return x + fmt::format(
                       "%b int32[2] = {{0,0}}\n%e int32[2] = {{0,0}}\n%s int32[2] = {{-1,2}}\n"
                       "%y int8[{},{},{}] s=0.5 = STRIDED_SLICE(%x, %b, %e, %s) begin_mask=3 "
                       "end_mask=3\noutput %y\n",
                       in[0], (in[1] + 1) / 2, in[2]);
    return x + fmt::format(
                   "%b int32[3] = {{0,0,0}}\n%e int32[3] = {{99,99,99}}\n%s int32[3] = {{1,1,1}}\n"
                   "%y int8[{}] s=0.5 = STRIDED_SLICE(%x, %b, %e, %s)\noutput %y\n",
                   list(in));
}

// The legacy form: weights of uint8 with a zero point.
std::string uint8_conv(Rng& rng) {
    const int h = between(rng, 3, 6), in = between(rng, 1, 5), out = between(rng, 1, 6);
    return fmt::format(
        "%x uint8[1,{0},{0},{1}] s=0.05 {5} = input\n%w uint8[{2},3,3,{1}] s=0.01 {6} = random 5\n"
        "%y uint8[1,{0},{0},{2}] {3} {4} = CONV_2D(%x, %w, _) stride_w=1 stride_h=1 "
        "fused_activation_function=relu6\noutput %y\n",
        h, in, out, scale(rng, 0.08), zero_u8(rng), zero_u8(rng), zero_u8(rng));
}

std::string uint8_chain(Rng& rng) {
    const int c = between(rng, 1, 6);
    return fmt::format(
        "%x uint8[1,4,4,{0}] s=0.05 z=120 = input\n%w uint8[1,3,3,{0}] s=0.02 z=130 = random 5\n"
        "%d uint8[1,4,4,{0}] s=0.06 z=110 = DEPTHWISE_CONV_2D(%x, %w, _) stride_w=1 stride_h=1 "
        "depth_multiplier=1\n"
        "%a uint8[1,4,4,{0}] s=0.08 z=100 = ADD(%d, %x)\n"
        "%p uint8[1,2,2,{0}] s=0.08 z=100 = AVERAGE_POOL_2D(%a) filter_width=2 filter_height=2 stride_w=2 "
        "stride_h=2\n"
        "%f uint8[1,{1}] s=0.08 z=100 = RESHAPE(%p) new_shape=[1,{1}]\n%v uint8[3,{1}] s=0.02 z=125 = random "
        "6\n"
        "%l uint8[1,3] s=0.1 z=128 = FULLY_CONNECTED(%f, %v, _)\n"
        "%y uint8[1,3] s=0.00390625 = SOFTMAX(%l) beta=1\noutput %y\n",
        c, 4 * c);
}

// Weights of float16 behind DEQUANTIZE are made by another test; here float32 with batches.
std::string float_batches(Rng& rng) {
    const int n = between(rng, 2, 3), c = between(rng, 1, 5), out = between(rng, 1, 5);
    return fmt::format(
        "%x float32[{0},5,4,{1}] = input\n%w float32[{2},2,3,{1}] = input\n%b float32[{2}] = input\n"
        "%y float32[{0},2,2,{2}] = CONV_2D(%x, %w, %b) padding=valid stride_w=1 stride_h=2 "
        "dilation_h_factor=2 "
        "fused_activation_function=relu\noutput %y\n",
        n, c, out);
}

// Weights of int8 beside floats: what a converter without sample data makes.
std::string hybrid_conv(Rng& rng) {
    const int h = between(rng, 3, 6), in = between(rng, 1, 5), out = between(rng, 2, 6),
              n = between(rng, 1, 2);
    const std::string scales = chance(rng, 2) ? "0.01" : "[" + list_of_scales(rng, out) + "]";
    return fmt::format(
        "%x float32[{4},{0},{0},{1}] = input\n%w int8[{2},3,3,{1}] s={3} = random 5\n%b float32[{2}] = "
        "input\n"
        "%y float32[{4},{0},{0},{2}] = CONV_2D(%x, %w, %b) stride_w=1 stride_h=1 version=2\noutput %y\n",
        h, in, out, scales, n);
}
std::string hybrid_depthwise(Rng& rng) {
    const int h = between(rng, 3, 6), c = between(rng, 2, 6);
    return fmt::format(
        "%x float32[1,{0},{0},{1}] = input\n%w int8[1,3,3,{1}] s=[{2}] axis=3 = random 5\n%b float32[{1}] = "
        "input\n"
        "%y float32[1,{0},{0},{1}] = DEPTHWISE_CONV_2D(%x, %w, %b) stride_w=1 stride_h=1 depth_multiplier=1 "
        "version=6\noutput %y\n",
        h, c, list_of_scales(rng, c));
}
std::string hybrid_dense(Rng& rng) {
    const int in = between(rng, 1, 30), out = between(rng, 1, 9), n = between(rng, 1, 3);
    return fmt::format(
        "%x float32[{2},{0}] = input\n%w int8[{1},{0}] s=0.01 = random 5\n%b float32[{1}] = input\n"
        "%y float32[{2},{1}] = FULLY_CONNECTED(%x, %w, %b) asymmetric_quantize_inputs={3} version=9\noutput "
        "%y\n",
        in, out, n, chance(rng, 2) ? "yes" : "no");
}

std::string pad_of_rank(Rng& rng) {
    const Shape in = shape_of(rng, between(rng, 1, 5), 3);
    Shape margins, out;
    for (const int extent : in) {
        margins.push_back(between(rng, 0, 2));
        margins.push_back(between(rng, 0, 2));
        out.push_back(extent + margins[margins.size() - 2] + margins.back());
    }
    return fmt::format(
        "%x int8[{0}] s=0.5 z=-7 = input\n%p int32[{1},2] = {{{2}}}\n%y int8[{3}] s=0.5 z=-7 = PAD(%x, "
        "%p)\noutput %y\n",
        list(in), in.size(), list(margins), list(out));
}

std::string power(Rng& rng) {
    const Shape shape = shape_of(rng, 2);
    if (chance(rng, 2))
        return fmt::format(
            "%x float32[{0}] = input\n%e float32[] = {{{1}}}\n%y float32[{0}] = POW(%x, %e)\noutput %y\n",
            list(shape), between(rng, 0, 4));
    return fmt::format(
        "%a float32[{0}] = input\n%x float32[{0}] = EXP(%a)\n%e float32[{0}] = input\n"
        "%y float32[{0}] = POW(%x, %e)\noutput %y\n",
        list(shape));
}

std::string gelu(Rng& rng) {
    const Shape shape = shape_of(rng, 2, 20);
    const char* way = chance(rng, 2) ? "yes" : "no";
    if (chance(rng, 2))
        return fmt::format("%x float32[{0}] = input\n%y float32[{0}] = GELU(%x) approximate={1}\noutput %y\n",
                           list(shape), way);
    return fmt::format(
        "%x int8[{0}] {2} {3} = input\n%y int8[{0}] s=0.03 z=-20 = GELU(%x) approximate={1}\noutput %y\n",
        list(shape), way, scale(rng, 0.03), zero8(rng));
}

std::string root_mean_square(Rng& rng) {
    const int c = between(rng, 1, 5);
    return fmt::format(
        "%x float32[1,6,5,{0}] = input\n%y float32[1,3,3,{0}] = L2_POOL_2D(%x) filter_width={1} "
        "filter_height=2 "
        "stride_w=2 stride_h=2\noutput %y\n",
        c, between(rng, 1, 3));
}

std::string update(Rng& rng) {
    const Shape large = shape_of(rng, between(rng, 1, 4));
    Shape small, first;
    for (const int extent : large) {
        small.push_back(between(rng, 1, extent));
        first.push_back(between(rng, -2, extent + 2));
    }
    return fmt::format(
        "%x int8[{0}] s=0.5 = input\n%u int8[{1}] s=0.5 = input\n%b int32[{2}] = {{{3}}}\n"
        "%y int8[{0}] s=0.5 = DYNAMIC_UPDATE_SLICE(%x, %u, %b)\noutput %y\n",
        list(large), list(small), large.size(), list(first));
}

std::string sums(Rng& rng) {
    const Shape in = shape_of(rng, between(rng, 1, 3));
    return fmt::format(
        "%x float32[{0}] = input\n%a int32[] = {{{1}}}\n%y float32[{0}] = CUMSUM(%x, %a) exclusive={2} "
        "reverse={3}\noutput %y\n",
        list(in), between(rng, 0, static_cast<int>(in.size()) - 1), chance(rng, 2) ? "yes" : "no",
        chance(rng, 2) ? "yes" : "no");
}

std::string whole_numbers(Rng& rng) {
    const char* ops[] = {"ADD", "SUB", "MUL", "MAXIMUM", "MINIMUM", "FLOOR_DIV", "FLOOR_MOD"};
    const Shape shape = shape_of(rng, between(rng, 1, 4));
    const char* op = ops[rng.below(7)];
    const bool floored = std::string_view(op).starts_with("FLOOR_");  // of int64 TensorFlow Lite 2.9 has none
    const char* type = floored || chance(rng, 2) ? "int32" : "int64";
    // A divisor of 0 stops TensorFlow Lite.
    return fmt::format("%x {0}[{1}] = input\n%d {0}[1] = {{{2}}}\n%y {0}[{1}] = {3}(%x, %d)\noutput %y\n",
                       type, list(shape), between(rng, 1, 9) * (chance(rng, 2) ? 1 : -1), op);
}

// Two steps of a layer that remembers.
std::string svdf(Rng& rng) {
    const int units = between(rng, 1, 5), rank = between(rng, 1, 2), memory = between(rng, 1, 5);
    const int filters = units * rank, in = between(rng, 1, 6), n = between(rng, 1, 2);
    if (chance(rng, 2))
        return fmt::format(
            "%x float32[{0},{1}] = input\n%f float32[{2},{1}] = input\n%t float32[{2},{3}] = input\n%b "
            "float32[{4}] = input\n"
            "%s float32[{0},{5}] = state\n%y float32[{0},{4}] = SVDF(%x, %f, %t, %b, %s) rank={6}\noutput "
            "%y\n",
            n, in, filters, memory, units, memory * filters, rank);
    return fmt::format(
        "%x int8[{0},{1}] s=0.05 z=3 = input\n%f int8[{2},{1}] s=0.02 = random 1\n%t int16[{2},{3}] s=0.0001 "
        "= random 2\n"
        "%b int32[{4}] = random 9\n%s int16[{0},{5}] s=0.001 = state\n"
        "%y int8[{0},{4}] s=0.1 z=-4 = SVDF(%x, %f, %t, %b, %s) rank={6} fused_activation_function=relu "
        "version=3\noutput %y\n",
        n, in, filters, memory, units, memory * filters, rank);
}

std::string wide_indices(Rng& rng) {
    const int rows = between(rng, 1, 6), columns = between(rng, 1, 5);
    return fmt::format(
        "%x float32[{0},{1}] = input\n%i int64[3] = {{{2},{3},{4}}}\n%y float32[3,{1}] = GATHER(%x, "
        "%i)\noutput %y\n",
        rows, columns, between(rng, 0, rows - 1), between(rng, 0, rows - 1), between(rng, 0, rows - 1));
}

std::string largest(Rng& rng) {
    const int extent = between(rng, 1, 12), k = between(rng, 1, extent), rows = between(rng, 1, 3);
    const char* types[] = {"float32", "int8", "uint8", "int32", "int64"};
    const std::string type = types[rng.below(5)], scale = type.ends_with("int8") ? " s=0.5" : "";
    return fmt::format(
        "%x {0}[{1},{2}]{4} = input\n%k int32[] = {{{3}}}\n%v {0}[{1},{3}]{4}, %i int32[{1},{3}] = "
        "TOPK_V2(%x, "
        "%k)\noutput %v, %i\n",
        type, rows, extent, k, scale);
}

// Parts of scales of their own; scales as training finds them.
std::string uint8_join(Rng& rng) {
    const int rows = between(rng, 1, 4), left = between(rng, 1, 9), right = between(rng, 1, 9);
    return fmt::format(
        "%a uint8[{0},{1}] {4} {5} = input\n%b uint8[{0},{2}] {6} {7} = input\n"
        "%y uint8[{0},{3}] {8} {9} = CONCATENATION(%a, %b) axis=1\noutput %y\n",
        rows, left, right, left + right, scale(rng, 0.05), zero_u8(rng), scale(rng, 0.05), zero_u8(rng),
        scale(rng, 0.07), zero_u8(rng));
}

}  // namespace

const std::vector<Form>& random_forms() {
    static const std::vector<Form> forms{
        {"DenseLayersOfAnyRank", dense_of_rank, 1},
        {"SumsOfAnyRank", [](Rng& rng) { return pair_of_ranks("ADD", rng); }, 0},
        {"DifferencesOfAnyRank", [](Rng& rng) { return pair_of_ranks("SUB", rng); }, 1},
        {"ProductsOfAnyRank", [](Rng& rng) { return pair_of_ranks("MUL", rng); }, 0},
        {"MeansOverAnyAxes", [](Rng& rng) { return reduction("MEAN", rng); }, 1},
        {"SumsOverAnyAxes", [](Rng& rng) { return reduction("SUM", rng); }, 1},
        {"ReshapesToAComputedShape", computed_reshape, 0},
        {"TilesAsOftenAsComputed", computed_tile, 0},
        {"SlicesByMasks", masked_slice, 0},
        {"ConvolutionsOfUint8", uint8_conv, 1},
        {"NetworksOfUint8", uint8_chain, 6},
        {"JoinsOfUint8", uint8_join, 0},
        {"FloatConvolutionsOfBatches", float_batches, 0},
        {"ConvolutionsOfFloatsByInt8", hybrid_conv, 0},
        {"DepthwiseLayersOfFloatsByInt8", hybrid_depthwise, 0},
        {"DenseLayersOfFloatsByInt8", hybrid_dense, 0},
        {"PadsOfAnyRank", pad_of_rank, 0},
        {"Powers", power, 0},
        {"Gelu", gelu, 1},
        {"RootsOfMeanSquares", root_mean_square, 0},
        {"UpdatesOfAPart", update, 0},
        {"RunningSums", sums, 0},
        {"WholeNumbers", whole_numbers, 0},
        {"LayersThatRemember", svdf, 1},
        {"SlicesByWideIndices", wide_indices, 0},
        {"TheLargestOfEachRow", largest, 0},
    };
    return forms;
}

}  // namespace jatai
