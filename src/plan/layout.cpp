#include "src/plan/layout.h"

#include <algorithm>

#include "device/package.h"
#include "src/base/error.h"

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
                const std::vector<std::size_t>& order)
        : graph_(graph), lowered_(lowered), aliases_(aliases) {
        layout_.order = order;
    }

    std::uint32_t count() {
        find_buffers();
        share_in_place();
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
            if (!op_def(node.op).in_place || aliases_.vanished[i]) continue;
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

    bool take_over(TensorId from, TensorId to, std::int32_t row) {
        if (!in_arena(from) || !in_arena(to)) return false;
        std::vector<Buffer>& buffers = layout_.buffers;
        const std::uint32_t source = layout_.buffer_of[index(alias(from).root)];
        const std::uint32_t target = layout_.buffer_of[index(alias(to).root)];
        if (source == target || buffers[source].last != row || buffers[target].first != row ||
            buffers[source].bytes != buffers[target].bytes || is_answer(source) || !is_whole(source) ||
            !is_whole(target)) {
            return false;
        }
        buffers[source].last = buffers[target].last;
        accesses_[source].insert(accesses_[source].end(), accesses_[target].begin(), accesses_[target].end());
        buffers[target].bytes = 0;
        accesses_[target].clear();
        for (std::uint32_t& buffer : layout_.buffer_of) buffer = buffer == target ? source : buffer;
        return true;
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
    Layout layout_;
    std::vector<std::vector<Access>> accesses_;  // by buffer
};

}  // namespace

Layout lay_out(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
               const std::vector<std::size_t>& order) {
    return LayoutMaker(graph, lowered, aliases, order).make();
}

std::uint32_t count_live(const Graph& graph, const std::vector<Lowered>& lowered, const Aliases& aliases,
                         const std::vector<std::size_t>& order) {
    return LayoutMaker(graph, lowered, aliases, order).count();
}

}  // namespace jatai
