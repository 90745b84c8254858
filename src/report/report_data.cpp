// report_data.cpp: ReportData as JSON. The keys are the names of the fields.
#include "src/report/report_data.h"

#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/report/encode.h"

namespace nlohmann {

template <typename T>
struct adl_serializer<std::optional<T>> {
    static void to_json(json& j, const std::optional<T>& value) { j = value ? json(*value) : json(nullptr); }
    static void from_json(const json& j, std::optional<T>& value) {
        value = j.is_null() ? std::nullopt : std::optional<T>(j.get<T>());
    }
};

}  // namespace nlohmann

namespace jatai::page {
namespace {

using Json = nlohmann::json;

ByteView as_bytes(const std::vector<std::uint8_t>& values) { return {values.data(), values.size()}; }

}  // namespace

void to_json(Json& j, const Sound& sound) {
    Bytes bytes;
    bytes.reserve(sound.samples.size() * 2);
    for (const std::int16_t sample : sound.samples) {
        bytes.push_back(static_cast<std::uint8_t>(sample & 0xFF));
        bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint16_t>(sample) >> 8));
    }
    j = Json{{"rate_hz", sound.rate_hz}, {"samples", to_base64(as_bytes(bytes))}};
}

void from_json(const Json& j, Sound& sound) {
    sound.rate_hz = j.value("rate_hz", 16000);
    const Bytes bytes = from_base64(j.value("samples", std::string()));
    sound.samples.clear();
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2)
        sound.samples.push_back(static_cast<std::int16_t>(bytes[i] | bytes[i + 1] << 8));
}

void to_json(Json& j, const FeatureImage& image) {
    j = Json{{"frames", image.frames}, {"bins", image.bins}, {"values", to_base64(as_bytes(image.values))}};
}

void from_json(const Json& j, FeatureImage& image) {
    image.frames = j.value("frames", 0);
    image.bins = j.value("bins", 0);
    image.values = from_base64(j.value("values", std::string()));
}

void to_json(Json& j, Verdict verdict) { j = verdict == Verdict::Right ? "right" : "wrong"; }

void from_json(const Json& j, Verdict& verdict) {
    verdict = j.get<std::string>() == "right" ? Verdict::Right : Verdict::Wrong;
}

#define JATAI_FIELDS NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT
JATAI_FIELDS(Band, value, low, high)
JATAI_FIELDS(BoardFacts, id, name, chip)
JATAI_FIELDS(Summary, inferences_per_second, cpu_load, missed_deadlines, lost_samples, inference_ms,
             inference_uj, average_mw, battery_hours, battery)
JATAI_FIELDS(Word, label, start_s, end_s, voice)
JATAI_FIELDS(LedSpan, label, color, start_s, end_s)
JATAI_FIELDS(Scores, labels, times_s, values, threshold)
JATAI_FIELDS(Detection, time_s, label, score, verdict, delay_ms)
JATAI_FIELDS(Track, sound, words, leds, scores, detections, missed)
JATAI_FIELDS(GroupResult, name, right, n)
JATAI_FIELDS(Split, name, n, float_right, int8_right, chip_right, chip_n, groups)
JATAI_FIELDS(Confusion, split, labels, counts)
JATAI_FIELDS(FalseAccepts, count, hours, where, sound)
JATAI_FIELDS(Mistake, truth, predicted, score, group, sound, features)
JATAI_FIELDS(Example, label, group, sound, features)
JATAI_FIELDS(Epoch, epoch, loss, val_loss, accuracy, val_accuracy)
JATAI_FIELDS(LayerCost, name, op, macs, cycles, output_shape)
JATAI_FIELDS(ArenaTensor, name, offset, bytes, first, last)
JATAI_FIELDS(Arena, bytes, steps, tensors)
JATAI_FIELDS(MemoryPart, name, bytes)
JATAI_FIELDS(Memory, parts, limit_bytes)
JATAI_FIELDS(Hashes, what, host, chip, qemu_command)
JATAI_FIELDS(Fact, key, value)
JATAI_FIELDS(NextStep, what, command)
JATAI_FIELDS(ReportData, title, subtitle, board, summary, track, splits, confusions, false_accepts, mistakes,
             examples, history, layers, arena, ram, flash, hashes, lineage, next_steps)
#undef JATAI_FIELDS

std::string to_json_text(const ReportData& data) {
    verify_report(data);
    return Json(data).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

ReportData read_report(std::string_view json, std::string_view name) {
    ReportData data;
    try {
        data = Json::parse(json).get<ReportData>();
    } catch (const Json::exception& broken) {
        throw Error{text("{}: not a report: {}", name, broken.what()),
                    text("make it again with `jatai report`")};
    }
    verify_report(data);
    return data;
}

}  // namespace jatai::page
