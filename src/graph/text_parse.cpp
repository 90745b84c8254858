#include <charconv>
#include <cstring>
#include <map>
#include <type_traits>

#include "device/kernels/cast_real.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/base/suggest.h"
#include "src/graph/op_def.h"
#include "src/graph/settings_text.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite_names.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

// One line, read from left to right.
class Cursor {
  public:
    Cursor(std::string_view line, const std::string& place, int number)
        : line_(line), place_(place), number_(number) {}

    [[noreturn]] void fail(const std::string& expected, const std::string& hint = {}) const {
        const std::string rest(line_.substr(at_, 24));
        throw Error{text("{}:{}: found '{}', expected {}", place_, number_, rest, expected), hint};
    }
    void skip() {
        while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
    }
    bool done() {
        skip();
        return at_ == line_.size();
    }
    char peek() {
        skip();
        return at_ < line_.size() ? line_[at_] : '\0';
    }
    bool eat(char c) {
        if (peek() != c) return false;
        ++at_;
        return true;
    }
    void expect(char c) {
        if (!eat(c)) fail(std::string(1, c));
    }
    std::string word(const char* expected) {
        skip();
        const std::size_t start = at_;
        while (at_ < line_.size() && is_label_char(line_[at_])) ++at_;
        if (start == at_) fail(expected);
        return std::string(line_.substr(start, at_ - start));
    }
    std::string until_space() {
        const std::size_t start = at_;
        while (at_ < line_.size() && line_[at_] != ' ' && line_[at_] != '\r') ++at_;
        return std::string(line_.substr(start, at_ - start));
    }
    template <typename T>
    T number(const char* expected) {
        skip();
        T value{};
        const auto [end, error] = std::from_chars(line_.data() + at_, line_.data() + line_.size(), value);
        if (error != std::errc{}) fail(expected);
        at_ = static_cast<std::size_t>(end - line_.data());
        return value;
    }
    std::string quoted();

  private:
    std::string_view line_;
    const std::string& place_;
    int number_;
    std::size_t at_ = 0;
};

std::string Cursor::quoted() {
    expect('"');
    std::string raw;
    while (at_ < line_.size() && line_[at_] != '"') {
        char c = line_[at_++];
        if (c == '\\') {
            c = at_ < line_.size() ? line_[at_++] : '\0';
            unsigned byte = 0;
            if (c == 'x' && at_ + 2 <= line_.size() &&
                std::from_chars(line_.data() + at_, line_.data() + at_ + 2, byte, 16).ec == std::errc{}) {
                c = static_cast<char>(byte);
                at_ += 2;
            }
        }
        raw += c;
    }
    if (at_ == line_.size()) fail("\"");
    ++at_;
    return raw;
}

template <typename T>
void append(Bytes& data, double value) {
    const T stored = static_cast<T>(value);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&stored);
    data.insert(data.end(), bytes, bytes + sizeof(T));
}

void append(Bytes& data, Type type, double value) {
    switch (type) {
        case Type::Int8:
            return append<std::int8_t>(data, value);
        case Type::Int16:
            return append<std::int16_t>(data, value);
        case Type::UInt16:
            return append<std::uint16_t>(data, value);
        case Type::Int32:
            return append<std::int32_t>(data, value);
        case Type::Int64:
            return append<std::int64_t>(data, value);
        case Type::UInt32:
            return append<std::uint32_t>(data, value);
        case Type::UInt64:
            return append<std::uint64_t>(data, value);
        case Type::Float32:
            return append<float>(data, value);
        case Type::Float64:
            return append<double>(data, value);
        case Type::Float16:
            return append<std::uint16_t>(data, narrow_to_half(static_cast<float>(value)));
        default:
            return append<std::uint8_t>(data, value);
    }
}

// Weights stay in -127..127, as TFLite makes them; wide integers are as small as biases.
double random_value(Rng& rng, Type type) {
    switch (type) {
        case Type::Int8:
            return static_cast<int>(rng.below(255)) - 127;
        case Type::UInt8:
            return rng.below(256);
        case Type::UInt32:
        case Type::UInt64:
            return rng.below(2001);
        case Type::Bool:
            return rng.below(2);
        case Type::UInt16:
            return rng.below(2001);
        case Type::Float32:
        case Type::Float16:
        case Type::Float64:
            return rng.uniform(-1.0f, 1.0f);
        default:
            return static_cast<int>(rng.below(2001)) - 1000;
    }
}

class Parser {
  public:
    explicit Parser(const std::string& place) : place_(place) {}
    Graph parse(std::string_view words);

  private:
    void parse_line(Cursor& line);
    void parse_definition(Cursor& line);
    TensorId parse_head(Cursor& line);
    void parse_shape(Cursor& line, Tensor& tensor);
    void parse_quantisation(Cursor& line, Tensor& tensor);
    bool parse_constant(Cursor& line, const std::string& how, Tensor& tensor);
    void parse_list(Cursor& line, Tensor& tensor);
    void parse_state(Cursor& line, Tensor& tensor);
    void parse_node(Cursor& line, const std::string& op, const std::vector<TensorId>& outputs);
    void parse_settings(Cursor& line, const OpDef& def, Node& node);
    TensorId parse_use(Cursor& line);

    std::string place_;
    Graph graph_;
    std::map<std::string, TensorId> ids_;
};

template <typename T>
std::vector<T> parse_numbers(Cursor& line) {
    std::vector<T> values;
    if (!line.eat('[')) return {line.number<T>("a number or [")};
    do {
        values.push_back(line.number<T>("a number"));
    } while (line.eat(','));
    line.expect(']');
    return values;
}

void Parser::parse_shape(Cursor& line, Tensor& tensor) {
    const std::string word = line.word("a type such as int8");
    tensor.type = type_named(word);
    if (tensor.type == Type::None && word != "none") {
        line.fail("a type: int8, uint8, int16, int32, int64, float32 or bool");
    }
    line.expect('[');
    if (line.eat(']')) return;
    do {
        tensor.shape.push_back(line.number<std::int32_t>("an extent"));
    } while (line.eat(','));
    line.expect(']');
}

void Parser::parse_quantisation(Cursor& line, Tensor& tensor) {
    Quantisation& q = tensor.quantisation;
    while (line.peek() != '=' && line.peek() != ',' && !line.done()) {
        const std::string key = line.word("s=, z=, axis= or =");
        line.expect('=');
        if (key == "s") {
            q.scales = parse_numbers<float>(line);
        } else if (key == "z") {
            q.zero_points = parse_numbers<std::int32_t>(line);
        } else if (key == "axis") {
            q.axis = line.number<int>("a dimension");
        } else {
            line.fail("s=, z= or axis=");
        }
    }
    if (q.zero_points.empty()) q.zero_points.assign(q.scales.size(), 0);
}

TensorId Parser::parse_head(Cursor& line) {
    line.expect('%');
    const std::string label = line.word("a label");
    Tensor tensor;
    if (line.peek() == '"') {
        tensor.name = line.quoted();
    } else if (label[0] < '0' || label[0] > '9') {
        tensor.name = label;
    }
    parse_shape(line, tensor);
    parse_quantisation(line, tensor);
    const TensorId id = graph_.add(std::move(tensor));
    if (!ids_.emplace(label, id).second) line.fail("%" + label + " written once");
    return id;
}

// The rest of a list in braces.
void Parser::parse_list(Cursor& line, Tensor& tensor) {
    do {
        append(tensor.data, tensor.type, line.number<double>("a number"));
    } while (line.eat(','));
    line.expect('}');
}

// What a state begins with: zeros, or a constant.
void Parser::parse_state(Cursor& line, Tensor& tensor) {
    tensor.state = true;
    if (line.done()) return;
    if (line.eat('{')) return parse_list(line, tensor);
    if (!parse_constant(line, line.word("fill, random or a list"), tensor))
        line.fail("fill, random or a list");
}

bool Parser::parse_constant(Cursor& line, const std::string& how, Tensor& tensor) {
    const std::int64_t bytes = tensor.bytes();
    if (bytes < 0 || bytes > kMaxTensorBytes) line.fail("a constant below 2 GB");
    if (how == "fill") {
        const auto value = line.number<double>("a number");
        for (std::int64_t i = 0; i < tensor.elements(); ++i) append(tensor.data, tensor.type, value);
        return true;
    }
    if (how == "random") {
        Rng rng(line.number<std::uint64_t>("a seed"));
        for (std::int64_t i = 0; i < tensor.elements(); ++i) {
            append(tensor.data, tensor.type, random_value(rng, tensor.type));
        }
        return true;
    }
    if (how == "hash") line.fail("fill, random or a list", text("a hash cannot be read back"));
    return false;
}

TensorId Parser::parse_use(Cursor& line) {
    if (line.eat('_')) return kNoTensor;
    line.expect('%');
    const std::string label = line.word("a label");
    const auto found = ids_.find(label);
    if (found == ids_.end()) line.fail("a tensor that stands above, instead of %" + label);
    return found->second;
}

void Parser::parse_settings(Cursor& line, const OpDef& def, Node& node) {
    std::vector<std::string> names{"version"};
    const std::vector<OptionField> fields = settings_of(def);
    for (const OptionField& field : fields) names.emplace_back(field.name);
    for (const OptionField& field : def.options) node.attributes.set(field.name, default_of(field));
    while (!line.done()) {
        const std::string name = line.word("a setting");
        line.expect('=');
        if (name == "version") {
            node.version = line.number<int>("a version");
            continue;
        }
        const OptionField* known = nullptr;
        for (const OptionField& field : fields) {
            if (name == field.name) known = &field;
        }
        if (!known) line.fail("a setting of " + std::string(def.name), did_you_mean(name, names));
        const auto value = parse_setting(*known, line.until_space());
        if (!value) line.fail("a value of " + name);
        node.attributes.set(name, *value);
    }
}

void Parser::parse_node(Cursor& line, const std::string& op, const std::vector<TensorId>& outputs) {
    const OpDef* def = find_op(op);
    if (!def) {
        std::vector<std::string> names;
        for (const OpDef* each : all_ops()) names.emplace_back(each->name);
        line.fail("input, nothing, a constant or an operator", did_you_mean(op, names));
    }
    Node node;
    node.op = def->op;
    node.outputs = outputs;
    node.name = graph_.tensor(outputs[0]).name;
    line.expect('(');
    while (!line.eat(')')) {
        if (!node.inputs.empty()) line.expect(',');
        node.inputs.push_back(parse_use(line));
    }
    parse_settings(line, *def, node);
    graph_.nodes.push_back(std::move(node));
}

void Parser::parse_definition(Cursor& line) {
    std::vector<TensorId> ids;
    do {
        ids.push_back(parse_head(line));
    } while (line.eat(','));
    line.expect('=');
    Tensor& first = graph_.tensor(ids[0]);
    if (line.eat('{')) return parse_list(line, first);
    const std::string how = line.word("input, a constant or an operator");
    if (how == "input") {
        graph_.inputs.push_back(ids[0]);
    } else if (how == "state") {
        parse_state(line, first);
    } else if (how != "nothing" && !parse_constant(line, how, first)) {
        parse_node(line, how, ids);
    }
}

void Parser::parse_line(Cursor& line) {
    if (line.peek() == '%') {
        parse_definition(line);
    } else {
        const std::string word = line.word("%, graph, metadata or output");
        if (word == "graph") {
            graph_.name = line.peek() == '"' ? line.quoted() : line.word("a name");
        } else if (word == "metadata") {
            std::string key = line.quoted();
            graph_.metadata.emplace_back(std::move(key), line.quoted());
        } else if (word == "output") {
            do {
                graph_.outputs.push_back(parse_use(line));
            } while (line.eat(','));
        } else {
            line.fail("%, graph, metadata or output instead of " + word);
        }
    }
    if (!line.done()) line.fail("the end of the line");
}

Graph Parser::parse(std::string_view words) {
    int number = 0;
    while (!words.empty()) {
        const std::size_t end = words.find('\n');
        Cursor line(words.substr(0, end), place_, ++number);
        if (!line.done() && line.peek() != '#') parse_line(line);
        words = end == std::string_view::npos ? std::string_view{} : words.substr(end + 1);
    }
    return std::move(graph_);
}

}  // namespace

Graph parse_text(std::string_view words, const std::string& place) { return Parser(place).parse(words); }

}  // namespace jatai
