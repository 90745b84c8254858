// calibrate.h: the ranges of activations, from what a trained network does on real features.
//
//     calibrate(fit, model, clips, {Calibration::Percentile, 0.9999f});     // fills the ranges in
//     model.state
//
// Average: the mean over batches of the lowest and highest value. Percentile: two passes; the narrowest range
// that leaves out at most 1 - percentile of the values at either end (to 1/2048 of the full range).
#pragma once

#include "src/train/fit.h"

namespace jatai::train {

enum class Calibration : std::uint8_t { Average, Percentile };

struct CalibrationSettings {
    Calibration kind = Calibration::Average;
    float percentile = 0.9999f;
};

// Needs: fit.network() is quantised.
void calibrate(Fit& fit, Model& model, const std::vector<std::size_t>& clips,
               const CalibrationSettings& settings);

}  // namespace jatai::train
