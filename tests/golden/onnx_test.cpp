// The ONNX project's own operator tests, as far as this reader takes them: right, refused in words, or wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "src/base/error.h"
#include "src/data/archive.h"
#include "src/graph/interpret.h"
#include "src/graph/onnx.h"
#include "src/graph/onnx/datum.h"
#include "src/graph/passes/passes.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

struct Case {
    Bytes model;
    std::map<std::string, Bytes> inputs, outputs;  // by file name
};

fs::path archive() { return fs::path(JATAI_SHARED_DIR) / "data/op_vectors/onnx_node/cases.tar.xz"; }

std::map<std::string, Case> read_cases() {
    std::map<std::string, Case> cases;
    read_archive(archive(), [&](const std::string& name, Bytes bytes) {
        const fs::path path = name;
        const std::string file = path.filename().string();
        if (file == "model.onnx") {
            cases[path.parent_path().filename().string()].model = std::move(bytes);
        } else if (path.parent_path().filename() == "test_data_set_0") {
            Case& one = cases[path.parent_path().parent_path().filename().string()];
            (file.starts_with("input") ? one.inputs : one.outputs)[file] = std::move(bytes);
        }
    });
    return cases;
}

onnx::Datum value(const Bytes& file, const std::string& place) {
    return onnx::constant_from(onnx::parse_tensor(file, place), place);
}

void append_length(Bytes& to, std::size_t length) {
    for (; length > 127; length >>= 7) to.push_back(static_cast<std::uint8_t>(length | 128));
    to.push_back(static_cast<std::uint8_t>(length));
}

void append_field(Bytes& to, std::uint8_t key, const Bytes& body) {
    to.push_back(key);
    append_length(to, body.size());
    to.insert(to.end(), body.begin(), body.end());
}

// The file with these inputs as constants, as an exporter writes scales and shapes: protobuf puts the fields
// of a message in any order, so they go to the end of the graph.
Bytes with_constants(const Bytes& model, const std::vector<std::pair<std::string, Bytes>>& constants) {
    Bytes to;
    for (std::size_t at = 0; at < model.size();) {
        const std::size_t begin = at;
        const auto number = [&] {
            std::size_t value = 0;
            for (int shift = 0;; shift += 7) {
                value |= static_cast<std::size_t>(model[at] & 127) << shift;
                if (model[at++] < 128) return value;
            }
        };
        const std::size_t key = number();
        const std::size_t value = number();
        if ((key & 7) == 2) at += value;
        if (key != (7 << 3 | 2)) {
            to.insert(to.end(), model.begin() + static_cast<std::ptrdiff_t>(begin),
                      model.begin() + static_cast<std::ptrdiff_t>(at));
            continue;
        }
        Bytes graph(model.begin() + static_cast<std::ptrdiff_t>(at - value),
                    model.begin() + static_cast<std::ptrdiff_t>(at));
        for (const auto& [name, tensor] : constants) {
            Bytes named = tensor;
            append_field(named, 8 << 3 | 2, Bytes(name.begin(), name.end()));
            append_field(graph, 5 << 3 | 2, named);
        }
        append_field(to, 7 << 3 | 2, graph);
    }
    return to;
}

// Its answers are written with four digits.
constexpr const char* kFourDigits = "test_averagepool_2d_ceil_last_window_starts_on_pad";
// Their answers wrap around where sums leave int8; ONNX asks for saturation, which is what we do.
constexpr const char* kWraps = "test_qlinearmatmul_3D_int8";

// How far an answer may lie: float as the issue says, integers exactly, quantised ones by a step where ONNX
// rounds halves to even and the chip away from zero.
std::string compare(const std::string& name, const Tensor& tensor, const Bytes& answer, const Bytes& file) {
    const onnx::Datum expected = value(file, name);
    onnx::RawTensor raw = onnx::parse_tensor(file, name);
    if (tensor.shape != expected.shape || answer.size() != raw.data.size() ||
        (tensor.type != expected.type && expected.type != Type::Float32)) {
        Tensor wanted;
        wanted.type = expected.type;
        wanted.shape = expected.shape;
        return "found " + shape_text(tensor) + ", expected " + shape_text(wanted);
    }
    raw.data = answer;
    const onnx::Datum found = onnx::constant_from(raw, name);
    const std::vector<double> a = onnx::reals(found), b = onnx::reals(expected);
    double largest = 0, worst = 0;
    for (const double x : b) largest = std::max(largest, std::isfinite(x) ? std::abs(x) : 0.0);
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
        if (name.starts_with(kWraps) && ((a[i] == 127 && b[i] < 0) || (a[i] == -128 && b[i] > 0))) continue;
        worst = std::max(worst, std::isfinite(b[i]) && std::isfinite(a[i]) ? std::abs(a[i] - b[i]) : 1e30);
    }
    const double most = expected.type == Type::Float32 ? (name == kFourDigits ? 1e-3 : 1e-5) * largest
                        : tensor.quantisation.empty()  ? 0
                                                       : 1;
    return worst <= most ? "" : fmt::format("differs by {} of {}", worst, largest);
}

// Empty when the answers are right; throws Error when the model is refused. `fixed`: all but the first input
// are constants of the model.
std::string run_case(const std::string& name, const Case& one, bool fixed) {
    const onnx::Model parsed = onnx::parse_model(one.model, name);
    std::vector<Bytes> inputs;
    std::vector<std::pair<std::string, Bytes>> constants;
    std::size_t i = 0;
    for (const auto& [file, bytes] : one.inputs) {
        if (fixed && i > 0) {
            constants.emplace_back(std::string(parsed.inputs.at(i).name), bytes);
        } else {
            inputs.push_back(onnx::parse_tensor(bytes, name).data);
        }
        ++i;
    }
    Graph graph = read_onnx(fixed ? with_constants(one.model, constants) : one.model, name);
    run_passes(graph);
    const std::vector<Bytes> answers = run_graph(graph, inputs);
    i = 0;
    for (const auto& [file, bytes] : one.outputs) {
        if (i >= answers.size()) return "found fewer outputs";
        const std::string fault = compare(name, graph.tensor(graph.outputs[i]), answers[i], bytes);
        if (!fault.empty()) return file + ": " + fault;
        ++i;
    }
    return {};
}

// As the file stands; where it is refused and has further inputs, with those fixed.
std::string run_either(const std::string& name, const Case& one) {
    try {
        return run_case(name, one, false);
    } catch (const Error&) {
        if (one.inputs.size() < 2) throw;
    }
    return run_case(name, one, true);
}

TEST(OnnxNodes, EveryCaseIsRightOrRefusedInWords) {
    if (!fs::exists(archive())) GTEST_SKIP() << "no shared data at " << archive();
    int right = 0, refused = 0, wrong = 0;
    for (const auto& [name, one] : read_cases()) {
        try {
            const std::string fault = run_either(name, one);
            (fault.empty() ? right : wrong) += 1;
            EXPECT_EQ(fault, "") << name;
        } catch (const Error& error) {
            ++refused;
            std::printf("refused %s\n", error.what());
            EXPECT_GT(std::string(error.what()).size(), 20u) << name;
            EXPECT_FALSE(error.hint().empty()) << name << ": " << error.what();
        }
    }
    std::printf("onnx: %d right, %d refused, %d wrong\n", right, refused, wrong);
    EXPECT_EQ(wrong, 0);
    EXPECT_GE(right, 249);
}

}  // namespace
}  // namespace jatai
