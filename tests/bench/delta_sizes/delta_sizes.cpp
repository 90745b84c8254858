// delta_sizes: bytes of an update by kind of change, and modelled cycles of a Cortex-M4 to unpack it. Changes
// are made with a fixed seed in the middle 96 % of a model file; "retrained" are two files of the same
// network.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "src/base/rng.h"
#include "src/package/delta.h"
#include "src/package/elf_insert.h"
#include "src/package/firmware.h"
#include "src/simulate/machine.h"

using namespace jatai;

namespace {

const fs::path kModels = fs::path(JATAI_SHARED_DIR) / "data/models";
constexpr std::size_t kMostOnBench = 400 * 1024;  // source in flash, target in RAM

fs::path folder() {
    static const fs::path made = fs::temp_directory_path() / ("jatai_delta_" + std::to_string(getpid()));
    fs::create_directories(made);
    return made;
}

// Bytes that another tool makes of the two files; -1: the tool is not installed.
long tool_bytes(const std::string& tool, const std::string& command) {
    if (std::system(("command -v " + tool + " >/dev/null 2>&1").c_str()) != 0) return -1;
    const std::string in = "cd " + folder().string() + " && rm -f out && " + command + " >/dev/null 2>&1";
    if (std::system(in.c_str()) != 0 || !fs::exists(folder() / "out")) return -1;
    return static_cast<long>(fs::file_size(folder() / "out"));
}

std::uint64_t cycles_on_chip(const Bytes& payload, const Bytes& source, const Bytes& target) {
    const Bytes elf = read_file(JATAI_UNPACK_ELF);
    const simulate::Firmware plain = simulate::read_firmware(elf, "unpack.elf");
    const auto place = plain.find("__package_start");
    const Bytes with = insert_section(elf, source, *place, "unpack.elf");
    write_file(folder() / "payload.jup", payload);
    simulate::Machine machine(load_board("bench_m4", fs::path(JATAI_SOURCE_DIR) / "boards"),
                              {.folder = folder()});
    machine.load(simulate::read_firmware(with, "unpack.elf"));
    const simulate::RunResult run = machine.run();
    if (run.stop != simulate::Stop::Exited || run.exit_code != 0 ||
        read_file(folder() / "target.bin") != target) {
        std::fprintf(stderr, "the chip unpacked something else: %s\n", run.reason.c_str());
        std::exit(2);
    }
    std::uint64_t cycles = 0;
    for (const auto& window : run.windows) cycles += window.whole.cycles;
    return cycles;
}

std::string or_dash(long bytes) { return bytes < 0 ? "-" : std::to_string(bytes); }

void row(const std::string& model, const std::string& change, const Bytes& source, const Bytes& target) {
    const Bytes whole = make_payload(target, {}), ours = make_payload(target, source);
    if (apply_payload(ours, source, "ours") != target || ours.size() > whole.size()) std::exit(2);
    write_file(folder() / "old", source);
    write_file(folder() / "new", target);
    const long zstd = tool_bytes("zstd", "zstd -q -19 new -o out");
    const long patch = tool_bytes("zstd", "zstd -q -19 --patch-from=old new -o out");
    const long bsdiff = tool_bytes("bsdiff", "bsdiff old new out");
    const bool on_bench = target.size() <= kMostOnBench;
    std::printf("| %s | %zu | %s | %s | %s | %s | %zu | **%zu** | %.1f |\n", model.c_str(), target.size(),
                change.c_str(), or_dash(zstd).c_str(), or_dash(patch).c_str(), or_dash(bsdiff).c_str(),
                whole.size(), ours.size(),
                on_bench ? static_cast<double>(cycles_on_chip(ours, source, target)) / 1e6 : 0.0);
    std::fflush(stdout);
}

Bytes changed(const Bytes& model, unsigned per_mille, int reach) {
    Bytes result = model;
    Rng rng(7);
    for (std::size_t i = model.size() / 50; i < model.size() * 49 / 50; ++i) {
        if (rng.below(1000) >= per_mille) continue;
        int step = 0;
        while (step == 0)
            step = static_cast<int>(rng.below(static_cast<std::uint32_t>(2 * reach + 1))) - reach;
        result[i] = static_cast<std::uint8_t>(result[i] + step);
    }
    return result;
}

// The last layer alone: 2,048 bytes of new weights, at nine tenths of the file.
Bytes new_head(const Bytes& model) {
    Bytes result = model;
    Rng rng(9);
    const std::size_t from = model.size() * 9 / 10 / 16 * 16;
    for (std::size_t i = from; i < std::min(model.size(), from + 2048); ++i)
        result[i] = static_cast<std::uint8_t>(static_cast<int>(rng.normal() * 40));
    return result;
}

// Another layout: a section of 52 bytes grew near the front.
Bytes shifted(const Bytes& model) {
    Bytes result = model;
    result.insert(result.begin() + static_cast<std::ptrdiff_t>(model.size() / 40), 52, 0x5A);
    return result;
}

}  // namespace

int main() {
    const std::pair<const char*, const char*> models[] = {
        {"kws", "neuralSPOT/kws_kws_model_data.tflite"},
        {"ic", "neuralSPOT/ic_ic_bench_model_data.tflite"},
        {"ad", "neuralSPOT/ad_demo_ad01_int8_aligned_power_model_data.tflite"}};
    std::printf(
        "| model | bytes | change | zstd -19 | zstd patch | bsdiff | ours, whole | ours | Mcycles (modelled) "
        "|\n");
    std::printf("|---|---|---|---|---|---|---|---|---|\n");
    for (const auto& [name, file] : models) {
        const Bytes model = read_file(kModels / file);
        row(name, "head only", model, new_head(model));
        row(name, "1 %", model, changed(model, 10, 1));
        row(name, "5 %", model, changed(model, 50, 1));
        row(name, "20 %", model, changed(model, 200, 1));
        row(name, "60 %, +-2", model, changed(model, 600, 2));
        row(name, "5 %, shifted", model, shifted(changed(model, 50, 1)));
    }
    const std::pair<const char*, const char*> pairs[] = {
        {"mltk/image_example1.tflite", "mltk/image_example1_4af4.tflite"},
        {"mltk/tflite_micro_speech.tflite", "mltk/tflite_micro_speech_b666.tflite"}};
    for (const auto& [old_file, new_file] : pairs)
        row(fs::path(old_file).stem().string(), "retrained", read_file(kModels / old_file),
            read_file(kModels / new_file));
    fs::remove_all(folder());
}
