#include "src/data/wav.h"

#include <samplerate.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/base/error.h"

namespace jatai {
namespace {

constexpr std::uint16_t kPcm = 1, kFloat = 3, kExtensible = 0xFFFE;

struct Format {
    std::uint16_t encoding = 0;
    std::uint16_t channels = 0;
    std::uint32_t rate_hz = 0;
    std::uint16_t bits = 0;
    std::size_t frame_bytes() const { return std::size_t(channels) * (bits / 8u); }
};

template <typename T>
T read_little(const std::uint8_t* p) {
    T value;
    std::memcpy(&value, p, sizeof value);
    return value;
}

bool starts(ByteView bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

std::string guess_kind(ByteView bytes) {
    if (starts(bytes, "fLaC")) return "FLAC";
    if (starts(bytes, "OggS")) return "Ogg";
    if (starts(bytes, "ID3") || starts(bytes, "\xFF\xFB")) return "MP3";
    if (starts(bytes, "FORM")) return "AIFF";
    if (bytes.size() > 8 && starts(bytes.subspan(4), "ftyp")) return "MP4";
    return "";
}

std::string encoding_name(std::uint16_t encoding) {
    switch (encoding) {
        case 2:
            return "Microsoft ADPCM";
        case 6:
            return "A-law";
        case 7:
            return "mu-law";
        case 0x11:
            return "IMA ADPCM";
        case 0x31:
            return "GSM";
        case 0x55:
            return "MP3";
        default:
            return fmt::format("0x{:04X}", encoding);
    }
}

void check_magic(ByteView bytes, const std::string& place) {
    if (bytes.empty()) {
        throw Error{text("{}: empty, expected a WAV file", place), text("record it again")};
    }
    if (bytes.size() >= 12 && starts(bytes, "RIFF") && starts(bytes.subspan(8), "WAVE")) return;
    const std::string kind = guess_kind(bytes);
    const std::string hint = text("convert it first: ffmpeg -i INPUT -ar 16000 -ac 1 OUTPUT.wav");
    if (!kind.empty()) throw Error{text("{}: {}, expected a WAV file", place, kind), hint};
    if (starts(bytes, "RIFF")) {
        throw Error{text("{}: truncated: {} bytes, expected at least a header of 44", place, bytes.size()),
                    text("copy or record it again")};
    }
    throw Error{text("{}: not a WAV file: it does not start with RIFF", place), hint};
}

Format parse_format(ByteView chunk, const std::string& place) {
    if (chunk.size() < 16) {
        throw Error{text("{}: format chunk of {} bytes, expected 16 or more", place, chunk.size()),
                    text("the file is damaged; copy or record it again")};
    }
    Format format{read_little<std::uint16_t>(chunk.data()), read_little<std::uint16_t>(chunk.data() + 2),
                  read_little<std::uint32_t>(chunk.data() + 4),
                  read_little<std::uint16_t>(chunk.data() + 14)};
    if (format.encoding == kExtensible && chunk.size() >= 26) {
        format.encoding = read_little<std::uint16_t>(chunk.data() + 24);
    }
    if (format.encoding != kPcm && format.encoding != kFloat) {
        throw Error{text("{}: {} encoding, expected PCM or float", place, encoding_name(format.encoding)),
                    text("convert it first: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav")};
    }
    const bool known_bits = format.encoding == kPcm ? format.bits == 8 || format.bits == 16 ||
                                                          format.bits == 24 || format.bits == 32
                                                    : format.bits == 32 || format.bits == 64;
    if (!known_bits) {
        throw Error{text("{}: {} bits per sample, expected 8, 16, 24 or 32", place, format.bits),
                    text("convert it first: ffmpeg -i INPUT -c:a pcm_s16le OUTPUT.wav")};
    }
    if (format.channels < 1 || format.channels > 32 || format.rate_hz < 2000 || format.rate_hz > 768000) {
        throw Error{text("{}: {} channels at {} Hz, expected 1 to 32 channels at 2000 to 768000 Hz", place,
                         format.channels, format.rate_hz),
                    text("the file is damaged; copy or record it again")};
    }
    return format;
}

float sample_at(const std::uint8_t* p, const Format& format) {
    if (format.encoding == kFloat) {
        const double value = format.bits == 32 ? double(read_little<float>(p)) : read_little<double>(p);
        return std::isfinite(value) ? static_cast<float>(std::clamp(value, -8.0, 8.0)) : 0.0f;
    }
    switch (format.bits) {
        case 8:
            return static_cast<float>(int(*p) - 128) / 128.0f;
        case 16:
            return static_cast<float>(read_little<std::int16_t>(p)) / 32768.0f;
        case 24: {
            const std::uint32_t raw =
                std::uint32_t(p[0]) << 8 | std::uint32_t(p[1]) << 16 | std::uint32_t(p[2]) << 24;
            return static_cast<float>(static_cast<std::int32_t>(raw)) / 2147483648.0f;
        }
        default:
            return static_cast<float>(read_little<std::int32_t>(p)) / 2147483648.0f;
    }
}

std::vector<float> mix_down(ByteView data, const Format& format) {
    const std::size_t frames = data.size() / format.frame_bytes();
    std::vector<float> mono(frames);
    const std::uint8_t* p = data.data();
    for (float& value : mono) {
        float sum = 0;
        for (int channel = 0; channel < format.channels; ++channel, p += format.bits / 8)
            sum += sample_at(p, format);
        value = sum / static_cast<float>(format.channels);
    }
    return mono;
}

// The format and the bytes of sound, every size checked.
std::pair<Format, ByteView> find_sound(ByteView bytes, const std::string& place) {
    Format format;
    for (std::size_t at = 12; at + 8 <= bytes.size();) {
        const ByteView id = bytes.subspan(at, 4);
        const std::uint32_t size = read_little<std::uint32_t>(bytes.data() + at + 4);
        const ByteView rest = bytes.subspan(at + 8);
        if (starts(id, "fmt ")) {
            if (size > rest.size()) break;
            format = parse_format(rest.first(size), place);
        } else if (starts(id, "data")) {
            if (format.channels == 0) {
                throw Error{text("{}: sound before its format, expected a format chunk first", place),
                            text("the file is damaged; copy or record it again")};
            }
            // Programs that write to a pipe do not know the length and claim about 2 or 4 GB: all that
            // follows.
            const bool unknown_length = size >= 0x7FFFF000u;
            if (!unknown_length && size > rest.size()) {
                throw Error{text("{}: truncated: {} bytes of sound, the header promises {}", place,
                                 rest.size(), size),
                            text("copy or record it again")};
            }
            return {format, rest.first(std::min<std::size_t>(size, rest.size()))};
        }
        if (size > rest.size()) break;
        at += 8 + std::size_t(size) + (size & 1u);
    }
    throw Error{text("{}: truncated: no sound data found", place), text("copy or record it again")};
}

}  // namespace

std::vector<float> resample(std::span<const float> samples, double from_hz, double to_hz) {
    const double ratio = to_hz / from_hz;
    std::vector<float> result(static_cast<std::size_t>(std::ceil(double(samples.size()) * ratio)));
    SRC_DATA job{};
    job.data_in = samples.data();
    job.input_frames = static_cast<long>(samples.size());
    job.data_out = result.data();
    job.output_frames = static_cast<long>(result.size());
    job.src_ratio = ratio;
    CHECK(src_simple(&job, SRC_SINC_FASTEST, 1) == 0);
    result.resize(static_cast<std::size_t>(job.output_frames_gen));
    return result;
}

Samples to_int16(std::span<const float> samples) {
    Samples result(samples.size());
    std::transform(samples.begin(), samples.end(), result.begin(), [](float x) {
        return static_cast<std::int16_t>(std::lrintf(std::clamp(x * 32768.0f, -32768.0f, 32767.0f)));
    });
    return result;
}

Recording parse_wav(ByteView bytes, const std::string& place) {
    check_magic(bytes, place);
    const auto [format, data] = find_sound(bytes, place);
    const std::size_t frames = data.size() / format.frame_bytes();
    if (frames == 0) throw Error{text("{}: no sound, expected samples", place), text("record it again")};
    if (double(frames) / format.rate_hz > kMaxRecordingSeconds) {
        throw Error{text("{}: longer than {} hours", place, kMaxRecordingSeconds / 3600),
                    text("cut it into shorter files")};
    }
    Recording recording;
    const bool plain = format.encoding == kPcm && format.bits == 16 && format.channels == 1;
    if (plain && format.rate_hz == std::uint32_t(kSampleRateHz)) {
        recording.samples.resize(frames);
        std::memcpy(recording.samples.data(), data.data(), frames * 2);
        return recording;
    }
    std::vector<float> mono = mix_down(data, format);
    if (format.rate_hz != std::uint32_t(kSampleRateHz)) mono = resample(mono, format.rate_hz, kSampleRateHz);
    recording.samples = to_int16(mono);
    if (format.channels > 1 || format.rate_hz != std::uint32_t(kSampleRateHz)) {
        recording.notes.push_back(
            text("{}: {} Hz, {} channels: made 16000 Hz mono", place, format.rate_hz, format.channels));
    } else {
        recording.notes.push_back(text("{}: {} bits {}: made 16-bit", place, format.bits,
                                       format.encoding == kFloat ? "float" : "PCM"));
    }
    if (recording.samples.empty())
        throw Error{text("{}: no sound, expected samples", place), text("record it again")};
    return recording;
}

Recording read_wav(const fs::path& path) { return parse_wav(read_file(path), path.string()); }

Bytes make_wav(std::span<const std::int16_t> samples, int rate_hz) {
    const auto data_bytes = static_cast<std::uint32_t>(samples.size_bytes());
    Bytes bytes(44 + samples.size_bytes());
    const auto put32 = [&](std::size_t at, std::uint32_t x) { std::memcpy(bytes.data() + at, &x, 4); };
    const auto put16 = [&](std::size_t at, std::uint16_t x) { std::memcpy(bytes.data() + at, &x, 2); };
    std::memcpy(bytes.data(), "RIFF", 4);
    put32(4, 36 + data_bytes);
    std::memcpy(bytes.data() + 8, "WAVEfmt ", 8);
    put32(16, 16);
    put16(20, kPcm);
    put16(22, 1);
    put32(24, static_cast<std::uint32_t>(rate_hz));
    put32(28, static_cast<std::uint32_t>(rate_hz) * 2);
    put16(32, 2);
    put16(34, 16);
    std::memcpy(bytes.data() + 36, "data", 4);
    put32(40, data_bytes);
    if (!samples.empty()) std::memcpy(bytes.data() + 44, samples.data(), samples.size_bytes());
    return bytes;
}

void write_wav(const fs::path& path, std::span<const std::int16_t> samples, int rate_hz) {
    write_file(path, make_wav(samples, rate_hz));
}

}  // namespace jatai
