// Tensors of a .tflite file: types, shapes, scales, constants, and what none of ours can be.
#include <optional>

#include "src/base/error.h"
#include "src/graph/tflite_names.h"
#include "src/graph/tflite_reader.h"
#include "src/graph/verify.h"
#include "src/graph/widen.h"

namespace jatai {
namespace {

constexpr int kTensorFloat16 = 1;  // of TensorType
constexpr int kTensorInt4 = 17;

// How many elements; none when there are more than a tensor may have: verify() tells.
std::optional<std::size_t> elements_of(const std::vector<std::int32_t>& shape) {
    std::int64_t elements = 1;
    for (const std::int32_t extent : shape) {
        if (extent < 1 || elements > static_cast<std::int64_t>(kMaxTensorBytes) / extent) return std::nullopt;
        elements *= extent;
    }
    return static_cast<std::size_t>(elements);
}

}  // namespace

void TfliteReader::read_tensors(const tflite::SubGraph& from) {
    graph_.tensors.reserve(count(from.tensors()));
    for (std::size_t i = 0; i < count(from.tensors()); ++i) {
        graph_.add(read_tensor(*from.tensors()->Get(static_cast<unsigned>(i)), static_cast<TensorId>(i)));
    }
}

Tensor TfliteReader::read_tensor(const tflite::Tensor& from, TensorId id) {
    Tensor to;
    to.name = copy(from.name());
    to.type = type_of(from.type()).value_or(Type::None);
    to.shape = copy(from.shape());
    // An unknown batch is one sample at a time: that is how a chip meets them.
    if (to.shape.size() > 1 && to.shape[0] == -1) to.shape[0] = 1;
    if (from.quantization()) to.quantisation = read_quantisation(*from.quantization(), id);
    // Some converters give the biases of a convolution the axis of its weights.
    if (to.shape.size() == 1) to.quantisation.axis = 0;
    to.data = read_buffer(from.buffer(), text("tensor {} {}", id, to.name));
    widen(to, from.type());
    if (from.is_variable()) begin_state(to);
    return to;
}

Quantisation TfliteReader::read_quantisation(const tflite::QuantizationParameters& from, TensorId id) {
    const std::string where = text("tensor {}", id);
    if (from.details_kind() != 0) {
        fail(text("{}: found block-wise or custom quantisation, expected one scale per tensor or per channel",
                  where),
             text("convert the model with full integer quantisation to int8"));
    }
    Quantisation to;
    to.scales = copy(from.scale());
    to.axis = from.quantized_dimension();
    const std::vector<std::int64_t> zero_points = copy(from.zero_point());
    if (to.scales.empty()) return Quantisation{};  // only min and max, kept by some float models
    if (!zero_points.empty() && zero_points.size() != to.scales.size()) {
        fail(text("{}: found {} scales and {} zero points, expected as many of both", where, to.scales.size(),
                  zero_points.size()));
    }
    to.zero_points.assign(to.scales.size(), 0);
    for (std::size_t c = 0; c < zero_points.size(); ++c) {
        if (zero_points[c] < INT32_MIN || zero_points[c] > INT32_MAX) {
            fail(text("{}: found a zero point of {}, expected 32 bits", where, zero_points[c]));
        }
        to.zero_points[c] = static_cast<std::int32_t>(zero_points[c]);
    }
    return to;
}

Bytes TfliteReader::read_buffer(std::uint32_t index, const std::string& owner) {
    const std::size_t buffers = count(model_->buffers());
    if (index == 0) return {};
    if (index >= buffers) {
        fail(text("{}: found buffer {}, expected a number below {}", owner, index, buffers),
             text("the file is damaged"));
    }
    const tflite::Buffer& buffer = *model_->buffers()->Get(index);
    if (buffer.offset() > 1) {
        fail(text("{}: found constants behind the end of the model, expected them inside", owner),
             text("models above 2 GB do not fit a microcontroller"));
    }
    return copy(buffer.data());
}

// Constants of 4 bits become int8, those of float16 become float32: the same numbers.
void TfliteReader::widen(Tensor& tensor, int tensor_type) {
    const auto elements = elements_of(tensor.shape);
    if (tensor.data.empty() || !elements) return;
    if (tensor_type == kTensorInt4 && tensor.data.size() == (*elements + 1) / 2) {
        spend(*elements);
        tensor.data = widen_int4(tensor.data, *elements);
        tensor.type = Type::Int8;
        tensor.four_bits = true;
    } else if (tensor_type == kTensorFloat16 && tensor.data.size() == *elements * 2) {
        spend(*elements * sizeof(float));
        tensor.data = widen_float16(tensor.data);
        tensor.type = Type::Float32;
    }
}

// DEQUANTIZE of what widen() made float32 already, or of constants with a scale per channel, which no kernel
// takes: its answer is known, there is no node to make.
bool TfliteReader::is_widened(const Node& node) {
    const auto inside = [&](const std::vector<TensorId>& ids) {
        return ids.size() == 1 && has_tensor(ids[0]);
    };
    if (node.op != Op::Dequantize || !inside(node.inputs) || !inside(node.outputs)) return false;
    const Tensor& from = graph_.tensor(node.inputs[0]);
    Tensor& to = graph_.tensor(node.outputs[0]);
    if (!from.constant() || to.type != Type::Float32 || !to.data.empty() || to.shape != from.shape)
        return false;
    if (from.type == Type::Float32) {
        spend(from.data.size());
        to.data = from.data;
        return true;
    }
    // Weights of int8 or 4 bits that are floats when the model runs.
    if (!has_scale_per_channel(from)) return false;
    spend(from.data.size() * sizeof(float));
    to.data = dequantise_channels(from);
    return true;
}

// As TFLite's ResetVariableTensors: every element begins as the zero point.
void TfliteReader::begin_state(Tensor& tensor) {
    tensor.state = true;
    const auto zero = static_cast<std::uint8_t>(tensor.quantisation.zero_point());
    const bool byte = tensor.type == Type::Int8 || tensor.type == Type::UInt8;
    if (!tensor.data.empty() || !byte || zero == 0) return;
    const auto elements = elements_of(tensor.shape);
    if (!elements) return;
    spend(*elements);
    tensor.data.assign(*elements, zero);
}

// Asked after the layers, whose refusals say more: an LSTM is why a model keeps state.
void TfliteReader::refuse_tensor(const tflite::Tensor& from, TensorId id) {
    const std::string where = text("tensor {} {}", id, graph_.tensor(id).name);
    if (graph_.tensor(id).type == Type::None) {
        fail(text("{}: found elements of {}, expected int8, uint8, int16, int32, int64, uint32, uint64, "
                  "float32 or bool",
                  where, tensor_type_name(from.type())),
             text("convert the model with full integer quantisation to int8"));
    }
    if (from.sparsity()) {
        fail(text("{}: found sparse weights, expected dense ones", where),
             text("export the model without sparsity"));
    }
    if (from.external_buffer() != 0) {
        fail(text("{}: found constants in another file, expected them in the model", where));
    }
}

}  // namespace jatai
