#include "src/plan/layout.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "device/kernels/depthwise_conv2d.h"
#include "device/package.h"
#include "src/base/error.h"
#include "src/graph/passes/depthwise_in_place.h"

namespace jatai {

namespace {

constexpr std::uint32_t kNoBuffer = UINT32_MAX;

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

// A step reads or writes these bytes of a buffer.
struct Access {
    std::uint32_t begin, end;
    std::int32_t row;
};

class LayoutMaker {
  public:
    LayoutMaker(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
                const std::vector<std::size_t>& order, Overlap overlap)
        : graph_(graph), lowered_(lowered), aliases_(aliases), overlap_(overlap) {
        layout_.order = order;
    }

    std::uint32_t count() {
        find_buffers();
        share_in_place();
        if (overlap_ == Overlap::Yes) share_rows();
        for (std::size_t b = 0; b < layout_.buffers.size(); ++b) cut(layout_.buffers[b], accesses_[b]);
        add_scratch();
        return live_peak(layout_.buffers);
    }

    Layout make() {
        layout_.live_peak_bytes = count();
        layout_.used_bytes = place_buffers(layout_.buffers);
        return std::move(layout_);
    }

  private:
    const Alias& alias(TensorId t) const { return aliases_.of[index(t)]; }
    // Whether t lies among the buffers that come and go.
    bool in_arena(TensorId t) const {
        if (t == kNoTensor) return false;
        const Tensor& root = graph_.tensor(alias(t).root);
        return !root.constant() && !root.state;
    }
    std::int32_t last_row() const {
        return std::max<std::int32_t>(0, static_cast<std::int32_t>(layout_.order.size()) - 1);
    }

    // Tensor t is needed at `row`.
    void touch(TensorId t, std::int32_t row) {
        if (!in_arena(t)) return;
        const TensorId root = alias(t).root;
        std::uint32_t& buffer = layout_.buffer_of[index(root)];
        if (buffer == kNoBuffer) {
            buffer = static_cast<std::uint32_t>(layout_.buffers.size());
            layout_.buffers.push_back(
                {static_cast<std::uint32_t>(graph_.tensor(root).bytes()), row, row, 0, {}});
            layout_.names.push_back(graph_.tensor(root).name);
            accesses_.emplace_back();
        }
        Buffer& b = layout_.buffers[buffer];
        b.first = std::min(b.first, row);
        b.last = std::max(b.last, row);
        const auto begin = static_cast<std::uint32_t>(alias(t).offset);
        accesses_[buffer].push_back(
            {begin, begin + static_cast<std::uint32_t>(graph_.tensor(t).bytes()), row});
    }

    void find_buffers() {
        layout_.buffer_of.assign(graph_.tensors.size(), kNoBuffer);
        layout_.shift_of.assign(graph_.tensors.size(), 0);
        for (const TensorId t : graph_.inputs) touch(t, 0);
        for (std::size_t row = 0; row < layout_.order.size(); ++row) {
            const std::size_t i = layout_.order[row];
            // What moves nothing needs nothing: those who read its answer do.
            if (aliases_.vanished[i]) continue;
            for (const TensorId t : graph_.nodes[i].inputs) touch(t, static_cast<std::int32_t>(row));
            for (const TensorId t : graph_.nodes[i].outputs) touch(t, static_cast<std::int32_t>(row));
        }
        for (const TensorId t : graph_.outputs) touch(t, last_row());
    }

    // The answer of an op that works element by element may lie on an operand that nobody needs afterwards.
    void share_in_place() {
        for (std::size_t row = 0; row < layout_.order.size(); ++row) {
            const std::size_t i = layout_.order[row];
            const Node& node = graph_.nodes[i];
            if (!op_def(node.op).in_place || !node.attributes.flag(kInPlace) || aliases_.vanished[i])
                continue;
            const Tensor& out = graph_.tensor(node.outputs[0]);
            for (const TensorId t : node.inputs) {
                if (t == kNoTensor || graph_.tensor(t).shape != out.shape) continue;
                if (take_over(t, node.outputs[0], static_cast<std::int32_t>(row))) break;
            }
        }
    }

    bool is_whole(std::uint32_t buffer) const {
        const std::uint32_t bytes = layout_.buffers[buffer].bytes;
        return std::all_of(accesses_[buffer].begin(), accesses_[buffer].end(),
                           [&](const Access& a) { return a.begin == 0 && a.end == bytes; });
    }

    // An answer of the model must stay.
    bool is_answer(std::uint32_t buffer) const {
        return std::any_of(graph_.outputs.begin(), graph_.outputs.end(), [&](TensorId t) {
            return in_arena(t) && layout_.buffer_of[index(alias(t).root)] == buffer;
        });
    }

    // Nobody needs `source` after `row`, nor `target` before it, and each is used as a whole.
    bool can_share(std::uint32_t source, std::uint32_t target, std::int32_t row) const {
        const std::vector<Buffer>& buffers = layout_.buffers;
        return source != target && buffers[source].last == row && buffers[target].first == row &&
               !is_answer(source) && is_whole(source) && is_whole(target);
    }

    // What lies in `target` lies at the beginning of `source`.
    void join_buffers(std::uint32_t source, std::uint32_t target) {
        std::vector<Buffer>& buffers = layout_.buffers;
        buffers[source].last = buffers[target].last;
        accesses_[source].insert(accesses_[source].end(), accesses_[target].begin(), accesses_[target].end());
        buffers[target].bytes = 0;
        accesses_[target].clear();
        for (std::uint32_t& buffer : layout_.buffer_of) buffer = buffer == target ? source : buffer;
    }

    bool take_over(TensorId from, TensorId to, std::int32_t row) {
        if (!in_arena(from) || !in_arena(to)) return false;
        const std::uint32_t source = layout_.buffer_of[index(alias(from).root)];
        const std::uint32_t target = layout_.buffer_of[index(alias(to).root)];
        if (layout_.buffers[source].bytes != layout_.buffers[target].bytes || !can_share(source, target, row))
            return false;
        join_buffers(source, target);
        return true;
    }

    // How many bytes before its input the answer of a layer may begin; 0: it may not lie on it. Whole pixels:
    // kernels take some channels through the whole image, then the next ones, and write only bytes of theirs.
    std::uint32_t lead_of(std::size_t i) const {
        const Node& node = graph_.nodes[i];
        if (!node.attributes.has(kInPlaceRows) || lowered_[i].params.size() != sizeof(ConvParams)) return 0;
        ConvParams p;
        std::memcpy(&p, lowered_[i].params.data(), sizeof p);
        const Window& w = p.window;
        // As the kernel sees it: narrow images may have been turned.
        if (w.batches != 1 || w.stride_h != 1 || w.in_w != w.out_w || w.in_c != w.out_c) return 0;
        const std::uint32_t bytes = (w.pad_top + 1u) * w.in_w * w.in_c;
        const std::uint32_t whole = std::lcm(static_cast<std::uint32_t>(kPlaceAlign), std::uint32_t{w.in_c});
        return (bytes + whole - 1) / whole * whole;
    }

    // The answer of a depthwise layer lies on its input, a few rows before it.
    void share_rows() {
        for (std::size_t row = 0; row < layout_.order.size(); ++row) {
            const std::size_t i = layout_.order[row];
            const std::uint32_t lead = lead_of(i);
            if (lead == 0 || aliases_.vanished[i]) continue;
            const TensorId from = graph_.nodes[i].inputs[0], to = graph_.nodes[i].outputs[0];
            if (!in_arena(from) || !in_arena(to)) continue;
            const std::uint32_t source = layout_.buffer_of[index(alias(from).root)];
            const std::uint32_t target = layout_.buffer_of[index(alias(to).root)];
            if (!can_share(source, target, static_cast<std::int32_t>(row))) continue;
            overlap(source, target, lead);
        }
    }

    void overlap(std::uint32_t source, std::uint32_t target, std::uint32_t lead) {
        std::vector<Buffer>& buffers = layout_.buffers;
        const std::uint32_t bytes = std::max(buffers[source].bytes + lead, buffers[target].bytes);
        if (bytes >= buffers[source].bytes + buffers[target].bytes) return;
        for (std::size_t t = 0; t < layout_.buffer_of.size(); ++t)
            layout_.shift_of[t] += layout_.buffer_of[t] == source ? lead : 0;
        for (Access& access : accesses_[source]) {
            access.begin += lead;
            access.end += lead;
        }
        join_buffers(source, target);
        buffers[source].bytes = bytes;
        layout_.overlaps = true;
    }

    // Pieces between the borders of all accesses, each alive from its first access to its last.
    static void cut(Buffer& buffer, const std::vector<Access>& accesses) {
        std::vector<std::uint32_t> borders{0, buffer.bytes};
        for (const Access& a : accesses) borders.insert(borders.end(), {a.begin, a.end});
        std::sort(borders.begin(), borders.end());
        borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
        for (const std::uint32_t border : borders) {
            if (border % kPlaceAlign != 0 && border != buffer.bytes) return;  // alive as a whole
        }
        if (borders.size() <= 2) return;
        for (std::size_t k = 0; k + 1 < borders.size(); ++k) {
            Piece piece{borders[k], borders[k + 1] - borders[k], INT32_MAX, INT32_MIN};
            for (const Access& a : accesses) {
                if (a.begin > piece.offset || a.end < piece.offset + piece.bytes) continue;
                piece.first = std::min(piece.first, a.row);
                piece.last = std::max(piece.last, a.row);
            }
            if (piece.first <= piece.last) buffer.pieces.push_back(piece);
        }
    }

    void add_scratch() {
        layout_.scratch.resize(graph_.nodes.size());
        for (std::size_t row = 0; row < layout_.order.size(); ++row) {
            const std::size_t i = layout_.order[row];
            if (aliases_.vanished[i]) continue;
            for (const Operand& operand : lowered_[i].operands) {
                if (operand.kind != Operand::Kind::Scratch) continue;
                const auto at = static_cast<std::int32_t>(row);
                CHECK(operand.align <= kPlaceAlign);
                layout_.scratch[i].push_back(static_cast<std::uint32_t>(layout_.buffers.size()));
                layout_.buffers.push_back({operand.scratch_bytes, at, at, 0, {}});
                layout_.names.push_back("scratch");
            }
        }
    }

    const Graph& graph_;
    const std::vector<Lowered>& lowered_;
    const Aliases& aliases_;
    const Overlap overlap_;
    Layout layout_;
    std::vector<std::vector<Access>> accesses_;  // by buffer
};

}  // namespace

Layout lay_out(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
               const std::vector<std::size_t>& order, Overlap overlap) {
    return LayoutMaker(graph, lowered, aliases, order, overlap).make();
}

std::uint32_t count_live(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
                         const std::vector<std::size_t>& order) {
    return LayoutMaker(graph, lowered, aliases, order, Overlap::No).count();
}

}  // namespace jatai
