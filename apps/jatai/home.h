// home.h: where the program's own files lie, found from the program itself so that its folder can be moved.
//
//     load_board("nano33ble", home().boards);
//
// In a build tree and in a bundle alike: <folder of the program>/share/... beside or above it.
#pragma once

#include "src/base/bytes.h"

namespace jatai {

struct Home {
    fs::path share;     // locale/, firmware/, examples/
    fs::path boards;    // one folder per board id
    fs::path firmware;  // firmware built beforehand: <board>/<application>.elf
    fs::path sources;   // device/ and boards/ sources for cross builds; empty when not shipped
};

const Home& home();

}  // namespace jatai
