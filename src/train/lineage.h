// lineage.h: where a model comes from: features, configuration, seed and arithmetic, as hashes and JSON.
//
//     History history = make_history(network, features, config);
//     history.fingerprint            // equal exactly when training would give the same bytes
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/train/train.h"

namespace jatai::train {

// Everything in `config` that decides a byte of the result: not threads, not file names.
nlohmann::json to_json(const TrainConfig& config);

History make_history(const Network& network, const FeatureSet& features, const TrainConfig& config);

nlohmann::json epochs_to_json(const std::vector<EpochRecord>& epochs);
std::vector<EpochRecord> epochs_from_json(const nlohmann::json& json);

// One line of JSON for a model's metadata; the same for equal runs.
std::string lineage(const History& history);

}  // namespace jatai::train
