#include "device/apps/text_line.h"

namespace jatai {

TextLine& TextLine::add(const char* text) {
    while (*text != '\0') {
        add_char(*text++);
    }
    return *this;
}

TextLine& TextLine::add_char(char c) {
    if (bytes_ < kCapacity) {
        text_[bytes_++] = c;
    }
    return *this;
}

TextLine& TextLine::add_fixed(uint32_t value, uint32_t decimals) {
    char digits[12];  // of 32 bits: 10, and the point
    uint32_t count = 0;
    uint32_t written = 0;
    do {
        if (written == decimals && decimals != 0) {
            digits[count++] = '.';
        }
        digits[count++] = static_cast<char>('0' + value % 10);
        value /= 10;
        ++written;
    } while (value != 0 || written <= decimals);
    while (count != 0) {
        add_char(digits[--count]);
    }
    return *this;
}

TextLine& TextLine::add_hex(uint8_t value) {
    const char* const digits = "0123456789abcdef";
    return add_char(digits[value >> 4]).add_char(digits[value & 15]);
}

}  // namespace jatai
