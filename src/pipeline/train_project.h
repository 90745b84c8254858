// train_project.h: a project's recordings to its model.
//
//     const Trained trained = train_project(project, progress, &stop);
//     if (trained.finished) ...                            // model/model.tflite and what is beside it
//
// Writes model/model.tflite (int8, with its labels and its front end as metadata), model/front_end.json,
// model/history.json, model/scores.json, features/features.jft. Interrupted, it leaves model/checkpoint.bin
// and goes on from there. Fails with Error when there is no data set, or it cannot be learned from.
#pragma once

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>

#include "src/base/progress.h"
#include "src/pipeline/project.h"
#include "src/train/train.h"

namespace jatai {

struct Trained {
    bool finished = false;
    bool resumed = false;
    nlohmann::json scores;   // as model/scores.json
    nlohmann::json history;  // as model/history.json
    std::string sha256;      // of model.tflite
};

Trained train_project(const Project& project, const Progress& progress = {},
                      const std::atomic<bool>* stop = nullptr);

// The same network on these features in a few passes, quantised without training: to be tried, not kept.
Graph train_quickly(const Project& project, const FeatureSet& features, std::uint32_t epochs,
                    const Progress& progress = {});

// The front end the model was trained with. Fails with Error before the first training.
FeaturePipeline front_end_of(const Project& project);

}  // namespace jatai
