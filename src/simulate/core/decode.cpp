#include "src/simulate/core/decode.h"

#include "src/simulate/core/decode_help.h"

namespace jatai::simulate {
namespace {

Op decode_wide_1(const Encoding& e) {  // 11101
    if (bit(e.h1, 10)) return decode_float(e);
    if (bit(e.h1, 9)) return decode_data_shifted(e);
    return bit(e.h1, 6) ? decode_dual_exclusive_table(e) : decode_load_store_multiple(e);
}

Op decode_wide_3(const Encoding& e) {  // 11111
    if (bit(e.h1, 10)) return decode_float(e);
    if (!bit(e.h1, 9)) return decode_load_store_single(e);
    return bit(e.h1, 8) ? decode_multiply(e) : decode_data_register(e);
}

}  // namespace

Op decode(const Encoding& e) {
    if (!is_wide(e.h1)) return decode_16(e);
    switch (bits(e.h1, 12, 11)) {
        case 1:
            return decode_wide_1(e);
        case 2:
            return bit(e.h2, 15) ? decode_branch_and_control(e) : decode_data_immediate(e);
        default:
            return decode_wide_3(e);
    }
}

}  // namespace jatai::simulate
