// mel_image.h: a sound as a picture, for people to look at.
//
//     FeatureImage picture = draw_mel_image(sound, 4096);
//
// A log-mel spectrogram in floating point: what the eye needs, not what the chip computes (that is
// device/features, and travels in ReportData when it is to be shown).
// Cost: about 1 ms per second of sound.
#pragma once

#include "src/report/report_data.h"

namespace jatai::page {

// 48 mel bands from 60 Hz to 7.6 kHz (or what the rate holds), 32 ms windows every 10 ms or further apart so
// that there are at most `max_frames` columns. 255 is the loudest (or 30 dB
// below full scale, when all is quieter), 0 is 60 dB below. Empty sound: 0 frames.
FeatureImage draw_mel_image(const Sound& sound, int max_frames);

// The outline of a waveform: for each of `columns` equal stretches its lowest and highest sample, as 0..255
// around 128, two bytes per column.
std::vector<std::uint8_t> draw_outline(const Sound& sound, int columns);

}  // namespace jatai::page
