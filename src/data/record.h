// record.h: the computer's microphone (ALSA).
//
//     Samples yes = record(2.0, "default");        // seconds of 16 kHz mono
//     for (auto& name : list_microphones()) ...
//
// Fails with Error when there is no microphone, it is busy or it stops; the hint says what to do.
#pragma once

#include "src/data/dataset.h"

namespace jatai {

Samples record(double seconds, const std::string& device = "default", const Progress& progress = {});
std::vector<std::string> list_microphones();

}  // namespace jatai
