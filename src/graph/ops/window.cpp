#include "src/graph/ops/window.h"

#include <utility>

#include "src/graph/ops/common.h"

namespace jatai {
namespace {

constexpr std::int64_t kMaxExtent = 65535;

struct Slide {
    std::int64_t input, taps, stride, dilation;
    Padding padding;
    std::int64_t before = 0, given = 0;  // of Explicit: padding before the image, extent of the output

    std::int64_t reach() const { return (taps - 1) * dilation + 1; }
    // 0 or less: the kernel is larger than the image.
    std::int64_t output() const {
        if (padding == kExplicitPadding) return given;
        return padding == Padding::Same ? (input + stride - 1) / stride : (input + stride - reach()) / stride;
    }
    std::int64_t pad() const {
        if (padding == kExplicitPadding) return before;
        const std::int64_t total = (output() - 1) * stride + reach() - input;
        return total > 0 ? total / 2 : 0;
    }
};

struct Slides {
    Slide h, w;
};

Slides slides_of(const Graph& graph, const Node& node, Taps taps) {
    const Attributes& a = node.attributes;
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const auto padding = static_cast<Padding>(a.integer("padding"));
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    return {{in[1], taps.h, a.integer("stride_h", 1), a.integer("dilation_h_factor", 1), padding,
             a.integer("pad_top"), out[1]},
            {in[2], taps.w, a.integer("stride_w", 1), a.integer("dilation_w_factor", 1), padding,
             a.integer("pad_left"), out[2]}};
}

void need_extent(const Graph& graph, const Node& node, std::int64_t value, const std::string& what) {
    if (value < 1 || value > kMaxExtent) {
        reject(graph, node, text("found {} {}, expected 1 to {}", what, value, kMaxExtent));
    }
}

void need_slide(const Graph& graph, const Node& node, const Slide& slide) {
    need_extent(graph, node, slide.stride, text("stride"));
    need_extent(graph, node, slide.dilation, text("dilation"));
    need_extent(graph, node, slide.taps, text("kernel extent"));
    if (slide.output() < 1) {
        reject(
            graph, node,
            text("found a kernel of {} on an image of {}, expected it to fit", slide.reach(), slide.input));
    }
    if (slide.padding == kExplicitPadding &&
        (slide.before < 0 || slide.before >= slide.reach() ||
         (slide.output() - 1) * slide.stride - slide.before >= slide.input)) {
        reject(graph, node,
               text("found padding {} and an output of {}, expected every window to meet the image",
                    slide.before, slide.output()));
    }
    if (slide.pad() > kMaxExtent)
        reject(graph, node, text("found padding {}, expected at most {}", slide.pad(), kMaxExtent));
    if (slide.output() * slide.stride + slide.taps * slide.dilation > 0x3FFFFFFF) {
        reject(graph, node, text("found a kernel that reaches {} past the image", slide.reach()));
    }
}

std::uint16_t narrow(std::int64_t x) { return static_cast<std::uint16_t>(x); }

// One column of pixels, as time series have it.
bool is_column(const Window& w) { return w.in_w == 1 && w.out_w == 1 && w.kernel_w == 1 && w.pad_left == 0; }

// The same pixels in the same places of memory, read as one row: kernels are quickest along a row.
Window lie_down(Window w) {
    std::swap(w.in_h, w.in_w);
    std::swap(w.out_h, w.out_w);
    std::swap(w.kernel_h, w.kernel_w);
    std::swap(w.dilation_h, w.dilation_w);
    std::swap(w.pad_top, w.pad_left);
    std::swap(w.stride_h, w.stride_w);
    return w;
}

}  // namespace

void need_window(const Graph& graph, const Node& node, Taps taps, Type type) {
    need_activation_function(graph, node);
    for (const TensorId id : {node.inputs[0], node.outputs[0]}) {
        need_value(graph, node, id, type);
        need_rank(graph, node, id, 4);
        for (const std::int32_t extent : graph.tensor(id).shape)
            need_extent(graph, node, extent, text("extent"));
    }
    const std::int64_t padding = node.attributes.integer("padding");
    // A file can only name the first two: see Padding.
    if (padding < 0 || padding > 2 || (padding == 2 && !node.attributes.has("pad_top")))
        reject(graph, node, text("found padding {}, expected SAME or VALID", padding));
    const Slides s = slides_of(graph, node, taps);
    need_slide(graph, node, s.h);
    need_slide(graph, node, s.w);
    std::vector<std::int32_t> expected = graph.tensor(node.outputs[0]).shape;
    expected[0] = graph.tensor(node.inputs[0]).shape[0];
    expected[1] = static_cast<std::int32_t>(s.h.output());
    expected[2] = static_cast<std::int32_t>(s.w.output());
    need_shape(graph, node, node.outputs[0], expected);
}

Window make_window(const Graph& graph, const Node& node, Taps taps) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    const Slides s = slides_of(graph, node, taps);
    Window w{};
    w.batches = narrow(in[0]);
    w.in_h = narrow(in[1]), w.in_w = narrow(in[2]), w.in_c = narrow(in[3]);
    w.out_h = narrow(out[1]), w.out_w = narrow(out[2]), w.out_c = narrow(out[3]);
    w.kernel_h = narrow(taps.h), w.kernel_w = narrow(taps.w);
    w.stride_h = narrow(s.h.stride), w.stride_w = narrow(s.w.stride);
    w.dilation_h = narrow(s.h.dilation), w.dilation_w = narrow(s.w.dilation);
    w.pad_top = narrow(s.h.pad()), w.pad_left = narrow(s.w.pad());
    w.groups = 1;
    return node.attributes.has(kLiesDown) && is_column(w) ? lie_down(w) : w;
}

Reaches reaches_of(const Graph& graph, const Node& node) {
    const bool pool = node.op == Op::MaxPool2d || node.op == Op::AveragePool2d;
    Taps taps{node.attributes.integer("filter_height"), node.attributes.integer("filter_width")};
    if (!pool) taps = {graph.tensor(node.inputs[1]).shape[1], graph.tensor(node.inputs[1]).shape[2]};
    const Slides s = slides_of(graph, node, taps);
    return {{s.h.stride, s.h.reach(), s.h.pad()}, {s.w.stride, s.w.reach(), s.w.pad()}};
}

}  // namespace jatai
