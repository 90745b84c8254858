// text_line.h: builds one line of text without a C library.
//
//     TextLine line;
//     line.add("busy ").add_fixed(431, 1).add(" %");        // "busy 43.1 %"
//     port.write(port.context, line.text(), line.bytes());
//
// Keeps: what does not fit is left out; the line never overflows, and end() always ends it.
#pragma once

#include <stdint.h>

namespace jatai {

class TextLine {
  public:
    TextLine& add(const char* text);
    TextLine& add_char(char c);
    TextLine& add_number(uint32_t value) { return add_fixed(value, 0); }
    // `value` counts units of 10^-decimals: add_fixed(1234, 3) writes 1.234.
    TextLine& add_fixed(uint32_t value, uint32_t decimals);
    TextLine& add_hex(uint8_t value);
    void end() { text_[bytes_++] = '\n'; }  // last of all

    const char* text() const { return text_; }
    uint32_t bytes() const { return bytes_; }

  private:
    static constexpr uint32_t kCapacity = 160;
    char text_[kCapacity + 1];
    uint32_t bytes_ = 0;
};

}  // namespace jatai
