#include "apps/jatai/fleet_helpers.h"

#include <nlohmann/json.hpp>

#include "apps/jatai/home.h"
#include "apps/jatai/kernel_words.h"
#include "src/package/delta.h"
#include "src/package/scratch_folder.h"
#include "src/pipeline/compile_model.h"

namespace jatai {
namespace {

// A model's file of a kind that open_model tells by its name.
std::string name_of(std::string_view model) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(model.data());
    if (looks_like_package({begin, model.size()})) return "model.jpk";
    return model.size() > 8 && model.substr(4, 4) == "TFL3" ? "model.tflite" : "model.onnx";
}

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

fleet::Variant facts_of(const Compiled& compiled) {
    fleet::Variant variant;
    variant.precision = compiled.info.inputs.empty() ? "" : type_text(compiled.info.inputs[0].type);
    variant.form = "package";
    variant.kernels = kernel_words(compiled.info);
    variant.flash_bytes = compiled.package.size();
    variant.ram_bytes = compiled.info.arena_bytes;
    variant.bytes_on_air = compiled.package.size();
    const std::uint64_t cycles = compiled.run.samples.at(0).cycles;
    variant.latency_us = simulate::latency_us(cycles, compiled.board).value;
    variant.energy_uj = energy_uj(cycles, compiled.board).value;
    for (const std::string& flag : compiled.flags)
        variant.options += (variant.options.empty() ? "" : " ") + flag;
    return variant;
}

fleet::Helpers::Compiled compile(std::string_view model, const std::string& board_id,
                                 fleet::Working& working) {
    const ScratchFolder work;
    const fs::path file = work.path() / name_of(model);
    write_text(file, model);
    const Board board = load_board(board_id, home().boards);
    CompileRequest request;
    request.out = work.path() / "out";
    request.emit = {Emit::Package};
    request.firmware_dir = home().firmware;
    request.boards_dir = home().boards;
    request.sources = home().sources;
    working.say("planning for " + board.name);
    const Compiled compiled = compile_model(open_model(file), board, request);
    for (const std::string& note : compiled.notes) working.say(note);
    working.say("package of " + std::to_string(compiled.package.size()) + " bytes; it waits for a signature");
    return {facts_of(compiled), std::string(compiled.package.begin(), compiled.package.end())};
}

}  // namespace

fleet::Helpers fleet_helpers() {
    fleet::Helpers helpers;
    helpers.compile = compile;
    helpers.make_payload = [](std::string_view from, std::string_view to) {
        const Bytes payload = make_payload(bytes_of(to), bytes_of(from));
        return std::string(payload.begin(), payload.end());
    };
    return helpers;
}

}  // namespace jatai
