#include "src/graph/narrow_indices.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

namespace jatai {
namespace {

// Which input holds indices; none: -1.
int indices_of(Op op) {
    if (op == Op::Gather || op == Op::GatherNd) return 1;
    return op == Op::EmbeddingLookup ? 0 : -1;
}

Bytes narrowed(const Bytes& wide) {
    Bytes narrow(wide.size() / 2);
    for (std::size_t i = 0; i < wide.size() / 8; ++i) {
        std::int64_t value;
        std::memcpy(&value, wide.data() + 8 * i, sizeof value);
        const auto held = static_cast<std::int32_t>(std::clamp<std::int64_t>(
            value, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
        std::memcpy(narrow.data() + 4 * i, &held, sizeof held);
    }
    return narrow;
}

class Narrowing {
  public:
    explicit Narrowing(Graph& graph) : graph_(graph) {}

    void run() {
        std::vector<Node> before;
        before.swap(graph_.nodes);
        for (Node& node : before) {
            narrow(node);
            graph_.nodes.push_back(std::move(node));
        }
    }

  private:
    void narrow(Node& node) {
        const int at = indices_of(node.op);
        if (at < 0 || static_cast<std::size_t>(at) >= node.inputs.size()) return;
        TensorId& id = node.inputs[static_cast<std::size_t>(at)];
        const bool inside = id >= 0 && static_cast<std::size_t>(id) < graph_.tensors.size();
        if (!inside || graph_.tensor(id).type != Type::Int64) return;
        const auto known = made_.find(id);
        id = known != made_.end() ? known->second : (made_[id] = narrow_form(id));
    }
    // One for each tensor, however many layers read it.
    TensorId narrow_form(TensorId wide) {
        const Tensor& from = graph_.tensor(wide);
        Tensor to{from.name + "_int32", Type::Int32, from.shape, {}, {}};
        if (from.constant()) {
            to.data = narrowed(from.data);
            return graph_.add(std::move(to));
        }
        const TensorId id = graph_.add(std::move(to));
        Node cast;
        cast.op = Op::Cast;
        cast.name = graph_.tensor(id).name;
        cast.attributes.set("in_data_type", std::int64_t{4});
        cast.attributes.set("out_data_type", std::int64_t{2});
        cast.inputs = {wide};
        cast.outputs = {id};
        graph_.nodes.push_back(std::move(cast));
        return id;
    }

    Graph& graph_;
    std::map<TensorId, TensorId> made_;
};

}  // namespace

void narrow_indices(Graph& graph) { Narrowing(graph).run(); }

}  // namespace jatai
