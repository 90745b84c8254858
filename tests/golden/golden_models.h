// golden_models.h: the models whose right answers are known, read from the shared data.
//
//     for (const GoldenModel& model : golden_models()) { ... model.inputs(), model.outputs() ... }
#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct GoldenModel {
    std::string path;    // below the shared data, "models/tiny/kws_ref_model.tflite"
    std::string status;  // "ok n=3"

    static fs::path data() { return fs::path(JATAI_SHARED_DIR) / "data"; }
    fs::path golden(const char* end) const {
        return data() / "golden" / (path.substr(0, path.size() - std::string(".tflite").size()) + end);
    }
    Bytes file() const { return read_file(data() / path); }
    Bytes inputs() const { return read_file(golden(".in.bin")); }
    Bytes outputs() const { return read_file(golden(".out.bin")); }
};

// Those that TFLite Micro itself accepts, in the order of the index. Empty when the data is not here.
inline std::vector<GoldenModel> golden_models() {
    std::vector<GoldenModel> models;
    std::ifstream index(GoldenModel::data() / "golden" / "INDEX.tsv");
    for (std::string line; std::getline(index, line);) {
        std::istringstream fields(line);
        GoldenModel model;
        std::string group;
        std::getline(fields, model.path, '\t');
        std::getline(fields, group, '\t');
        std::getline(fields, model.status, '\t');
        if (model.status.starts_with("ok")) models.push_back(model);
    }
    return models;
}

// The four networks of MLPerf Tiny, by their short names.
struct TinyModel {
    const char* name;
    GoldenModel model;
};
inline std::vector<TinyModel> tiny_models() {
    return {{"kws", {"models/tiny/kws_ref_model.tflite", "ok"}},
            {"vww", {"models/tiny/vww_96_int8.tflite", "ok"}},
            {"ic", {"models/tiny/pretrainedResnet_quant.tflite", "ok"}},
            {"ad", {"models/tiny/model_ToyCar_quant_fullint_micro_intio.tflite", "ok"}}};
}

}  // namespace jatai
