#include "src/train/lineage.h"

#include <nlohmann/json.hpp>

#include "src/train/kernels/vector_kernels.h"

namespace jatai::train {
namespace {

// Changes whenever the same configuration and features would give other bytes.
constexpr const char* kEngine = "jatai-train-1";

template <typename T>
void append(Bytes& bytes, const std::vector<T>& values) {
    const auto* raw = reinterpret_cast<const std::uint8_t*>(values.data());
    bytes.insert(bytes.end(), raw, raw + values.size() * sizeof(T));
}

std::string fingerprint_of(const Network& network, const FeatureSet& features, const TrainConfig& config) {
    const nlohmann::json what{{"engine", kEngine},         {"network", to_json(network.spec())},
                              {"config", to_json(config)}, {"labels", features.labels},
                              {"scale", features.scale},   {"zero_point", features.zero_point}};
    const std::string head = what.dump();
    Bytes bytes(head.begin(), head.end());
    append(bytes, features.x);
    append(bytes, features.y);
    append(bytes, features.split);
    return hash_bytes(bytes);
}

nlohmann::json augmentation_json(const FeatureAugmentation& a) {
    return {{"shift_frames", a.shift_frames},
            {"gain_steps", a.gain_steps},
            {"gain_coefficients", a.gain_coefficients},
            {"noise_steps", a.noise_steps},
            {"time_masks", a.time_masks},
            {"time_mask_frames", a.time_mask_frames},
            {"coefficient_masks", a.coefficient_masks},
            {"coefficient_mask_width", a.coefficient_mask_width}};
}

}  // namespace

nlohmann::json to_json(const TrainConfig& c) {
    return {
        {"seed", c.seed},
        {"epochs", c.epochs},
        {"batch_size", c.batch_size},
        {"shard_size", c.shard_size},
        {"initialisation", static_cast<int>(c.initialisation)},
        {"optimiser",
         {static_cast<int>(c.optimiser.kind), c.optimiser.momentum, c.optimiser.beta2, c.optimiser.epsilon,
          c.optimiser.weight_decay}},
        {"learning_rate", c.learning_rate},
        {"schedule", {static_cast<int>(c.schedule), c.warm_up_epochs, c.step_every_epochs, c.step_factor}},
        {"label_smoothing", c.label_smoothing},
        {"patience", c.patience},
        {"augmentation", c.augment ? augmentation_json(c.augmentation) : nlohmann::json()},
        {"qat_epochs", c.qat_epochs},
        {"qat_learning_rate", c.qat_learning_rate},
        {"calibration",
         {static_cast<int>(c.calibration.kind), c.calibration.percentile, c.calibration_samples}}};
}

History make_history(const Network& network, const FeatureSet& features, const TrainConfig& config) {
    History history;
    history.network = network.spec().name;
    history.instruction_set = vector_kernels().name;
    history.engine = kEngine;
    history.seed = config.seed;
    history.fingerprint = fingerprint_of(network, features, config);
    history.parameters = network.parameter_count();
    history.macs = network.macs();
    return history;
}

nlohmann::json epochs_to_json(const std::vector<EpochRecord>& epochs) {
    nlohmann::json out = nlohmann::json::array();
    for (const EpochRecord& e : epochs)
        out.push_back({{"phase", e.phase},
                       {"epoch", e.epoch},
                       {"learning_rate", e.learning_rate},
                       {"train_loss", e.train_loss},
                       {"train_accuracy", e.train_accuracy},
                       {"val_loss", e.val_loss},
                       {"val_accuracy", e.val_accuracy},
                       {"seconds", e.seconds}});
    return out;
}

std::vector<EpochRecord> epochs_from_json(const nlohmann::json& json) {
    std::vector<EpochRecord> epochs;
    for (const nlohmann::json& e : json)
        epochs.push_back({e.at("phase"), e.at("epoch"), e.at("learning_rate"), e.at("train_loss"),
                          e.at("train_accuracy"), e.at("val_loss"), e.at("val_accuracy"), e.at("seconds")});
    return epochs;
}

nlohmann::json to_json(const History& h) {
    return {{"network", h.network}, {"instruction_set", h.instruction_set}, {"engine", h.engine},
            {"seed", h.seed},       {"fingerprint", h.fingerprint},         {"parameters", h.parameters},
            {"macs", h.macs},       {"epochs", epochs_to_json(h.epochs)}};
}

std::string lineage(const History& h) {
    return nlohmann::json{{"engine", h.engine}, {"fingerprint", h.fingerprint}, {"seed", h.seed}}.dump();
}

}  // namespace jatai::train
