// wasm_speed: how long one inference takes in the browser, with and without SIMD.
//
//     ninja -C build/release wasm wasm_speed && build/release/tests/wasm/wasm_speed build/release ../shared
//
// Microseconds, the least of a hundred turns; packages of the reference family. The bytes are compared.
#include "src/base/rng.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "tests/wasm/browser.h"

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
                             {"person", "tflite-micro/person_detect.tflite"}};

WasmJob job_of(const fs::path& file) {
    Graph graph = read_tflite(read_file(file), file.string());
    run_passes(graph);
    WasmJob job{pack(graph, make_plan(graph, Board{}, Family::Reference)), {}, 100};
    job.input.resize(HostRunner(job.package, "model").input_bytes());
    Rng rng(5);
    for (std::uint8_t& byte : job.input) byte = static_cast<std::uint8_t>(rng.below(256));
    return job;
}

int run(const fs::path& build, const fs::path& shared) {
    std::vector<WasmJob> jobs;
    for (const Named& named : kModels) jobs.push_back(job_of(shared / "data/models" / named.file));
    const auto simd = run_in_browser(read_file(build / "share/wasm/model.wasm"), jobs);
    const auto plain = run_in_browser(read_file(build / "share/wasm/model_portable.wasm"), jobs);
    if (!simd || !plain) throw Error{"chromium is not installed"};
    fmt::print("| model | portable | SIMD | ratio |\n|---|---:|---:|---:|\n");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (simd->at(i).output != plain->at(i).output)
            throw Error{fmt::format("{}: the bytes differ", kModels[i].name)};
        fmt::print("| {} | {:.0f} | {:.0f} | {:.1f} |\n", kModels[i].name, plain->at(i).least_us,
                   simd->at(i).least_us, plain->at(i).least_us / simd->at(i).least_us);
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 3) throw Error{"wasm_speed BUILD SHARED"};
        return run(argv[1], argv[2]);
    } catch (const Error& error) {
        fmt::print(stderr, "error: {}\n", error.what());
        return 1;
    }
}
