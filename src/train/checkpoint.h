// checkpoint.h: everything needed to go on training, in one file.
//
//     save_checkpoint("build/train.jck", checkpoint);                      // whole or not at all
//     std::optional<Checkpoint> last = load_checkpoint(path, fingerprint);   // of the same features and
//     settings
//
// Layout: "JTCK", version, length of the JSON header (uint32 each), header, arrays of float32 in its order.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/train/fit.h"

namespace jatai::train {

struct Checkpoint {
    std::string fingerprint;  // of features and settings
    std::string phase;        // "float", "int8"
    nlohmann::json history;
    Model float_model;  // what the int8 phase began from
    FitState state;
};

void save_checkpoint(const fs::path& path, const Checkpoint& checkpoint);

// Nothing when the file does not exist or belongs to other features or settings: training begins anew.
// Fails with Error when the file is damaged.
std::optional<Checkpoint> load_checkpoint(const fs::path& path, const std::string& fingerprint);

}  // namespace jatai::train
