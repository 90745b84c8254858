// keyword_main.cpp: the keyword application as a firmware that takes its package later.
#include "boards/nano33ble/port.h"
#include "device/apps/keyword.h"
#include "device/apps/keyword_words.h"
#include "device/apps/package_words.h"
#include "device/manifest.h"

extern "C" {
extern uint8_t __arena_start[], __arena_end[];
int main();
}

namespace {
jatai::KeywordApp app;
}

int main() {
    using namespace jatai;
    const Port& port = start_nano33ble();
    const Manifest& manifest = linked_manifest();
    introduce(port, manifest, "keyword");
    const Span memory = {__arena_start, static_cast<uint32_t>(__arena_end - __arena_start)};
    const ConstSpan package = {manifest.package_start, manifest.package_bytes()};
    KeywordStatus status = app.open(port, package, memory, linked_kernels());
    if (status == KeywordStatus::Ok) {
        describe_package(port, app);
        status = app.start();
    }
    if (status != KeywordStatus::Ok) {
        explain_refusal(port, app, status);
        for (;;) {
            blink_number(port, static_cast<uint8_t>(status));
        }
    }
    for (;;) {
        app.step();
    }
}
