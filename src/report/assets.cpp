// The assembler takes the bytes as they are; its include path is the root of the tree.
#include "src/report/assets.h"

#define JATAI_ASSET(name, path)                                                                             \
    asm(".pushsection .rodata\n"                                                                            \
        ".hidden jatai_" #name "_begin\n.globl jatai_" #name                                                \
        "_begin\n"                                                                                          \
        "jatai_" #name "_begin:\n.incbin \"" path                                                           \
        "\"\n"                                                                                              \
        ".hidden jatai_" #name "_end\n.globl jatai_" #name                                                  \
        "_end\n"                                                                                            \
        "jatai_" #name "_end:\n.byte 0\n.popsection\n");                                                    \
    extern "C" __attribute__((visibility("hidden"))) const char jatai_##name##_begin[];                     \
    extern "C" __attribute__((visibility("hidden"))) const char jatai_##name##_end[];                       \
    std::string_view jatai::page::name() {                                                                  \
        return {jatai_##name##_begin, static_cast<std::size_t>(jatai_##name##_end - jatai_##name##_begin)}; \
    }

JATAI_ASSET(page_css, "src/report/page.css")
JATAI_ASSET(page_js, "src/report/page.js")
JATAI_ASSET(board_svg, "docs/pictures/board-lit.svg")
