#include "device/apps/measure.h"

#include "device/apps/package_words.h"

namespace jatai {
namespace {

constexpr uint32_t kStepsPerLine = 8;

// Bytes one element of the zero point takes, least first; a float's zero is all zeros.
void fill_zero_point(const TensorView& view) {
    const uint32_t width = size_of(view.type);
    const uint32_t zero = view.type == Type::Float32 ? 0 : static_cast<uint32_t>(view.zero_point);
    uint8_t* bytes = static_cast<uint8_t*>(view.data);
    for (uint32_t i = 0; i < view.bytes; ++i) {
        const uint32_t byte = i % width;
        bytes[i] = byte < 4 ? static_cast<uint8_t>(zero >> (8 * byte)) : 0;
    }
}

}  // namespace

Status MeasureApp::open(const Port& port, const void* package, uint32_t package_bytes, void* memory,
                        uint32_t memory_bytes, const KernelSet& kernels) {
    port_ = &port;
    runs_ = 0;
    return engine_.open(package, package_bytes, memory, memory_bytes, kernels);
}

void MeasureApp::before(void* self, uint32_t) {
    MeasureApp& app = *static_cast<MeasureApp*>(self);
    app.began_ = app.port_->cycles(app.port_->context);
}

void MeasureApp::after(void* self, uint32_t step) {
    MeasureApp& app = *static_cast<MeasureApp*>(self);
    if (step < kMaxMeasuredSteps) app.cycles_[step] = app.port_->cycles(app.port_->context) - app.began_;
}

void MeasureApp::fill_inputs() const {
    for (uint32_t i = 0; i < engine_.input_count(); ++i) fill_zero_point(engine_.input(i));
}

// FNV-1a of 32 bits over the bytes of every output, in order.
uint32_t MeasureApp::checksum() const {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < engine_.output_count(); ++i) {
        const TensorView view = engine_.output(i);
        const uint8_t* bytes = static_cast<const uint8_t*>(view.data);
        for (uint32_t k = 0; k < view.bytes; ++k) hash = (hash ^ bytes[k]) * 16777619u;
    }
    return hash;
}

void MeasureApp::step() {
    engine_.reset();
    fill_inputs();
    const StepHook hook = {before, after, this};
    const uint32_t start = port_->cycles(port_->context);
    if (runs_ == 0) {
        engine_.run(hook);
    } else {
        engine_.run();
    }
    const uint32_t cycles = port_->cycles(port_->context) - start;
    if (runs_++ == 0) {
        send_steps();
    } else {
        send_run(cycles);
    }
}

void MeasureApp::send_run(uint32_t cycles) const {
    TextLine line;
    line.add("run ").add_number(runs_ - 1).add(" cycles ").add_number(cycles).add(" output ");
    const uint32_t hash = checksum();
    for (uint32_t byte = 4; byte-- > 0;) line.add_hex(static_cast<uint8_t>(hash >> (8 * byte)));
    send(*port_, line);
}

void MeasureApp::send_steps() const {
    const uint32_t steps = engine_.header().steps.count;
    const uint32_t listed = steps < kMaxMeasuredSteps ? steps : kMaxMeasuredSteps;
    for (uint32_t i = 0; i < listed;) {
        TextLine line;
        line.add("steps ").add_number(i);
        for (uint32_t end = i + kStepsPerLine; i < end && i < listed; ++i)
            line.add_char(' ').add_number(cycles_[i]);
        send(*port_, line);
    }
}

}  // namespace jatai
