#include "src/plan/plan.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "device/package.h"
#include "src/base/error.h"
#include "src/plan/alias.h"
#include "src/plan/layout.h"
#include "src/plan/order.h"

namespace jatai {

namespace {

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

// All constants of the package in one piece, each different one once.
class ConstantPool {
  public:
    explicit ConstantPool(Bytes& bytes) : bytes_(bytes) {}

    Place add(const Bytes& constant, std::uint32_t align) {
        CHECK(align <= kPackageAlign);
        if (constant.empty()) return {};
        align = std::max(align, kPlaceAlign);
        const std::string key(constant.begin(), constant.end());
        const auto known = offsets_.find(key);
        if (known != offsets_.end() && known->second % align == 0)
            return place(known->second, constant.size());
        while (bytes_.size() % align != 0) bytes_.push_back(0);
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        offsets_.insert_or_assign(key, offset);
        bytes_.insert(bytes_.end(), constant.begin(), constant.end());
        return place(offset, constant.size());
    }

  private:
    static Place place(std::uint32_t offset, std::size_t bytes) {
        return {Place::Kind::Constant, offset, static_cast<std::uint32_t>(bytes)};
    }
    Bytes& bytes_;
    std::map<std::string, std::uint32_t> offsets_;  // by the bytes themselves
};

// Makes one plan. Rows are positions in the chosen order; buffers are memories of the arena, which several
// tensors may share.
class Planner {
  public:
    Planner(const Graph& graph, const Board& board, Family family) : graph_(graph), pool_(plan_.constants) {
        plan_.name = graph.name;
        plan_.board = board.id;
        plan_.family = family;
    }

    Plan make() {
        refuse_without_doors();
        lower();
        aliases_ = find_aliases(graph_, lowered_);
        choose_layout();
        place_states();
        plan_.arena_bytes = round_up(plan_.state_bytes + layout_.used_bytes);
        plan_.live_peak_bytes = plan_.state_bytes + layout_.live_peak_bytes;
        plan_.order_bound_bytes =
            std::min(plan_.order_bound_bytes + plan_.state_bytes, plan_.live_peak_bytes);
        write_steps();
        write_doors();
        write_spans();
        return std::move(plan_);
    }

  private:
    void refuse_without_doors() const {
        if (graph_.inputs.empty() || (graph_.outputs.empty() && !graph_.nodes.empty())) {
            throw Error{text("{}: {} inputs and {} outputs, expected at least one of each", graph_.name,
                             graph_.inputs.size(), graph_.outputs.size()),
                        text("a model needs an input to be asked and an output to answer")};
        }
    }

    void lower() {
        for (const Node& node : graph_.nodes) {
            lowered_.push_back(op_def(node.op).lower(graph_, node, plan_.family));
            CHECK(lowered_.back().operands.size() <= kMaxOperands);
        }
    }

    bool moves_nothing(std::size_t node) const { return aliases_.vanished[node]; }
    const Alias& alias(TensorId t) const { return aliases_.of[index(t)]; }

    std::vector<std::int64_t> scratch_bytes() const {
        std::vector<std::int64_t> bytes(lowered_.size(), 0);
        for (std::size_t i = 0; i < lowered_.size(); ++i) {
            for (const Operand& operand : lowered_[i].operands) {
                if (operand.kind == Operand::Kind::Scratch && !moves_nothing(i))
                    bytes[i] += operand.scratch_bytes;
            }
        }
        return bytes;
    }

    // The graph's own order, or another one that really needs less.
    void choose_layout() {
        const std::vector<TensorId> roots = aliases_.roots();
        const ChosenOrder chosen = choose_order({graph_, roots, scratch_bytes()});
        std::vector<std::size_t> given(graph_.nodes.size());
        std::iota(given.begin(), given.end(), 0u);
        layout_ = lay_out(graph_, lowered_, aliases_, given);
        plan_.order_bound_bytes = static_cast<std::uint32_t>(chosen.bound_bytes);
        if (chosen.nodes != given) take_if_less(lay_out(graph_, lowered_, aliases_, chosen.nodes));
        const std::vector<std::size_t> order = layout_.order;
        take_if_less(lay_out(graph_, lowered_, aliases_, order, Overlap::Yes));
    }

    void take_if_less(Layout other) {
        if (other.used_bytes < layout_.used_bytes) layout_ = std::move(other);
    }

    static std::uint32_t round_up(std::uint32_t bytes) {
        return (bytes + kPackageAlign - 1) / kPackageAlign * kPackageAlign;
    }

    // States lie at the start of the arena, one behind the other, where nothing else ever does.
    void place_states() {
        state_offset_.assign(graph_.tensors.size(), 0);
        for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
            const Tensor& tensor = graph_.tensors[t];
            if (!tensor.state) continue;
            state_offset_[t] = static_cast<std::uint32_t>(plan_.initial_state.size());
            plan_.initial_state.insert(plan_.initial_state.end(), tensor.data.begin(), tensor.data.end());
            plan_.initial_state.resize(
                round_up(state_offset_[t] + static_cast<std::uint32_t>(tensor.bytes())));
            plan_.spans.push_back(
                {tensor.name, state_offset_[t], static_cast<std::uint32_t>(tensor.bytes()), 0, last_row()});
        }
        plan_.state_bytes = static_cast<std::uint32_t>(plan_.initial_state.size());
        const auto zero = [](std::uint8_t byte) { return byte == 0; };
        if (std::all_of(plan_.initial_state.begin(), plan_.initial_state.end(), zero))
            plan_.initial_state.clear();
    }

    std::int32_t last_row() const {
        return std::max<std::int32_t>(0, static_cast<std::int32_t>(layout_.order.size()) - 1);
    }

    Place place_of(TensorId t) {
        const Alias& at = alias(t);
        const Tensor& root = graph_.tensor(at.root);
        const auto bytes = static_cast<std::uint32_t>(graph_.tensor(t).bytes());
        if (root.constant()) return pool_.add(root.data, kPlaceAlign);
        if (root.state) return {Place::Kind::Arena, state_offset_[index(at.root)], bytes};
        const Buffer& buffer = layout_.buffers[layout_.buffer_of[index(at.root)]];
        return {Place::Kind::Arena,
                plan_.state_bytes + buffer.offset + layout_.shift_of[index(at.root)] +
                    static_cast<std::uint32_t>(at.offset),
                bytes};
    }

    void write_steps() {
        for (std::size_t row = 0; row < layout_.order.size(); ++row) {
            const std::size_t i = layout_.order[row];
            const Node& node = graph_.nodes[i];
            StepCost cost;
            cost.name = node.name;
            cost.op = node.op;
            cost.node = static_cast<std::int32_t>(i);
            cost.macs = op_def(node.op).macs(graph_, node);
            cost.output_shape = graph_.tensor(node.outputs[0]).shape;
            cost.live_bytes = plan_.state_bytes + live_at(layout_.buffers, static_cast<std::int32_t>(row));
            cost.runs = !moves_nothing(i);
            if (!moves_nothing(i)) plan_.steps.push_back(write_step(i, row, cost));
            plan_.macs += cost.macs;
            plan_.costs.push_back(std::move(cost));
        }
    }

    PlannedStep write_step(std::size_t i, std::size_t row, StepCost& cost) {
        PlannedStep step;
        step.kernel = lowered_[i].kernel;
        step.cost = row;
        const Place params = pool_.add(lowered_[i].params, kPlaceAlign);
        step.params = params.offset;
        step.params_bytes = params.bytes;
        cost.weights_bytes = params.bytes;
        std::size_t scratch = 0;
        for (const Operand& operand : lowered_[i].operands) {
            Place place;
            if (operand.kind == Operand::Kind::Tensor && operand.tensor != kNoTensor)
                place = place_of(operand.tensor);
            if (operand.kind == Operand::Kind::Constant) place = pool_.add(operand.constant, operand.align);
            if (operand.kind == Operand::Kind::Scratch) {
                const Buffer& buffer = layout_.buffers[layout_.scratch[i][scratch++]];
                if (buffer.bytes > 0)
                    place = {Place::Kind::Arena, plan_.state_bytes + buffer.offset, buffer.bytes};
                cost.scratch_bytes += buffer.bytes;
            }
            if (place.kind == Place::Kind::Constant) cost.weights_bytes += place.bytes;
            step.operands.push_back(place);
        }
        return step;
    }

    PlannedTensor write_door(TensorId t) {
        const Tensor& tensor = graph_.tensor(t);
        return {tensor.name,
                tensor.type,
                tensor.shape,
                tensor.quantisation.scale(),
                tensor.quantisation.zero_point(),
                place_of(t)};
    }

    void write_doors() {
        for (const TensorId t : graph_.inputs) plan_.inputs.push_back(write_door(t));
        for (const TensorId t : graph_.outputs) plan_.outputs.push_back(write_door(t));
    }

    void write_spans() {
        for (std::size_t b = 0; b < layout_.buffers.size(); ++b) {
            const Buffer& buffer = layout_.buffers[b];
            std::vector<Piece> pieces = buffer.pieces;
            if (pieces.empty()) pieces.push_back({0, buffer.bytes, buffer.first, buffer.last});
            for (const Piece& piece : pieces) {
                if (piece.bytes == 0) continue;
                plan_.spans.push_back({layout_.names[b], plan_.state_bytes + buffer.offset + piece.offset,
                                       piece.bytes, piece.first, piece.last});
            }
        }
    }

    const Graph& graph_;
    Plan plan_;
    ConstantPool pool_;
    std::vector<Lowered> lowered_;  // by node
    Aliases aliases_;
    Layout layout_;
    std::vector<std::uint32_t> state_offset_;  // by tensor
};

bool before(KernelKey a, KernelKey b) {
    return std::tuple{static_cast<int>(a.op), static_cast<int>(a.type), a.version} <
           std::tuple{static_cast<int>(b.op), static_cast<int>(b.type), b.version};
}

}  // namespace

std::vector<KernelKey> Plan::kernels() const {
    std::vector<KernelKey> keys;
    for (const PlannedStep& step : steps) keys.push_back(step.kernel);
    std::sort(keys.begin(), keys.end(), before);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

Plan make_plan(const Graph& graph, const Board& board, Family family) {
    return Planner(graph, board, family).make();
}

}  // namespace jatai
