// host_speed: how long one inference takes on this computer, by the portable kernels and by this processor's.
//
//     build/release/tests/bench/host_speed/host_speed ../shared            # prints the table
//     build/release/tests/bench/host_speed/host_speed ../shared docs/reference/performance.md
//
// The second form also writes the table into that page. `evaluation` runs a model as `jatai diff` and
// training do; `package` one compiled for a Cortex-M4, as `jatai run` does. TensorFlow Lite 2.9, one thread,
// is measured where tools/fetch-oracle has put it. Each number is the least of many runs; the bytes of both
// kernels are compared. A model that is not there is left out, and said.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "tests/oracle_tflite/tflite_oracle.h"

namespace {

using namespace jatai;

struct Named {
    const char* name;
    const char* file;
};
constexpr Named kModels[] = {{"kws", "tiny/kws_ref_model.tflite"},
                             {"vww", "tiny/vww_96_int8.tflite"},
                             {"ic", "tiny/pretrainedResnet_quant.tflite"},
                             {"ad", "tiny/model_ToyCar_quant_fullint_micro_intio.tflite"},
                             {"person", "tflite-micro/person_detect.tflite"},
                             {"kws, hybrid", "tiny/kws_ref_model_float32.tflite"},
                             {"vww, float", "tiny/vww_96_float.tflite"}};

// The least of many runs, in microseconds.
double least_us(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    double least = 1e30, all = 0;
    for (int runs = 0; runs < 20 || (all < 1e6 && runs < 2000); ++runs) {
        const auto start = Clock::now();
        work();
        const double took = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
        least = std::min(least, took);
        all += took;
    }
    return least;
}

std::vector<Bytes> random_inputs(const Graph& graph) {
    Rng rng(5);
    std::vector<Bytes> inputs;
    for (const TensorId t : graph.inputs) {
        const Tensor& tensor = graph.tensor(t);
        Bytes& bytes = inputs.emplace_back(static_cast<std::size_t>(tensor.bytes()));
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(rng.below(256));
        if (tensor.type != Type::Float32) continue;
        for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
            const float x = static_cast<float>(rng.below(2000)) / 1000.0f - 1.0f;
            std::copy_n(reinterpret_cast<const std::uint8_t*>(&x), sizeof x, bytes.data() + i);
        }
    }
    return inputs;
}

double evaluation_us(const Graph& graph, const std::vector<Bytes>& inputs, HostCode code,
                     std::vector<Bytes>& answers) {
    Interpreter interpreter(graph, Family::Reference, code);
    return least_us([&] { answers = interpreter.run(inputs); });
}

double package_us(const Bytes& package, const std::vector<Bytes>& inputs, HostCode code,
                  std::vector<Bytes>& answers) {
    HostRunner runner(package, "bench", code);
    Bytes joined, out;
    for (const Bytes& input : inputs) joined.insert(joined.end(), input.begin(), input.end());
    const double took = least_us([&] { out = runner.run(joined); });
    answers = {out};
    return took;
}

struct Pair {
    double portable = 0, fastest = 0;
    std::string cells() const {
        return fmt::format("{:.0f} | {:.0f} | {:.1f}", portable, fastest, portable / fastest);
    }
};

template <typename Measure>
Pair both(const std::string& name, Measure measure) {
    std::vector<Bytes> portable, fastest;
    const Pair pair{measure(HostCode::Portable, portable), measure(HostCode::Fastest, fastest)};
    if (portable != fastest) throw Error{fmt::format("{}: portable and fast bytes differ", name)};
    return pair;
}

std::string row_of(const Named& named, const fs::path& file, const std::optional<TfliteOracle>& oracle) {
    const Graph read = read_tflite(read_file(file), named.name);
    Graph graph = read;
    run_passes(graph);
    const std::vector<Bytes> inputs = random_inputs(graph);
    const Pair evaluation = both(named.name, [&](HostCode code, std::vector<Bytes>& answers) {
        return evaluation_us(graph, inputs, code, answers);
    });
    const Bytes package = pack(graph, make_plan(graph, Board{}, Family::CortexM));
    const Pair packed = both(named.name, [&](HostCode code, std::vector<Bytes>& answers) {
        return package_us(package, inputs, code, answers);
    });
    std::string peer = " | ";
    if (oracle) {
        TfliteSession session = oracle->load(write_tflite(read));
        const double theirs = least_us([&] { session.run(inputs); });
        peer = fmt::format("{:.0f} | {:.2f}", theirs, theirs / evaluation.fastest);
    }
    return fmt::format("| {} | {} | {} | {} |\n", named.name, evaluation.cells(), packed.cells(), peer);
}

constexpr const char* kHeading = "\n## On the host\n";
constexpr const char* kWords =
    "\nMicroseconds of one inference, one thread, the least of many runs; written by "
    "`build/release/tests/bench/host_speed/host_speed ../shared docs/reference/performance.md`.\n"
    "`evaluation`: as `jatai diff`, `jatai report` and training run a graph; `package`: one compiled for a "
    "Cortex-M4, as "
    "`jatai run` runs it. Portable: the kernels of\n`device/kernels/`; vectors: those of `device/simd/` with "
    "AVX2, "
    "chosen when the program starts (`JATAI_KERNELS=portable` forbids them). Same bytes.\n\n"
    "| model | evaluation, portable | vectors | ratio | package, portable | vectors | ratio | TFLite 2.9 | "
    "TFLite / "
    "evaluation |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n";

int run(const fs::path& shared, const fs::path& page) {
    const auto oracle = TfliteOracle::find();
    std::string rows;
    for (const Named& named : kModels) {
        const fs::path file = shared / "data/models" / named.file;
        if (!fs::exists(file)) {
            fmt::print("{}: left out, {} is not there\n", named.name, file.string());
            continue;
        }
        rows += row_of(named, file, oracle);
    }
    const std::string section = std::string(kHeading) + kWords + rows;
    fmt::print("{}", section);
    if (page.empty()) return 0;
    const std::string text = read_text(page);
    write_text(page, text.substr(0, text.find(kHeading)) + section);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        fmt::print(stderr, "host_speed SHARED [PAGE]\n");
        return 1;
    }
    try {
        return run(argv[1], argc > 2 ? argv[2] : "");
    } catch (const Error& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        return 1;
    }
}
