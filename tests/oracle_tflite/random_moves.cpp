// Random layers that move, repeat or pick values.
#include <cmath>
#include <cstring>

#include "tests/oracle_tflite/random_layer.h"

namespace jatai {
namespace {

Graph reshape(Rng& rng) {
    Layer layer(Op::Reshape, rng);
    const auto in = image(rng);
    const Quantisation q = quantise(rng, 0.05);
    const std::int32_t flat = in[1] * in[2] * in[3];
    layer.input(in, Type::Int8, q);
    layer.node.attributes.set("new_shape", std::vector<std::int64_t>{1, flat});
    layer.output({1, flat}, Type::Int8, q);
    return layer.finish();
}

// One layer of int8 in, then `fill` gives its other inputs and settings, then the output of the same scale.
template <typename Fill>
Graph moving(Op op, Rng& rng, const Shape& in, Fill fill) {
    Layer layer(op, rng);
    const Quantisation q = quantise(rng, 0.05);
    layer.input(in, Type::Int8, q);
    const Shape out = fill(layer);
    layer.output(out, Type::Int8, q);
    return layer.finish();
}

Shape any_shape(Rng& rng, int rank) {
    Shape shape;
    for (int i = 0; i < rank; ++i) shape.push_back(between(rng, 1, 6));
    return shape;
}

Graph strided_slice(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::StridedSlice, rng, in, [&](Layer& layer) {
        Shape begin, end, stride, out;
        std::int64_t shrink = 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
            const std::int32_t first = between(rng, 0, in[i] - 1);
            const std::int32_t last = between(rng, 0, in[i] - 1);
            const std::int32_t step = between(rng, 1, 2);
            const bool one = rng.below(6) == 0;
            const bool back = !one && last < first;
            begin.push_back(rng.below(2) == 0 ? first : first - in[i]);
            end.push_back(back ? (last == 0 ? -in[i] - 1 : last - 1) : last + 1);
            stride.push_back(one ? 1 : back ? -step : step);
            if (one) shrink |= std::int64_t{1} << i;
            if (!one) out.push_back(std::abs(last - first) / step + 1);
        }
        const auto rank = static_cast<std::int32_t>(in.size());
        layer.numbers({rank}, begin);
        layer.numbers({rank}, end);
        layer.numbers({rank}, stride);
        layer.set("shrink_axis_mask", shrink);
        return out;
    });
}

Graph slice(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::Slice, rng, in, [&](Layer& layer) {
        Shape begin, size, out;
        for (const std::int32_t extent : in) {
            begin.push_back(between(rng, 0, extent - 1));
            out.push_back(between(rng, 1, extent - begin.back()));
            size.push_back(out.back() == extent - begin.back() && rng.below(2) == 0 ? -1 : out.back());
        }
        layer.numbers({static_cast<std::int32_t>(in.size())}, begin);
        layer.numbers({static_cast<std::int32_t>(in.size())}, size);
        return out;
    });
}

Graph transpose(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 5));
    return moving(Op::Transpose, rng, in, [&](Layer& layer) {
        Shape order(in.size());
        for (std::size_t i = 0; i < in.size(); ++i) {
            const std::size_t j = rng.below(static_cast<std::uint32_t>(i + 1));
            order[i] = order[j];
            order[j] = static_cast<std::int32_t>(i);
        }
        layer.numbers({static_cast<std::int32_t>(in.size())}, order);
        Shape out;
        for (const std::int32_t axis : order) out.push_back(in[static_cast<std::size_t>(axis)]);
        return out;
    });
}

Graph reverse(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    Layer layer(Op::ReverseV2, rng);
    layer.input(in, Type::UInt8, {});
    layer.numbers({1}, {between(rng, 0, static_cast<int>(in.size()) - 1)});
    layer.output(in, Type::UInt8, {});
    return layer.finish();
}

Graph pad(Op op, Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(op, rng, in, [&](Layer& layer) {
        Shape margins, out;
        const std::int32_t edge = layer.node.op == Op::MirrorPad ? 1 : 0;
        for (const std::int32_t extent : in) {
            for (int side = 0; side < 2; ++side)
                margins.push_back(between(rng, 0, edge == 0 ? 3 : std::min(3, extent - edge)));
            out.push_back(extent + margins[margins.size() - 2] + margins.back());
        }
        layer.numbers({static_cast<std::int32_t>(in.size()), 2}, margins);
        if (op == Op::PadV2) layer.input({1}, Type::Int8, layer.graph.tensors[0].quantisation);
        layer.node.version = 2;
        return out;
    });
}

Graph tile(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::Tile, rng, in, [&](Layer& layer) {
        Shape times, out;
        for (const std::int32_t extent : in) {
            times.push_back(between(rng, 1, 3));
            out.push_back(extent * times.back());
        }
        layer.numbers({static_cast<std::int32_t>(in.size())}, times);
        return out;
    });
}

Graph broadcast(Rng& rng) {
    Shape in = any_shape(rng, between(rng, 1, 4));
    Shape out = in;
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = rng.below(2) == 0 ? 1 : in[i];
    return moving(Op::BroadcastTo, rng, in, [&](Layer& layer) {
        layer.numbers({static_cast<std::int32_t>(in.size())}, out);
        layer.node.version = 2;
        return out;
    });
}

Graph concatenation(Rng& rng) {
    Layer layer(Op::Concatenation, rng);
    Shape shape = any_shape(rng, between(rng, 1, 4));
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(shape.size()));
    const Quantisation q = quantise(rng, 0.05);
    std::int32_t extent = 0;
    for (int parts = between(rng, 1, 6); parts > 0; --parts) {
        shape[axis] = between(rng, 1, 6);
        extent += shape[axis];
        layer.input(shape, Type::Int8, q);
    }
    shape[axis] = extent;
    layer.set("axis", static_cast<std::int64_t>(axis) -
                          (rng.below(2) == 0 ? static_cast<std::int64_t>(shape.size()) : 0));
    layer.node.version = 2;
    layer.output(shape, Type::Int8, q);
    return layer.finish();
}

Graph pack(Rng& rng) {
    Layer layer(Op::Pack, rng);
    const Shape part = any_shape(rng, between(rng, 1, 3));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    for (int i = 0; i < parts; ++i) layer.input(part, Type::Int8, q);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size() + 1));
    Shape whole = part;
    whole.insert(whole.begin() + static_cast<std::ptrdiff_t>(axis), parts);
    layer.set("axis", static_cast<std::int64_t>(axis));
    layer.set("values_count", parts);
    layer.node.version = 2;
    layer.output(whole, Type::Int8, q);
    return layer.finish();
}

Graph unpack(Rng& rng) {
    Layer layer(Op::Unpack, rng);
    const Shape part = any_shape(rng, between(rng, 1, 3));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size() + 1));
    Shape whole = part;
    whole.insert(whole.begin() + static_cast<std::ptrdiff_t>(axis), parts);
    layer.set("axis", static_cast<std::int64_t>(axis));
    layer.set("num", parts);
    layer.node.version = 2;
    layer.input(whole, Type::Int8, q);
    for (int i = 0; i < parts; ++i) layer.output(part, Type::Int8, q);
    return layer.finish();
}

Graph split(Rng& rng) {
    Layer layer(Op::Split, rng);
    Shape part = any_shape(rng, between(rng, 1, 4));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size()));
    Shape whole = part;
    whole[axis] *= parts;
    layer.numbers({}, {static_cast<std::int32_t>(axis)});
    layer.input(whole, Type::Int8, q);
    layer.set("num_splits", parts);
    layer.node.version = 2;
    for (int i = 0; i < parts; ++i) layer.output(part, Type::Int8, q);
    return layer.finish();
}

Graph split_v(Rng& rng) {
    Layer layer(Op::SplitV, rng);
    Shape part = any_shape(rng, between(rng, 1, 4));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size()));
    Shape sizes;
    Shape whole = part;
    whole[axis] = 0;
    for (int i = 0; i < parts; ++i) {
        sizes.push_back(between(rng, 1, 4));
        whole[axis] += sizes.back();
    }
    layer.input(whole, Type::Int8, q);
    layer.numbers({parts}, sizes);
    layer.numbers({}, {static_cast<std::int32_t>(axis)});
    layer.set("num_splits", parts);
    layer.node.version = 2;
    for (const std::int32_t size : sizes) {
        part[axis] = size;
        layer.output(part, Type::Int8, q);
    }
    return layer.finish();
}

Graph gather(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::Gather, rng, in, [&](Layer& layer) {
        const std::size_t axis = rng.below(static_cast<std::uint32_t>(in.size()));
        Shape index;
        for (int i = between(rng, 1, 5); i > 0; --i) index.push_back(between(rng, 0, in[axis] - 1));
        layer.numbers({static_cast<std::int32_t>(index.size())}, index);
        layer.set("axis", static_cast<std::int64_t>(axis));
        layer.node.version = 2;
        Shape out = in;
        out[axis] = static_cast<std::int32_t>(index.size());
        return out;
    });
}

Graph gather_nd(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::GatherNd, rng, in, [&](Layer& layer) {
        const auto depth = between(rng, 1, static_cast<int>(in.size()));
        const auto slices = between(rng, 1, 5);
        Shape index;
        for (int i = 0; i < slices; ++i)
            for (int k = 0; k < depth; ++k)
                index.push_back(between(rng, 0, in[static_cast<std::size_t>(k)] - 1));
        layer.numbers({slices, depth}, index);
        layer.node.version = 2;
        Shape out{slices};
        out.insert(out.end(), in.begin() + depth, in.end());
        return out;
    });
}

Graph depth_and_space(Op op, Rng& rng) {
    const std::int32_t block = between(rng, 1, 3);
    const Shape base{between(rng, 1, 2), between(rng, 1, 4), between(rng, 1, 4), between(rng, 1, 4)};
    const Shape large{base[0], base[1] * block, base[2] * block, base[3]};
    const Shape small{base[0], base[1], base[2], base[3] * block * block};
    return moving(op, rng, op == Op::SpaceToDepth ? large : small, [&](Layer& layer) {
        layer.set("block_size", block);
        return op == Op::SpaceToDepth ? small : large;
    });
}

Graph batch_and_space(Op op, Rng& rng) {
    const Shape block{between(rng, 1, 3), between(rng, 1, 3)};
    const Shape margin{between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2)};
    const Shape parts{between(rng, 1, 2) * block[0] * block[1], between(rng, 3, 5), between(rng, 3, 5),
                      between(rng, 1, 3)};
    const std::int32_t height = parts[1] * block[0] - margin[0] - margin[1];
    const std::int32_t width = parts[2] * block[1] - margin[2] - margin[3];
    const Shape image{parts[0] / (block[0] * block[1]), std::max(height, 1), std::max(width, 1), parts[3]};
    if (height < 1 || width < 1) return batch_and_space(op, rng);
    return moving(op, rng, op == Op::SpaceToBatchNd ? image : parts, [&](Layer& layer) {
        layer.numbers({2}, block);
        layer.numbers({2, 2}, margin);
        layer.node.version = 2;
        return op == Op::SpaceToBatchNd ? parts : image;
    });
}

Graph resize(Op op, Rng& rng) {
    const Shape in{between(rng, 1, 2), between(rng, 1, 9), between(rng, 1, 9), between(rng, 1, 4)};
    const Shape out{in[0], between(rng, 1, 20), between(rng, 1, 20), in[3]};
    return moving(op, rng, in, [&](Layer& layer) {
        layer.numbers({2}, {out[1], out[2]});
        const std::uint32_t kind = rng.below(3);
        layer.node.attributes.set("align_corners", kind == 1);
        layer.node.attributes.set("half_pixel_centers", kind == 2);
        layer.node.version = 3;
        return out;
    });
}

Graph most(Op op, Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(op, rng, in, [&](Layer& layer) {
        Shape axes, out;
        const bool keep = rng.below(2) == 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
            const bool gone = rng.below(2) == 0;
            if (gone)
                axes.push_back(static_cast<std::int32_t>(i) -
                               (rng.below(2) == 0 ? static_cast<std::int32_t>(in.size()) : 0));
            if (!gone || keep) out.push_back(gone ? 1 : in[i]);
        }
        if (axes.empty()) {
            axes.push_back(0);
            out.erase(out.begin());
            if (keep) out.insert(out.begin(), 1);
        }
        layer.numbers({static_cast<std::int32_t>(axes.size())}, axes);
        layer.node.attributes.set("keep_dims", keep);
        layer.node.version = 2;
        return out;
    });
}

Graph arg_most(Op op, Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(in.size()));
    Layer layer(op, rng);
    layer.input(in, Type::Int8, quantise(rng, 0.05));
    layer.numbers({}, {static_cast<std::int32_t>(axis)});
    layer.set("output_type", 2);
    layer.node.version = 2;
    Shape out = in;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(axis));
    layer.output(out, Type::Int32, {});
    return layer.finish();
}

}  // namespace

LayerMakers layers_of_moves() {
    return {
        {Op::Reshape, reshape},
        {Op::StridedSlice, strided_slice},
        {Op::Slice, slice},
        {Op::Transpose, transpose},
        {Op::ReverseV2, reverse},
        {Op::Pad, [](Rng& rng) { return pad(Op::Pad, rng); }},
        {Op::PadV2, [](Rng& rng) { return pad(Op::PadV2, rng); }},
        {Op::MirrorPad, [](Rng& rng) { return pad(Op::MirrorPad, rng); }},
        {Op::Tile, tile},
        {Op::BroadcastTo, broadcast},
        {Op::Concatenation, concatenation},
        {Op::Pack, pack},
        {Op::Unpack, unpack},
        {Op::Split, split},
        {Op::SplitV, split_v},
        {Op::Gather, gather},
        {Op::GatherNd, gather_nd},
        {Op::SpaceToDepth, [](Rng& rng) { return depth_and_space(Op::SpaceToDepth, rng); }},
        {Op::DepthToSpace, [](Rng& rng) { return depth_and_space(Op::DepthToSpace, rng); }},
        {Op::SpaceToBatchNd, [](Rng& rng) { return batch_and_space(Op::SpaceToBatchNd, rng); }},
        {Op::BatchToSpaceNd, [](Rng& rng) { return batch_and_space(Op::BatchToSpaceNd, rng); }},
        {Op::ReduceMax, [](Rng& rng) { return most(Op::ReduceMax, rng); }},
        {Op::ReduceMin, [](Rng& rng) { return most(Op::ReduceMin, rng); }},
        {Op::ArgMax, [](Rng& rng) { return arg_most(Op::ArgMax, rng); }},
        {Op::ArgMin, [](Rng& rng) { return arg_most(Op::ArgMin, rng); }},
        {Op::ResizeBilinear, [](Rng& rng) { return resize(Op::ResizeBilinear, rng); }},
        {Op::ResizeNearestNeighbor, [](Rng& rng) { return resize(Op::ResizeNearestNeighbor, rng); }},
    };
}

}  // namespace jatai
