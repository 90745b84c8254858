#include "src/report/encode.h"

#include <array>

#include "src/base/error.h"

namespace jatai::page {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::array<signed char, 256> make_inverse() {
    std::array<signed char, 256> inverse;
    inverse.fill(-1);
    for (int i = 0; i < 64; ++i)
        inverse[static_cast<unsigned char>(kAlphabet[i])] = static_cast<signed char>(i);
    return inverse;
}

void put_little_endian(Bytes& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void put_tag(Bytes& out, std::string_view tag) {
    for (const char c : tag) out.push_back(static_cast<std::uint8_t>(c));
}

}  // namespace

std::string to_base64(ByteView bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = bytes.size() - i;
        const std::uint32_t triple = static_cast<std::uint32_t>(bytes[i]) << 16 |
                                     (left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0u) |
                                     (left > 2 ? bytes[i + 2] : 0u);
        out += kAlphabet[triple >> 18];
        out += kAlphabet[triple >> 12 & 63];
        out += left > 1 ? kAlphabet[triple >> 6 & 63] : '=';
        out += left > 2 ? kAlphabet[triple & 63] : '=';
    }
    return out;
}

Bytes from_base64(std::string_view encoded) {
    static const std::array<signed char, 256> inverse = make_inverse();
    const auto refuse = [&](std::size_t at) {
        throw Error{text("base64: character {} of {} does not fit", at + 1, encoded.size()),
                    text("the file was changed or cut; make it again")};
    };
    if (encoded.size() % 4 != 0) refuse(encoded.size());
    std::size_t padding = 0;
    while (padding < 2 && padding < encoded.size() && encoded[encoded.size() - 1 - padding] == '=') ++padding;
    Bytes out;
    out.reserve(encoded.size() / 4 * 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < encoded.size() - padding; ++i) {
        const int value = inverse[static_cast<unsigned char>(encoded[i])];
        if (value < 0) refuse(i);
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        if (i % 4 != 0) out.push_back(static_cast<std::uint8_t>(bits >> (6 - 2 * (i % 4))));
    }
    return out;
}

std::string data_uri(std::string_view type, ByteView bytes) {
    return "data:" + std::string(type) + ";base64," + to_base64(bytes);
}

Bytes wav_bytes(const Sound& sound) {
    const auto data_bytes = static_cast<std::uint32_t>(sound.samples.size() * 2);
    const auto rate = static_cast<std::uint32_t>(sound.rate_hz);
    Bytes out;
    out.reserve(44 + data_bytes);
    put_tag(out, "RIFF");
    put_little_endian(out, 36 + data_bytes, 4);
    put_tag(out, "WAVEfmt ");
    put_little_endian(out, 16, 4);        // size of the format chunk
    put_little_endian(out, 1, 2);         // PCM
    put_little_endian(out, 1, 2);         // one channel
    put_little_endian(out, rate, 4);      // samples per second
    put_little_endian(out, rate * 2, 4);  // bytes per second
    put_little_endian(out, 2, 2);         // bytes per sample of all channels
    put_little_endian(out, 16, 2);        // bits
    put_tag(out, "data");
    put_little_endian(out, data_bytes, 4);
    for (const std::int16_t sample : sound.samples)
        put_little_endian(out, static_cast<std::uint16_t>(sample), 2);
    return out;
}

std::string escape(std::string_view plain) {
    std::string out;
    out.reserve(plain.size() + 16);
    for (const char c : plain) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
        }
    }
    return out;
}

std::string shorten(std::string_view utf8, std::size_t letters) {
    std::size_t seen = 0, end = 0;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        if ((utf8[i] & 0xC0) == 0x80) continue;  // inside a letter
        if (seen + 1 == letters) end = i;
        if (++seen > letters) return std::string(utf8.substr(0, end)) + "…";
    }
    return std::string(utf8);
}

std::string escape_script_json(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    for (const char c : json) {
        if (c == '<')
            out += "\\u003c";
        else
            out += c;
    }
    return out;
}

}  // namespace jatai::page
