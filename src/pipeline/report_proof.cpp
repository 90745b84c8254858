// report_proof.cpp: hashes anyone can check again, where everything came from, and what to try next.
#include "src/base/text.h"
#include "src/package/firmware.h"
#include "src/pipeline/report_parts.h"

namespace jatai {
namespace {

std::string text_of(const nlohmann::json& value) {
    return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

// What espeak-ng could really offer, or where recordings came from.
std::string diversity_of(const Dataset& dataset) {
    const auto& provenance = dataset.provenance;
    if (!provenance.is_object() || !provenance.contains("diversity")) return {};
    const auto& d = provenance["diversity"];
    if (!d.contains("voices_distinct")) return text_of(d);
    return text("{} distinct voices of {} tried, each proven by the hash of what it says",
                d.at("voices_distinct").get<std::size_t>(), d.at("voices_tried").get<std::size_t>());
}

std::vector<page::NextStep> next_steps(const ReportSources& s) {
    const std::string root = s.project.root.string();
    return {{text("Say the words yourself: record a WAV and let the board hear it."),
             fmt::format("jatai data record me.wav --seconds 5 && jatai simulate {} --board {} --mic me.wav",
                         s.project.build_dir(s.board.id).string(), s.board.id)},
            {text("Bring recordings of real people: a folder per word."),
             fmt::format("jatai data import recordings/ {}", root)},
            {text("Make it surer or quicker: raise threshold in jatai.toml, or try another network under "
                  "[train]."),
             fmt::format("jatai train {} --restart", root)}};
}

}  // namespace

void fill_proof(page::ReportData& data, const ReportSources& s) {
    const std::string folder = s.project.build_dir(s.board.id).string();
    data.hashes = page::Hashes{
        text("{} recordings, {} int8 scores", s.measured.samples,
             s.measured.samples * s.features.labels.size()),
        s.measured.host_hash, s.measured.chip_hash,
        fmt::format(
            "cd {} && cp ../../report/questions.bin in.bin && qemu-system-arm -M mps2-an386 -nographic "
            "-monitor none "
            "-serial null -semihosting-config enable=on,target=native -kernel bench.elf && sha256sum out.bin",
            folder)};
    const FirmwareManifest manifest = read_manifest(s.firmware, "firmware.elf");
    const auto add = [&](const char* key, const std::string& value) {
        if (!value.empty()) data.lineage.push_back({key, value});
    };
    add("seed", text("data {}, training {}", s.project.settings.data.seed, s.project.settings.train.seed));
    add("data", text("{} recordings", s.dataset.clips.size()));
    add("diversity", diversity_of(s.dataset));
    add("model", s.scores.value("model_sha256", ""));
    add("kernels", text("{} kernels, set {}", manifest.kernels.size(), manifest.set_hash));
    add("firmware", hash_bytes(s.firmware));
    add("machine", s.history.value("instruction_set", ""));
    data.next_steps = next_steps(s);
}

}  // namespace jatai
