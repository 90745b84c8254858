// The assembler takes the files as they are; its include path is the root of the tree.
#include "src/fleet/page.h"

#define JATAI_FILE(name, path)                                                                               \
    asm(".pushsection .rodata\n.hidden studio_" #name "_begin\n.globl studio_" #name "_begin\nstudio_" #name \
        "_begin:\n.incbin \"" path "\"\n.hidden studio_" #name "_end\n.globl studio_" #name                  \
        "_end\nstudio_" #name "_end:\n.byte 0\n.popsection\n");                                              \
    extern "C" __attribute__((visibility("hidden"))) const char studio_##name##_begin[];                     \
    extern "C" __attribute__((visibility("hidden"))) const char studio_##name##_end[];

JATAI_FILE(html, "apps/studio/index.html")
JATAI_FILE(js, "apps/studio/built/page.js")
JATAI_FILE(css, "apps/studio/built/page.css")

namespace jatai::fleet {
namespace {

Reply file(const char* type, const char* begin, const char* end) {
    Reply reply;
    reply.type = type;
    reply.body.assign(begin, end);
    // Nothing from elsewhere, nothing inline, no frame around it. The key is in a header, not in a cookie: no
    // CSRF.
    reply.headers = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
         "trusted-types 'none'"},
        {"Cache-Control", "no-cache"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Opener-Policy", "same-origin"}};
    return reply;
}

}  // namespace

std::optional<Reply> page_file(const Request& request) {
    if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
    if (request.path == "/") return file("text/html; charset=utf-8", studio_html_begin, studio_html_end);
    if (request.path == "/page.js")
        return file("text/javascript; charset=utf-8", studio_js_begin, studio_js_end);
    if (request.path == "/page.css") return file("text/css; charset=utf-8", studio_css_begin, studio_css_end);
    return std::nullopt;
}

}  // namespace jatai::fleet
