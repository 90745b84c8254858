#include "src/plan/stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/window.h"
#include "src/graph/passes/drop_unused.h"

namespace jatai {

namespace {

constexpr std::size_t kMostParts = 16;  // of one CONCATENATION

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

struct Rows {
    std::int64_t begin = 0, end = 0;
    std::int64_t count() const { return end - begin; }
};

bool has_rows(const Tensor& tensor) { return tensor.shape.size() == 4 && tensor.shape[0] == 1; }

bool has_window(const Node& node) {
    return node.op == Op::Conv2d || node.op == Op::DepthwiseConv2d || node.op == Op::MaxPool2d ||
           node.op == Op::AveragePool2d;
}

// The same for every row: nothing in front of the last two dimensions.
bool serves_every_row(const Tensor& constant) {
    std::int64_t rows = 1;
    for (std::size_t i = 0; i + 2 < constant.shape.size(); ++i) rows *= constant.shape[i];
    return rows == 1;
}

bool works_by_number(const Graph& graph, const Node& node) {
    const bool known = op_def(node.op).in_place || node.op == Op::Quantize || node.op == Op::Dequantize;
    if (!known || node.outputs.size() != 1) return false;
    const Tensor& out = graph.tensor(node.outputs[0]);
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](TensorId t) {
        if (t == kNoTensor) return true;
        const Tensor& in = graph.tensor(t);
        return in.constant() ? serves_every_row(in) : in.shape == out.shape;
    });
}

// Which rows of its inputs a node reads for some rows of its answer.
class RowReader {
  public:
    RowReader(const Graph& graph, const Node& node)
        : in_rows_(graph.tensor(node.inputs[0]).shape.size() == 4 ? graph.tensor(node.inputs[0]).shape[1]
                                                                  : 0) {
        if (has_window(node)) window_ = reaches_of(graph, node).h;
    }
    Rows of(Rows out) const {
        if (!window_) return out;
        return {std::max<std::int64_t>(0, first(out.begin)),
                std::min(in_rows_, first(out.end - 1) + window_->reach)};
    }
    // Rows of padding above the first of them.
    std::int64_t above(std::int64_t out) const {
        return window_ ? std::max<std::int64_t>(0, -first(out)) : 0;
    }

  private:
    std::int64_t first(std::int64_t out) const { return out * window_->stride - window_->before; }
    std::int64_t in_rows_;
    std::optional<Reach> window_;
};

// What a stage tensor holds at the moment: a band, and rows made since, not joined to it yet.
struct Held {
    TensorId band = kNoTensor;
    Rows rows;  // of `band`
    std::vector<TensorId> fresh;
    std::int64_t made = 0;  // all rows before this one have been made
};

class Streamer {
  public:
    Streamer(const Graph& graph, const RowBands& bands)
        : graph_(graph), bands_(bands), held_(graph.tensors.size()) {
        made_.name = graph.name;
        made_.tensors = graph.tensors;
        made_.inputs = graph.inputs;
        made_.outputs = graph.outputs;
        made_.metadata = graph.metadata;
        for (const TensorId t : graph.inputs) {
            const std::int64_t all = has_rows(graph.tensor(t)) ? graph.tensor(t).shape[1] : 0;
            held_[index(t)] = {t, {0, all}, {}, all};
        }
        writer_.assign(graph.tensors.size(), 0);
        for (std::size_t i = 0; i < bands.nodes; ++i) {
            readers_.emplace_back(graph, graph.nodes[i]);
            writer_[index(graph.nodes[i].outputs[0])] = i;
        }
        end_ = graph.nodes[bands.nodes - 1].outputs[0];
    }

    Graph make() {
        const std::int64_t height = graph_.tensor(end_).shape[1];
        for (std::int64_t y = bands_.rows;; y += bands_.rows) {
            make_rows(end_, std::min(y, height));
            if (y >= height) break;
        }
        join_parts();
        for (std::size_t i = bands_.nodes; i < graph_.nodes.size(); ++i)
            made_.nodes.push_back(graph_.nodes[i]);
        drop_unused(made_);
        return std::move(made_);
    }

  private:
    // The inputs that come in rows.
    std::vector<std::size_t> row_inputs(const Node& node) const {
        std::vector<std::size_t> found;
        for (std::size_t k = 0; k < node.inputs.size(); ++k) {
            if (node.inputs[k] != kNoTensor && !graph_.tensor(node.inputs[k]).constant()) found.push_back(k);
        }
        return found;
    }

    // Rows of t until `until`, and before each piece of them what it reads.
    void make_rows(TensorId t, std::int64_t until) {
        while (held_[index(t)].made < until) {
            const std::size_t i = writer_[index(t)];
            const std::int64_t from = held_[index(t)].made;
            const Rows rows{from, bands_.at_once == 0 ? until : std::min(until, from + bands_.at_once)};
            for (const std::size_t k : row_inputs(graph_.nodes[i]))
                make_rows(graph_.nodes[i].inputs[k], readers_[i].of({rows.end - 1, rows.end}).end);
            hold(t, run_rows(i, rows));
        }
    }

    TensorId add_tensor(TensorId like, Rows rows) {
        Tensor tensor = graph_.tensor(like);
        tensor.name = fmt::format("{}/{}", tensor.name, rows.begin);
        tensor.shape[1] = static_cast<std::int32_t>(rows.count());
        return made_.add(std::move(tensor));
    }

    TensorId add_numbers(const std::vector<std::int32_t>& numbers) {
        Tensor tensor;
        tensor.type = Type::Int32;
        tensor.shape = {static_cast<std::int32_t>(numbers.size())};
        tensor.data.resize(numbers.size() * sizeof(std::int32_t));
        std::memcpy(tensor.data.data(), numbers.data(), tensor.data.size());
        return made_.add(std::move(tensor));
    }

    // These rows of what is held of t.
    TensorId take(TensorId t, Rows rows) {
        join_fresh(t);
        const Held& held = held_[index(t)];
        CHECK(held.rows.begin <= rows.begin && rows.end <= held.rows.end && rows.count() > 0);
        if (held.rows.begin == rows.begin && held.rows.end == rows.end) return held.band;
        const TensorId part = add_tensor(t, rows);
        std::vector<std::int32_t> begin(4, 0), size = made_.tensor(part).shape;
        begin[1] = static_cast<std::int32_t>(rows.begin - held.rows.begin);
        const TensorId first = add_numbers(begin), count = add_numbers(size);
        made_.nodes.push_back({Op::Slice, 1, made_.tensor(part).name, {}, {held.band, first, count}, {part}});
        return part;
    }

    TensorId run_rows(std::size_t i, Rows rows) {
        Node node = graph_.nodes[i];
        for (const std::size_t k : row_inputs(node))
            node.inputs[k] = take(node.inputs[k], readers_[i].of(rows));
        if (has_window(node)) {
            node.attributes.set("pad_left", reaches_of(graph_, graph_.nodes[i]).w.before);
            node.attributes.set("pad_top", readers_[i].above(rows.begin));
            node.attributes.set("padding", static_cast<std::int64_t>(kExplicitPadding));
        }
        const TensorId made = add_tensor(node.outputs[0], rows);
        node.outputs = {made};
        node.name = fmt::format("{}/{}", node.name, rows.begin);
        made_.nodes.push_back(std::move(node));
        return made;
    }

    // The first row of t that somebody still needs.
    std::int64_t first_needed(TensorId t) const {
        std::int64_t first = held_[index(t)].made;
        for (std::size_t i = 0; i < bands_.nodes; ++i) {
            const Node& node = graph_.nodes[i];
            if (std::find(node.inputs.begin(), node.inputs.end(), t) == node.inputs.end()) continue;
            const TensorId out = node.outputs[0];
            const std::int64_t next = held_[index(out)].made;
            if (next == graph_.tensor(out).shape[1]) continue;  // it has all
            first = std::min(first, readers_[i].of({next, next + 1}).begin);
        }
        return first;
    }

    // New rows of t, behind those still needed.
    void hold(TensorId t, TensorId fresh) {
        Held& held = held_[index(t)];
        held.made += made_.tensor(fresh).shape[1];
        (t == end_ ? parts_ : held.fresh).push_back(fresh);
    }

    // One band of what is still needed of the band before, and the rows made since.
    void join_fresh(TensorId t) {
        Held& held = held_[index(t)];
        if (held.fresh.empty()) return;
        std::vector<TensorId> parts = std::exchange(held.fresh, {});
        const std::int64_t keep = std::min(first_needed(t), held.rows.end);
        if (held.band != kNoTensor && keep < held.rows.end) {
            const Rows rows{std::max(keep, held.rows.begin), held.rows.end};
            const TensorId kept = take(t, rows);
            parts.insert(parts.begin(), kept == held.band ? copy(t, kept) : kept);
            held.rows.begin = rows.begin;
        } else {
            held.rows.begin = held.rows.end;
        }
        held.rows.end = held.made;
        held.band = parts.size() == 1 ? parts[0] : join(std::move(parts), t, held.rows);
    }

    // A band kept as a whole is read by others too: the join gets rows of its own.
    TensorId copy(TensorId t, TensorId band) {
        const Rows rows = held_[index(t)].rows;
        const TensorId part = add_tensor(t, rows);
        const TensorId first = add_numbers({0, 0, 0, 0}), count = add_numbers(made_.tensor(part).shape);
        made_.nodes.push_back({Op::Slice, 1, made_.tensor(part).name, {}, {band, first, count}, {part}});
        return part;
    }

    TensorId join(std::vector<TensorId> parts, TensorId like, Rows rows) {
        const TensorId all = add_tensor(like, rows);
        add_join(std::move(parts), all);
        return all;
    }

    void add_join(std::vector<TensorId> parts, TensorId to) {
        Node node{Op::Concatenation, 1, made_.tensor(to).name, {}, std::move(parts), {to}};
        node.attributes.set("axis", std::int64_t{1});
        node.attributes.set(kInPlace, true);
        made_.nodes.push_back(std::move(node));
    }

    // All bands of the last tensor, in groups a CONCATENATION can take.
    void join_parts() {
        while (parts_.size() > kMostParts) {
            std::vector<TensorId> fewer;
            for (std::size_t i = 0; i < parts_.size(); i += kMostParts) {
                const std::vector<TensorId> group(
                    parts_.begin() + static_cast<std::ptrdiff_t>(i),
                    parts_.begin() + static_cast<std::ptrdiff_t>(std::min(i + kMostParts, parts_.size())));
                std::int64_t rows = 0;
                for (const TensorId part : group) rows += made_.tensor(part).shape[1];
                fewer.push_back(group.size() == 1 ? group[0] : join(group, end_, {0, rows}));
            }
            parts_ = fewer;
        }
        add_join(parts_, end_);
    }

    const Graph& graph_;
    const RowBands bands_;
    Graph made_;
    TensorId end_ = kNoTensor;
    std::vector<RowReader> readers_;   // by stage node
    std::vector<std::size_t> writer_;  // by tensor of graph_: a stage node
    std::vector<Held> held_;           // by tensor of graph_
    std::vector<TensorId> parts_;      // of the last tensor
};

// Whether node i reads only tensors that come in rows, and gives one.
bool can_stream(const Graph& graph, const Node& node, const std::set<TensorId>& in_rows) {
    if (node.outputs.size() != 1 || !has_rows(graph.tensor(node.outputs[0]))) return false;
    if (!has_window(node) && !works_by_number(graph, node)) return false;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        const TensorId t = node.inputs[k];
        if (t == kNoTensor || graph.tensor(t).constant()) continue;
        if (!in_rows.contains(t) || (has_window(node) && k > 0)) return false;
    }
    return node.inputs[0] != kNoTensor && !graph.tensor(node.inputs[0]).constant();
}

// The last node that reads each tensor; the number of nodes: it is an answer of the model.
std::vector<std::size_t> last_readers(const Graph& graph) {
    std::vector<std::size_t> last(graph.tensors.size(), 0);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const TensorId t : graph.nodes[i].inputs) {
            if (t != kNoTensor) last[index(t)] = i;
        }
    }
    for (const TensorId t : graph.outputs) last[index(t)] = graph.nodes.size();
    return last;
}

}  // namespace

Stage streamable_stage(const Graph& graph) {
    Stage stage;
    const std::vector<std::size_t> last = last_readers(graph);
    std::set<TensorId> in_rows;
    for (const TensorId t : graph.inputs) {
        if (has_rows(graph.tensor(t))) in_rows.insert(t);
    }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        if (!can_stream(graph, node, in_rows)) break;
        const TensorId out = node.outputs[0];
        in_rows.insert(out);
        const bool alone = std::all_of(in_rows.begin(), in_rows.end(),
                                       [&](TensorId t) { return t == out || last[index(t)] <= i; });
        stage.ends.push_back(alone && graph.tensor(out).shape[1] > 1 ? out : kNoTensor);
        stage.nodes = i + 1;
    }
    return stage;
}

Graph stream_rows(const Graph& graph, const RowBands& bands) { return Streamer(graph, bands).make(); }

}  // namespace jatai
