#include "src/plan/alias.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "device/kernels/join.h"
#include "device/kernels/move.h"
#include "device/package.h"
#include "src/base/error.h"

namespace jatai {

namespace {

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

// Where the elements of a move begin in what they are taken from, in bytes; -1: they do not lie side by side.
std::int64_t begin_of_view(const Lowered& step, std::int64_t bytes) {
    if (!(step.kernel == kMove.key)) return -1;
    MoveParams params;
    std::memcpy(&params, step.params.data(), sizeof params);
    const bool side_by_side = params.axes == 0 && params.fill_width == 0 && params.to == 0;
    return side_by_side && params.block == bytes ? params.from : -1;
}

bool has_one_row(const Lowered& step) {
    JoinParams params;
    std::memcpy(&params, step.params.data(), sizeof params);
    return params.rows == 1;
}

class Finder {
  public:
    Finder(const Graph& graph, const std::vector<Lowered>& lowered) : graph_(graph), lowered_(lowered) {
        for (std::size_t t = 0; t < graph.tensors.size(); ++t)
            found_.of.push_back({static_cast<TensorId>(t), 0});
        found_.vanished.assign(graph.nodes.size(), false);
        doors_.insert(graph.inputs.begin(), graph.inputs.end());
    }

    Aliases find() {
        for (std::size_t i = 0; i < lowered_.size(); ++i) {
            if (lowered_[i].kernel.op == Op::None) pass_on(i);
        }
        for (std::size_t i = 0; i < lowered_.size(); ++i) {
            if (may_lie_in_place(i)) claim_parts(i);
        }
        for (std::size_t i = 0; i < lowered_.size(); ++i) {
            if (lowered_[i].kernel == kSplit.key && has_one_row(lowered_[i])) view_parts(i);
            if (lowered_[i].kernel == kMove.key) view(i);
        }
        for (std::size_t t = 0; t < found_.of.size(); ++t) found_.of[t] = resolve(static_cast<TensorId>(t));
        return std::move(found_);
    }

  private:
    // Joins are looked at before views, so a chain may still grow at its end.
    Alias resolve(TensorId t) const {
        Alias at{t, 0};
        while (found_.of[index(at.root)].root != at.root) {
            const Alias& next = found_.of[index(at.root)];
            at = {next.root, at.offset + next.offset};
        }
        return at;
    }

    bool may_lie_in_place(std::size_t i) const {
        return lowered_[i].kernel == kJoin.key && graph_.nodes[i].attributes.flag(kInPlace) &&
               has_one_row(lowered_[i]);
    }

    void pass_on(std::size_t i) {
        const Node& node = graph_.nodes[i];
        CHECK(graph_.tensor(node.inputs[0]).bytes() == graph_.tensor(node.outputs[0]).bytes());
        found_.of[index(node.outputs[0])] = {node.inputs[0], 0};
        found_.vanished[i] = true;
    }

    bool can_claim(TensorId part, TensorId whole, std::set<TensorId>& claimed) const {
        const Alias at = resolve(part);
        const Tensor& root = graph_.tensor(at.root);
        return !root.constant() && !root.state && !doors_.contains(at.root) && at.offset == 0 &&
               root.bytes() == graph_.tensor(part).bytes() && resolve(whole).root != at.root &&
               claimed.insert(at.root).second;
    }

    void claim_parts(std::size_t i) {
        const Node& node = graph_.nodes[i];
        std::set<TensorId> claimed;
        std::int64_t offset = 0;
        for (const TensorId part : node.inputs) {
            if (offset % kPlaceAlign != 0 || !can_claim(part, node.outputs[0], claimed)) return;
            offset += graph_.tensor(part).bytes();
        }
        offset = 0;
        for (const TensorId part : node.inputs) {
            found_.of[index(resolve(part).root)] = {node.outputs[0], offset};
            offset += graph_.tensor(part).bytes();
        }
        found_.vanished[i] = true;
    }

    // What may be looked at in place: memory of the arena that nobody rewrites while the view is needed.
    bool can_view(TensorId from, std::int64_t begin) const {
        const Alias at = resolve(from);
        const Tensor& root = graph_.tensor(at.root);
        return begin >= 0 && (at.offset + begin) % kPlaceAlign == 0 && !root.constant() && !root.state;
    }

    bool is_free(TensorId t) const { return found_.of[index(t)].root == t; }

    void view(std::size_t i) {
        const Node& node = graph_.nodes[i];
        const TensorId from = lowered_[i].operands[0].tensor, to = node.outputs[0];
        const std::int64_t begin = begin_of_view(lowered_[i], graph_.tensor(to).bytes());
        if (from == kNoTensor || !can_view(from, begin) || !is_free(to)) return;
        found_.of[index(to)] = {from, begin};
        found_.vanished[i] = true;
    }

    void view_parts(std::size_t i) {
        const Node& node = graph_.nodes[i];
        const TensorId from = lowered_[i].operands[0].tensor;
        std::int64_t begin = 0;
        for (const TensorId part : node.outputs) {
            if (!can_view(from, begin) || !is_free(part)) return;
            begin += graph_.tensor(part).bytes();
        }
        begin = 0;
        for (const TensorId part : node.outputs) {
            found_.of[index(part)] = {from, begin};
            begin += graph_.tensor(part).bytes();
        }
        found_.vanished[i] = true;
    }

    const Graph& graph_;
    const std::vector<Lowered>& lowered_;
    std::set<TensorId> doors_;
    Aliases found_;
};

}  // namespace

std::vector<TensorId> Aliases::roots() const {
    std::vector<TensorId> roots;
    for (const Alias& alias : of) roots.push_back(alias.root);
    return roots;
}

Aliases find_aliases(const Graph& graph, const std::vector<Lowered>& lowered) {
    return Finder(graph, lowered).find();
}

}  // namespace jatai
