// wav.h: WAV files in and out.
//
//     Recording r = read_wav("yes.wav");           // any rate, any channels -> 16 kHz mono int16
//     for (auto& note : r.notes) ...               // "yes.wav: 44100 Hz stereo, made 16000 Hz mono"
//     write_wav("out.wav", samples);
//
// Reads PCM of 8, 16, 24 and 32 bits and IEEE float of 32 and 64 bits, plain or extensible.
// Fails with Error: missing, empty, truncated, not a WAV, another encoding, no sound, too long.
// Trust: parse_wav() takes bytes from outside; every offset is checked (tests/fuzz/wav_fuzz.cpp).
#pragma once

#include <string>
#include <vector>

#include "src/data/dataset.h"

namespace jatai {

struct Recording {
    Samples samples;                 // 16 kHz mono
    std::vector<std::string> notes;  // what was converted
};

constexpr double kMaxRecordingSeconds = 4 * 3600;

// `place` names the bytes in errors and notes.
Recording parse_wav(ByteView bytes, const std::string& place);
Recording read_wav(const fs::path& path);

// A 16-bit mono WAV file as bytes.
Bytes make_wav(std::span<const std::int16_t> samples, int rate_hz = kSampleRateHz);
void write_wav(const fs::path& path, std::span<const std::int16_t> samples, int rate_hz = kSampleRateHz);

// Band-limited change of rate (libsamplerate, sinc). Cost: about 60 ns per output sample.
std::vector<float> resample(std::span<const float> samples, double from_hz, double to_hz);

// Rounds to int16, clamping; 1.0 is full scale.
Samples to_int16(std::span<const float> samples);

}  // namespace jatai
