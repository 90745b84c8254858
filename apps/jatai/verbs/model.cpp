// What is done with a model file: look at it, run it, change it, put it on a board.
#include "apps/jatai/verbs/verb.h"

namespace jatai {

void add_compile(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "compile", text("turn a model into a package, C++ and firmware for a board"),
                 "jatai compile model.tflite --board nano33ble -o build");
    auto o = bind_action(verb, shared, run_compile);
    verb->add_option("model", o->model, text("a .tflite or .onnx file, or a Jataí package"))->required();
    verb->add_option("--board", o->board, text("the board's id"))->required();
    verb->add_option("-o,--out", o->out, text("the folder to write"))->required();
    verb->add_option("--emit", o->emit, text("what to write: package,cpp,firmware,bench"))->delimiter(',');
    verb->add_option("--form", o->form,
                     text("firmware that holds a package, or C++ of the plan: package or cpp"));
    verb->add_option("--kernels", o->kernels, text("kernels linked into the firmware: used or all"));
    verb->add_option("--ram", o->ram,
                     text("bytes of RAM the arena may take: the first layers then run in bands of rows"));
    verb->add_flag("--explain", o->explain,
                   text("where every byte of RAM and flash went, and what the peak waits for"));
    verb->add_option("--without-pass", o->without_passes, text("leave out these passes of the compiler"))
        ->delimiter(',');
}

void add_export(CLI::App& app, Shared& shared) {
    CLI::App* verb = add_verb(
        app, "export", text("write a model as a library for Arduino, Zephyr, PlatformIO, ESP-IDF or CMake"),
        "jatai export model.tflite --for arduino -o my-model");
    auto o = bind_action(verb, shared, run_export);
    verb->add_option("model", o->model, text("a .tflite or .onnx file"))->required();
    verb->add_option("--for", o->target, text("whose library: arduino, zephyr, platformio, espidf or cmake"))
        ->required();
    verb->add_option("-o,--out", o->out, text("the folder to write"))->required();
    verb->add_option("--name", o->name,
                     text("name of the library and its namespace; without it: the model's"));
    verb->add_option("--library-version", o->library_version, text("version of the library: three numbers"));
    verb->add_option("--board", o->board, text("the board whose core it is made and weighed for"));
}

void add_run(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "run", text("run a model on raw inputs, on this computer or on a simulated board"),
                 "jatai run model.tflite --input in.bin --output out.bin --board nano33ble");
    auto o = bind_action(verb, shared, run_run);
    verb->add_option("model", o->model, text("a .tflite or .onnx file, or a Jataí package"))->required();
    verb->add_option("--input", o->input, text("samples back to back, raw little-endian"))->required();
    verb->add_option("--output", o->output, text("where the answers go, in the same form"))->required();
    verb->add_option("--board", o->board, text("simulate this board; without it: here, by the same kernels"));
}

void add_inspect(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "inspect", text("what a model is, what it costs, and on which boards it fits"),
                 "jatai inspect model.tflite --layers");
    auto o = bind_action(verb, shared, run_inspect);
    verb->add_option("model", o->model, text("a .tflite or .onnx file, or a Jataí package"))->required();
    verb->add_option("--boards", o->boards, text("all, or board ids parted by commas"));
    verb->add_option("--firmware", o->firmware, text("would this firmware file run it?"));
    verb->add_flag("--layers", o->layers, text("a row per layer, with the memory alive while it runs"));
}

void add_quantize(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "quantize", text("turn a float model into int8, by what it does with samples"),
                 "jatai quantize model.onnx --data calibration -o model_int8.tflite");
    auto o = bind_action(verb, shared, run_quantize);
    verb->add_option("model", o->model, text("a .tflite or .onnx file in float32"))->required();
    verb->add_option("--data", o->data, text("a folder of inputs: .npy or raw .bin files"))->required();
    verb->add_option("-o,--out", o->out, text("the .tflite file to write"));
    verb->add_option("--samples", o->samples, text("how many to use at most; 0: all"));
    verb->add_option("--calibration", o->calibration, text("ranges: minmax, percentile or mse"));
    verb->add_option("--io", o->io, text("type of inputs and outputs: float32 or int8"));
}

void add_diff(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "diff", text("two models on the same samples: where they part, layer by layer"),
                 "jatai diff float.tflite int8.tflite --data samples");
    auto o = bind_action(verb, shared, run_diff);
    verb->add_option("a", o->a, text("a .tflite or .onnx file"))->required();
    verb->add_option("b", o->b, text("another precision or version of it"))->required();
    verb->add_option("--data", o->data,
                     text("a folder of inputs: .npy, or raw .bin files as the first model takes them"))
        ->required();
}

void add_simulate(CLI::App& app, Shared& shared) {
    CLI::App* verb =
        add_verb(app, "simulate", text("run a firmware on a simulated board, and let it hear a recording"),
                 "jatai simulate build --board nano33ble --mic me.wav");
    auto o = bind_action(verb, shared, run_simulate);
    verb->add_option("firmware", o->firmware, text("an ELF file, or a folder that holds firmware.elf"))
        ->required();
    verb->add_option("--board", o->board, text("the board's id"))->required();
    verb->add_option("--mic", o->microphone, text("the recording its microphone hears"));
    verb->add_option("--seconds", o->seconds, text("how long, in the board's time"))
        ->check(seconds_within(0, 86400));
    verb->add_option("--trace", o->trace, text("write what happened, with times, to this file"));
    verb->add_option("--power-cut-at", o->power_cut_at,
                     text("lose power at this write or erase of flash, counted from 0, and start anew"));
    verb->add_option("--serial", o->serial, text("its serial line becomes a serial port of this name"));
    verb->add_option("--power-cut", o->power_cut, text("what the cut leaves: before, half-done or unstable"));
}

}  // namespace jatai
