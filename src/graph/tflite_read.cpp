#include <algorithm>
#include <cstring>

#include "src/base/error.h"
#include "src/graph/drop_empty.h"
#include "src/graph/narrow_indices.h"
#include "src/graph/passes/fold_constants.h"
#include "src/graph/tflite.h"
#include "src/graph/tflite_reader.h"
#include "src/graph/uint8_concatenation.h"
#include "src/graph/uint8_to_int8.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kAlign = 8;  // the widest scalar of the schema

// The bytes where scalars may be read in place: a copy when the caller's are not aligned.
class Aligned {
  public:
    explicit Aligned(ByteView bytes) : view_(bytes) {
        if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlign == 0) return;
        copy_.assign(bytes.begin(), bytes.end());
        view_ = copy_;
    }
    ByteView view() const { return view_; }

  private:
    Bytes copy_;
    ByteView view_;
};

}  // namespace

const tflite::Model& TfliteReader::open() {
    const std::string damaged = text("copy or download the file again; if it stays, export it again");
    if (bytes_.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
        fail(text("found {} bytes, expected less than 2 GB", bytes_.size()));
    }
    if (bytes_.size() < 8)
        fail(text("found {} bytes, expected a TensorFlow Lite model", bytes_.size()), damaged);
    if (!tflite::ModelBufferHasIdentifier(bytes_.data())) {
        fail(text("found no TFL3 mark at byte 4, expected a TensorFlow Lite model"),
             text("jatai reads .tflite files; convert the model first"));
    }
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size());
    if (!tflite::VerifyModelBuffer(verifier)) {
        fail(
            text(
                "found parts that point outside the file of {} bytes, expected a whole TensorFlow Lite model",
                bytes_.size()),
            damaged);
    }
    const tflite::Model& model = *tflite::GetModel(bytes_.data());
    if (model.version() != kSchemaVersion) {
        fail(text("found schema version {}, expected {}", model.version(), kSchemaVersion),
             text("convert the model again with TensorFlow 2"));
    }
    return model;
}

const tflite::SubGraph& TfliteReader::main_graph(const tflite::Model& model) {
    if (count(model.subgraphs()) == 0) {
        fail(text("found a model without a graph"), text("export the model again"));
    }
    // Further graphs are reached only by operators such as IF and WHILE, which are refused by name.
    const tflite::SubGraph& graph = *model.subgraphs()->Get(0);
    if (count(graph.tensors()) > kMaxTensors || count(graph.operators()) > kMaxNodes) {
        fail(text("found {} layers and {} tensors, expected at most {} and {}", count(graph.operators()),
                  count(graph.tensors()), kMaxNodes, kMaxTensors));
    }
    return graph;
}

// A variable that is an input as well is given before every run: it keeps nothing.
void TfliteReader::read_inputs(const tflite::SubGraph& from) {
    graph_.inputs = copy(from.inputs());
    for (const TensorId id : graph_.inputs) {
        if (!has_tensor(id)) continue;  // verify() tells
        Tensor& tensor = graph_.tensor(id);
        if (!tensor.state) continue;
        tensor.state = false;
        tensor.data.clear();
    }
}

Graph TfliteReader::read() {
    const tflite::Model& model = open();
    model_ = &model;
    const tflite::SubGraph& from = main_graph(model);
    graph_.name = copy(from.name());
    read_tensors(from);
    read_inputs(from);
    graph_.outputs = copy(from.outputs());
    read_nodes(from);
    drop_empty(graph_);
    forget_unused();
    for (std::size_t i = 0; i < count(from.tensors()); ++i) {
        refuse_tensor(*from.tensors()->Get(static_cast<unsigned>(i)), static_cast<TensorId>(i));
    }
    refuse_unknown_extents(from);
    read_metadata(model);
    rescale_parts(graph_);
    uint8_to_int8(graph_);
    narrow_indices(graph_);
    try {
        verify_tensors(graph_);
        fold_shapes(graph_);
        verify(graph_);
    } catch (const Error& error) {
        fail(error.what(), error.hint());
    }
    return std::move(graph_);
}

// What no layer and no door names, as the ranges of an LSTM's inner sums, may have any shape: it becomes a
// byte.
void TfliteReader::forget_unused() {
    std::vector<bool> used(graph_.tensors.size(), false);
    const auto mark = [&](const std::vector<TensorId>& ids) {
        for (const TensorId id : ids) {
            if (id >= 0 && static_cast<std::size_t>(id) < used.size())
                used[static_cast<std::size_t>(id)] = true;
        }
    };
    mark(graph_.inputs);
    mark(graph_.outputs);
    for (const Node& node : graph_.nodes) {
        mark(node.inputs);
        mark(node.outputs);
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        Tensor& tensor = graph_.tensors[i];
        if (!used[i]) tensor = Tensor{tensor.name, Type::Int8, {1}, {}, {}};
    }
}

// `shape_signature` holds -1 where the file leaves a size open; the shape beside it may still name one.
void TfliteReader::refuse_unknown_extents(const tflite::SubGraph& from) {
    for (const TensorId id : graph_.inputs) {
        if (!has_tensor(id)) continue;  // verify() tells
        const auto signature = copy(from.tensors()->Get(static_cast<unsigned>(id))->shape_signature());
        for (std::size_t d = 1; d < signature.size(); ++d) {
            const std::vector<std::int32_t>& shape = graph_.tensor(id).shape;
            if (signature[d] != -1 || (d < shape.size() && shape[d] > 0)) continue;
            fail(text("input {}: found dimension {} of {} left open, expected a fixed size",
                      graph_.tensor(id).name, d, shape_text(graph_.tensor(id))),
                 text("export the model with a fixed input shape: memory is planned before it runs"));
        }
    }
}

void TfliteReader::read_metadata(const tflite::Model& model) {
    for (std::size_t i = 0; i < count(model.metadata()); ++i) {
        const tflite::Metadata& entry = *model.metadata()->Get(static_cast<unsigned>(i));
        std::string name = copy(entry.name());
        const Bytes data = read_buffer(entry.buffer(), text("metadata {}", name));
        graph_.metadata.emplace_back(std::move(name), std::string(data.begin(), data.end()));
    }
}

Graph read_tflite(ByteView bytes, const std::string& place) {
    const Aligned aligned(bytes);
    return TfliteReader(aligned.view(), place).read();
}

}  // namespace jatai
