// measure_main.cpp: any model, measured on the board itself, as a firmware that takes its package later.
#include "boards/nano33ble/port.h"
#include "device/apps/measure.h"
#include "device/apps/package_words.h"
#include "device/manifest.h"

extern "C" {
extern uint8_t __arena_start[], __arena_end[];
int main();
}

namespace {

jatai::MeasureApp app;
constexpr uint32_t kPauseUs = 1000000;  // between two runs: a line a second is read with ease

[[noreturn]] void refuse(const jatai::Port& port, jatai::Status status) {
    jatai::TextLine line;
    line.add("refused ").add_number(static_cast<uint8_t>(status)).add(": ").add(jatai::words_for(status));
    line.add(" (record ").add_number(app.refused_record()).add(")");
    jatai::send(port, line);
    for (;;) jatai::blink_number(port, static_cast<uint8_t>(status));
}

}  // namespace

int main() {
    using namespace jatai;
    const Port& port = start_nano33ble();
    const Manifest& manifest = linked_manifest();
    introduce(port, manifest, "measure");
    const uint32_t memory_bytes = static_cast<uint32_t>(__arena_end - __arena_start);
    const Status status = app.open(port, manifest.package_start, manifest.package_bytes(), __arena_start,
                                   memory_bytes, linked_kernels());
    if (status != Status::Ok) refuse(port, status);
    describe_model(port, app.engine(), memory_bytes);
    for (;;) {
        port.set_lights(port.context, kLightGreen);
        app.step();
        port.set_lights(port.context, 0);
        port.pause_us(port.context, kPauseUs);
    }
}
