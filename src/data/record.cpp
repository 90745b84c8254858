#include "src/data/record.h"

#include <alsa/asoundlib.h>

#include <cerrno>
#include <memory>

#include "src/base/error.h"

namespace jatai {
namespace {

struct Close {
    void operator()(snd_pcm_t* pcm) const { snd_pcm_close(pcm); }
};

// ALSA prints its own complaints to stderr; a library does not print.
void stay_silent(const char*, int, const char*, int, const char*, ...) {}

[[noreturn]] void fail(const std::string& device, int error) {
    if (error == -EBUSY) {
        throw Error{text("microphone {}: busy, another program has it", device),
                    text("close the other program and try again")};
    }
    if (error == -ENOENT || error == -ENODEV || error == -ENXIO || error == -ECONNREFUSED) {
        throw Error{
            text("microphone {}: not found", device),
            text("plug one in and try again, or record with any program and import the WAVs: jatai data "
                 "import FOLDER")};
    }
    throw Error{text("microphone {}: {}", device, snd_strerror(error)),
                text("try another device: jatai data record --device hw:0")};
}

}  // namespace

Samples record(double seconds, const std::string& device, const Progress& progress) {
    if (!(seconds > 0 && seconds <= 3600)) {
        throw Error{text("{} s to record, expected more than 0 and at most 3600", seconds)};
    }
    snd_lib_error_set_handler(stay_silent);
    snd_pcm_t* opened = nullptr;
    int error = snd_pcm_open(&opened, device.c_str(), SND_PCM_STREAM_CAPTURE, 0);
    if (error < 0) fail(device, error);
    const std::unique_ptr<snd_pcm_t, Close> pcm(opened);
    constexpr unsigned kLatencyUs = 100000;
    constexpr int kMayResample = 1;
    error = snd_pcm_set_params(opened, SND_PCM_FORMAT_S16_LE, SND_PCM_ACCESS_RW_INTERLEAVED, 1, kSampleRateHz,
                               kMayResample, kLatencyUs);
    if (error < 0) fail(device, error);
    Samples samples(static_cast<std::size_t>(seconds * kSampleRateHz));
    for (std::size_t done = 0; done < samples.size();) {
        const std::size_t want = std::min<std::size_t>(samples.size() - done, kSampleRateHz / 10);
        const snd_pcm_sframes_t n = snd_pcm_readi(opened, samples.data() + done, want);
        if (n < 0) {
            // An overrun or a suspend is mended once; what cannot be mended is the user's to know.
            error = snd_pcm_recover(opened, static_cast<int>(n), 1);
            if (error < 0) fail(device, error);
            continue;
        }
        done += static_cast<std::size_t>(n);
        report(progress, done, samples.size(), text("recording"));
    }
    return samples;
}

std::vector<std::string> list_microphones() {
    snd_lib_error_set_handler(stay_silent);
    void** hints = nullptr;
    std::vector<std::string> names;
    if (snd_device_name_hint(-1, "pcm", &hints) < 0) return names;
    for (void** hint = hints; *hint != nullptr; ++hint) {
        const std::unique_ptr<char, decltype(&free)> name(snd_device_name_get_hint(*hint, "NAME"), free);
        const std::unique_ptr<char, decltype(&free)> direction(snd_device_name_get_hint(*hint, "IOID"), free);
        // No direction means both.
        if (name && (!direction || std::string_view(direction.get()) == "Input"))
            names.emplace_back(name.get());
    }
    snd_device_name_free_hint(hints);
    return names;
}

}  // namespace jatai
