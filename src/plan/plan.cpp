#include "src/plan/plan.h"

#include <algorithm>
#include <map>

#include "device/package.h"
#include "src/base/error.h"
#include "src/plan/arena.h"
#include "src/plan/order.h"

namespace jatai {

namespace {

constexpr std::uint32_t kNoBuffer = UINT32_MAX;

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
        find_roots();
        order_ = choose_order(graph_, roots_);
        place_states();
        find_buffers();
        share_in_place();
        add_scratch();
        const std::uint32_t above = place_buffers(buffers_);
        plan_.arena_bytes = round_up(plan_.state_bytes + above);
        plan_.live_peak_bytes = plan_.state_bytes + live_peak(buffers_);
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

    bool moves_nothing(std::size_t node) const { return lowered_[node].kernel.op == Op::None; }

    // A tensor that an op passes on unchanged shares the memory of the one it came from.
    void find_roots() {
        for (std::size_t t = 0; t < graph_.tensors.size(); ++t) roots_.push_back(static_cast<TensorId>(t));
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            const Node& node = graph_.nodes[i];
            if (!moves_nothing(i)) continue;
            CHECK(graph_.tensor(node.inputs[0]).bytes() == graph_.tensor(node.outputs[0]).bytes());
            roots_[index(node.outputs[0])] = roots_[index(node.inputs[0])];
        }
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

    // Whether t lies among the buffers that come and go.
    bool in_arena(TensorId t) const {
        if (t == kNoTensor) return false;
        const Tensor& root = graph_.tensor(roots_[index(t)]);
        return !root.constant() && !root.state;
    }

    std::int32_t last_row() const {
        return std::max<std::int32_t>(0, static_cast<std::int32_t>(order_.size()) - 1);
    }

    // The buffer of tensor t, alive at `row` from now on.
    void touch(TensorId t, std::int32_t row) {
        if (!in_arena(t)) return;
        std::uint32_t& buffer = buffer_of_[index(roots_[index(t)])];
        if (buffer == kNoBuffer) {
            buffer = static_cast<std::uint32_t>(buffers_.size());
            buffers_.push_back({static_cast<std::uint32_t>(graph_.tensor(t).bytes()), row, row, 0});
            names_.push_back(graph_.tensor(t).name);
        }
        buffers_[buffer].first = std::min(buffers_[buffer].first, row);
        buffers_[buffer].last = std::max(buffers_[buffer].last, row);
    }

    void find_buffers() {
        buffer_of_.assign(graph_.tensors.size(), kNoBuffer);
        for (const TensorId t : graph_.inputs) touch(t, 0);
        for (std::size_t row = 0; row < order_.size(); ++row) {
            const Node& node = graph_.nodes[order_[row]];
            for (const TensorId t : node.inputs) touch(t, static_cast<std::int32_t>(row));
            for (const TensorId t : node.outputs) touch(t, static_cast<std::int32_t>(row));
        }
        for (const TensorId t : graph_.outputs) touch(t, last_row());
    }

    // The answer of an op that works element by element may lie on an operand that nobody needs afterwards.
    void share_in_place() {
        for (std::size_t row = 0; row < order_.size(); ++row) {
            const Node& node = graph_.nodes[order_[row]];
            if (!op_def(node.op).in_place || moves_nothing(order_[row])) continue;
            const Tensor& out = graph_.tensor(node.outputs[0]);
            for (const TensorId t : node.inputs) {
                if (t == kNoTensor || graph_.tensor(t).shape != out.shape) continue;
                if (take_over(t, node.outputs[0], static_cast<std::int32_t>(row))) break;
            }
        }
    }

    // At the last row an operand may be an answer of the model, which must stay.
    bool take_over(TensorId from, TensorId to, std::int32_t row) {
        if (!in_arena(from)) return false;
        const std::uint32_t source = buffer_of_[index(roots_[index(from)])];
        std::uint32_t& target = buffer_of_[index(roots_[index(to)])];
        if (source == target || buffers_[source].last != row || buffers_[target].first != row ||
            buffers_[source].bytes != buffers_[target].bytes || row == last_row()) {
            return false;
        }
        buffers_[source].last = buffers_[target].last;
        buffers_[target].bytes = 0;
        const std::uint32_t dead = target;
        for (std::uint32_t& buffer : buffer_of_) buffer = buffer == dead ? source : buffer;
        return true;
    }

    void add_scratch() {
        scratch_.resize(graph_.nodes.size());
        for (std::size_t row = 0; row < order_.size(); ++row) {
            const std::size_t i = order_[row];
            for (const Operand& operand : lowered_[i].operands) {
                if (operand.kind != Operand::Kind::Scratch) continue;
                const auto at = static_cast<std::int32_t>(row);
                CHECK(operand.align <= kPlaceAlign);
                scratch_[i].push_back(static_cast<std::uint32_t>(buffers_.size()));
                buffers_.push_back({operand.scratch_bytes, at, at, 0});
                names_.push_back("scratch");
            }
        }
    }

    Place place_of(TensorId t) {
        const Tensor& root = graph_.tensor(roots_[index(t)]);
        if (root.constant()) return pool_.add(root.data, kPlaceAlign);
        if (root.state) {
            return {Place::Kind::Arena, state_offset_[index(roots_[index(t)])],
                    static_cast<std::uint32_t>(graph_.tensor(t).bytes())};
        }
        const Buffer& buffer = buffers_[buffer_of_[index(roots_[index(t)])]];
        return {Place::Kind::Arena, plan_.state_bytes + buffer.offset,
                static_cast<std::uint32_t>(graph_.tensor(t).bytes())};
    }

    void write_steps() {
        for (std::size_t row = 0; row < order_.size(); ++row) {
            const std::size_t i = order_[row];
            const Node& node = graph_.nodes[i];
            StepCost cost;
            cost.name = node.name;
            cost.op = node.op;
            cost.node = static_cast<std::int32_t>(i);
            cost.macs = op_def(node.op).macs(graph_, node);
            cost.output_shape = graph_.tensor(node.outputs[0]).shape;
            cost.live_bytes = plan_.state_bytes + live_at(buffers_, static_cast<std::int32_t>(row));
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
                const Buffer& buffer = buffers_[scratch_[i][scratch++]];
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
        for (std::size_t b = 0; b < buffers_.size(); ++b) {
            const Buffer& buffer = buffers_[b];
            if (buffer.bytes > 0) {
                plan_.spans.push_back(
                    {names_[b], plan_.state_bytes + buffer.offset, buffer.bytes, buffer.first, buffer.last});
            }
        }
    }

    const Graph& graph_;
    Plan plan_;
    ConstantPool pool_;
    std::vector<Lowered> lowered_;                     // by node
    std::vector<TensorId> roots_;                      // by tensor
    std::vector<std::size_t> order_;                   // row to node
    std::vector<std::uint32_t> state_offset_;          // by tensor
    std::vector<Buffer> buffers_;                      // tensors, then scratch
    std::vector<std::string> names_;                   // of buffers
    std::vector<std::uint32_t> buffer_of_;             // by tensor; of its root
    std::vector<std::vector<std::uint32_t>> scratch_;  // by node
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
