// assets.h: the files that the page is built around, kept inside the program.
//
//     page += page_css();
//
// Memory: read-only, as long as the program.
#pragma once

#include <string_view>

namespace jatai::page {

std::string_view page_css();   // src/report/page.css
std::string_view page_js();    // src/report/page.js
std::string_view board_svg();  // docs/pictures/board-lit.svg

}  // namespace jatai::page
