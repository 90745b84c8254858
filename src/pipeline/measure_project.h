// measure_project.h: what a project's model is worth, measured on this computer and on the simulated chip.
//
//     const Measured m = measure_project(project, dataset, features, package, runner, progress);
//     m.splits.at(Split::Test).chip_right;  m.host_hash == m.chip_hash;
//
// The int8 model answers every clip of unseen voices and accents twice: by the device's kernels here, and by
// machine code on the simulated chip. The outputs must be equal to the last bit, and their hashes say whether
// they are.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/features/feature_set.h"
#include "src/pipeline/board_run.h"
#include "src/pipeline/false_accepts.h"
#include "src/pipeline/project.h"

namespace jatai {

struct MeasuredClip {
    std::uint32_t index = 0;  // in the FeatureSet, and so in the data set
    std::uint16_t answer = 0;
    double probability = 0;  // of the answer
};

struct MeasuredSplit {
    std::vector<MeasuredClip> clips;  // by the host
    std::size_t host_right = 0;
    std::size_t chip_right = 0;
};

struct Measured {
    Bytes questions;                        // the features asked about, back to back
    std::map<Split, MeasuredSplit> splits;  // Test, TestAccents
    std::string host_hash, chip_hash;       // SHA-256 of all outputs
    std::size_t samples = 0;
    SampleCost first;  // modelled cost of the first inference
    std::uint32_t stack_bytes = 0;
    FalseAlarms alarms;
};

Measured measure_project(const Project& project, const Dataset& dataset, const FeatureSet& features,
                         ByteView package, const BoardRunner& runner, const Progress& progress = {});

}  // namespace jatai
