// qr.h: a picture that a phone's camera reads (QR code, ISO/IEC 18004): letters as bytes, error correction M.
//
//     Qr qr = make_qr("https://fleet.example:8443/enroll#code=…");
//     console.say(text_of(qr));                        // in a terminal
//     write_text("code.svg", svg_of(qr));
//
// Fails with  Error: more than 213 bytes (version 10).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jatai::fleet {

struct Qr {
    int size = 0;
    std::vector<bool> dark;  // size × size, row after row
    bool at(int x, int y) const { return dark[static_cast<std::size_t>(y * size + x)]; }
};

Qr make_qr(std::string_view text);

// Two rows a line, with a white border, on any background.
std::string text_of(const Qr& qr);
std::string svg_of(const Qr& qr);

}  // namespace jatai::fleet
