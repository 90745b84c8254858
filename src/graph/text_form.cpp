#include "src/graph/text_form.h"

#include <fmt/ranges.h>

#include <array>
#include <cstring>
#include <map>

#include "src/graph/op_def.h"
#include "src/graph/settings_text.h"
#include "src/graph/tflite_names.h"
#include "src/graph/verify.h"
#include "src/graph/widen.h"

namespace jatai {
namespace {

// Longer constants and metadata are written as a hash.
constexpr std::int64_t kListedElements = 32;
constexpr std::size_t kListedCharacters = 64;

std::string quote(const std::string& raw) {
    std::string out = "\"";
    for (const char c : raw) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte >= 0x7F) {
            out += fmt::format("\\x{:02x}", byte);
        } else {
            out += c;
        }
    }
    return out + '"';
}

bool is_label(const std::string& name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
    for (const char c : name) {
        if (!is_label_char(c)) return false;
    }
    return true;
}

std::uint64_t fnv1a(const Bytes& bytes) {
    std::uint64_t hash = 14695981039346656037ull;
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211ull;
    return hash;
}

std::string value_text(const std::string& value) {
    if (value.size() <= kListedCharacters) return quote(value);
    return fmt::format("hash {:016x}", fnv1a(Bytes(value.begin(), value.end())));
}

template <typename T>
std::string list_of(const Bytes& data) {
    std::vector<T> values(data.size() / sizeof(T));
    std::memcpy(values.data(), data.data(), values.size() * sizeof(T));
    return fmt::format("{{{}}}", fmt::join(values, ","));
}

std::string constant_text(const Tensor& tensor) {
    if (tensor.elements() > kListedElements ||
        static_cast<std::int64_t>(tensor.data.size()) != tensor.bytes()) {
        return fmt::format("hash {:016x}", fnv1a(tensor.data));
    }
    switch (tensor.type) {
        case Type::Int8:
            return list_of<std::int8_t>(tensor.data);
        case Type::Int16:
            return list_of<std::int16_t>(tensor.data);
        case Type::UInt16:
            return list_of<std::uint16_t>(tensor.data);
        case Type::Int32:
            return list_of<std::int32_t>(tensor.data);
        case Type::Int64:
            return list_of<std::int64_t>(tensor.data);
        case Type::UInt32:
            return list_of<std::uint32_t>(tensor.data);
        case Type::UInt64:
            return list_of<std::uint64_t>(tensor.data);
        case Type::Float32:
            return list_of<float>(tensor.data);
        case Type::Float64:
            return list_of<double>(tensor.data);
        case Type::Float16:
            return list_of<float>(widen_float16(tensor.data));
        default:
            return list_of<std::uint8_t>(tensor.data);
    }
}

std::string quantisation_text(const Quantisation& q) {
    if (q.empty()) return {};
    std::string words =
        q.per_channel() ? fmt::format(" s=[{}]", fmt::join(q.scales, ",")) : fmt::format(" s={}", q.scale());
    bool zeros = true;
    for (const std::int32_t zero : q.zero_points) zeros = zeros && zero == 0;
    if (!zeros) {
        words += q.per_channel() ? fmt::format(" z=[{}]", fmt::join(q.zero_points, ","))
                                 : fmt::format(" z={}", q.zero_point());
    }
    if (q.axis != 0) words += fmt::format(" axis={}", q.axis);
    return words;
}

class Printer {
  public:
    explicit Printer(const Graph& graph) : graph_(graph), labels_(graph.tensors.size()) {
        for (const Tensor& tensor : graph.tensors) ++uses_[tensor.name];
    }
    std::string print();

  private:
    std::string head(TensorId id);
    std::string label(TensorId id) const {
        return id == kNoTensor ? "_" : labels_[static_cast<std::size_t>(id)];
    }
    std::string join(const std::vector<TensorId>& ids) const;
    std::string node_text(const Node& node);
    std::string leaf_text(TensorId id, bool input);

    const Graph& graph_;
    std::vector<std::string> labels_;
    std::map<std::string, int> uses_;
    int written_ = 0;
};

// The tensor where it is written: label, name when it is not the label, type, shape, quantisation.
std::string Printer::head(TensorId id) {
    const Tensor& tensor = graph_.tensor(id);
    const bool named = is_label(tensor.name) && uses_[tensor.name] == 1;
    labels_[static_cast<std::size_t>(id)] = '%' + (named ? tensor.name : std::to_string(written_));
    ++written_;
    std::string words = label(id);
    if (!named && !tensor.name.empty()) words += ' ' + quote(tensor.name);
    return words + ' ' + shape_text(tensor) + quantisation_text(tensor.quantisation);
}

std::string Printer::join(const std::vector<TensorId>& ids) const {
    std::vector<std::string> words;
    for (const TensorId id : ids) words.push_back(label(id));
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string Printer::leaf_text(TensorId id, bool input) {
    const Tensor& tensor = graph_.tensor(id);
    std::string value = input ? "input" : tensor.data.empty() ? "nothing" : constant_text(tensor);
    if (tensor.state) value = tensor.data.empty() ? "state" : "state " + constant_text(tensor);
    return head(id) + " = " + value + "\n";
}

std::string Printer::node_text(const Node& node) {
    const std::string operands = join(node.inputs);
    std::vector<std::string> heads;
    for (const TensorId id : node.outputs) heads.push_back(head(id));
    const OpDef& def = op_def(node.op);
    std::string words = fmt::format("{} = {}({})", fmt::join(heads, ", "), def.name, operands);
    if (node.version != 1) words += fmt::format(" version={}", node.version);
    for (const OptionField& field : settings_of(def)) {
        const std::string value = setting_text(field, node.attributes);
        if (!value.empty()) words += fmt::format(" {}={}", field.name, value);
    }
    return words + "\n";
}

std::string Printer::print() {
    std::string words;
    if (!graph_.name.empty()) words += "graph " + quote(graph_.name) + "\n";
    for (const auto& [key, value] : graph_.metadata) {
        words += fmt::format("metadata {} {}\n", quote(key), value_text(value));
    }
    std::vector<bool> written(graph_.tensors.size(), false);
    for (const Node& node : graph_.nodes) {
        for (const TensorId id : node.outputs)
            written[static_cast<std::size_t>(id)] = !graph_.tensor(id).state;
    }
    for (const TensorId id : graph_.inputs) {
        written[static_cast<std::size_t>(id)] = true;
        words += leaf_text(id, true);
    }
    for (std::size_t i = 0; i < written.size(); ++i) {
        if (!written[i]) words += leaf_text(static_cast<TensorId>(i), false);
    }
    for (const Node& node : graph_.nodes) words += node_text(node);
    return words + "output " + join(graph_.outputs) + "\n";
}

}  // namespace

std::string to_text(const Graph& graph) { return Printer(graph).print(); }

}  // namespace jatai
