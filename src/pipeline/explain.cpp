#include "src/pipeline/explain.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "src/package/elf.h"
#include "src/package/inspect.h"
#include "src/simulate/firmware.h"

namespace jatai {
namespace {

void sort_by_bytes(std::vector<FlashPart>& parts) {
    std::stable_sort(parts.begin(), parts.end(),
                     [](const FlashPart& a, const FlashPart& b) { return a.bytes > b.bytes; });
}

std::vector<FlashPart> parts_of(const std::map<std::string, std::uint32_t>& sums) {
    std::vector<FlashPart> parts;
    for (const auto& [name, bytes] : sums) parts.push_back({name, bytes});
    sort_by_bytes(parts);
    return parts;
}

// "jatai::run_conv2d(jatai::Call const&)" is long: up to its arguments is enough.
std::string plain_name(const std::string& symbol) {
    int status = 0;
    const std::unique_ptr<char, void (*)(void*)> name(
        abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), std::free);
    std::string words = status == 0 && name ? name.get() : symbol;
    const std::size_t open = words.rfind('(');
    if (status == 0 && open != std::string::npos && open > 0 && words.find("(anonymous") != open)
        words.resize(open);
    return words;
}

std::size_t peak_of(const Plan& plan) {
    const auto most =
        std::max_element(plan.costs.begin(), plan.costs.end(),
                         [](const auto& a, const auto& b) { return a.live_bytes < b.live_bytes; });
    return static_cast<std::size_t>(most - plan.costs.begin());
}

bool touches(const PlannedStep& step, const ArenaSpan& span) {
    return std::any_of(step.operands.begin(), step.operands.end(), [&](const Place& place) {
        return place.kind == Place::Kind::Arena && place.offset < span.offset + span.bytes &&
               span.offset < place.offset + place.bytes;
    });
}

void explain_peak(const Plan& plan, Explanation& e) {
    if (plan.costs.empty()) return;
    e.peak_layer = peak_of(plan);
    e.peak_name = plan.costs[e.peak_layer].name;
    e.peak_op = op_text(plan.costs[e.peak_layer].op);
    const auto row = static_cast<std::int32_t>(e.peak_layer);
    const auto step = std::find_if(plan.steps.begin(), plan.steps.end(),
                                   [&](const PlannedStep& s) { return s.cost == e.peak_layer; });
    std::uint32_t used = 0;
    for (const ArenaSpan& span : plan.spans) {
        if (span.offset < plan.state_bytes || row < span.first || span.last < row) continue;
        used += span.bytes;
        const bool in_use = step != plan.steps.end() && touches(*step, span);
        const auto last = static_cast<std::size_t>(std::max(span.last, 0));
        const auto same = std::find_if(e.alive.begin(), e.alive.end(), [&](const AlivePart& part) {
            return part.name == span.name && part.in_use == in_use && part.waits_for == plan.costs[last].name;
        });
        if (same != e.alive.end() && span.name != "scratch") {
            same->bytes += span.bytes;
        } else {
            e.alive.push_back({span.name, span.bytes, in_use, plan.costs[last].name});
        }
    }
    std::stable_sort(e.alive.begin(), e.alive.end(),
                     [](const AlivePart& a, const AlivePart& b) { return a.bytes > b.bytes; });
    e.idle_bytes = plan.arena_bytes - plan.state_bytes - used;
}

// Each byte belongs to the layer that reads it first.
void explain_weights(const Plan& plan, Explanation& e) {
    std::vector<bool> owned(plan.constants.size(), false);
    std::map<std::string, std::uint32_t> sums;
    const auto claim = [&](std::uint32_t offset, std::uint32_t bytes, const std::string& layer) {
        for (std::uint32_t i = offset; i < offset + bytes; ++i) {
            if (owned[i]) continue;
            owned[i] = true;
            ++sums[layer];
        }
    };
    for (const PlannedStep& step : plan.steps) {
        const std::string& layer = plan.costs[step.cost].name;
        claim(step.params, step.params_bytes, layer);
        for (const Place& place : step.operands) {
            if (place.kind == Place::Kind::Constant) claim(place.offset, place.bytes, layer);
        }
    }
    e.weights = parts_of(sums);
    e.alignment_bytes = static_cast<std::uint32_t>(std::count(owned.begin(), owned.end(), false));
}

nlohmann::ordered_json json_of(const std::vector<FlashPart>& parts) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const FlashPart& part : parts) rows.push_back({{"name", part.name}, {"bytes", part.bytes}});
    return rows;
}

}  // namespace

std::vector<FlashPart> code_parts(ByteView elf) {
    const ElfImage image = read_elf(elf, "size.elf");
    const ElfSection* model = image.section(".model");
    const simulate::Firmware firmware = simulate::read_firmware(elf, "size.elf");
    std::map<std::string, std::uint32_t> sums;
    std::uint64_t end = 0;
    for (const simulate::Symbol& symbol : firmware.symbols) {
        const bool in_model = model != nullptr && symbol.address >= model->address &&
                              symbol.address < model->address + model->bytes;
        // Two names of one place count once; RAM is no flash.
        if (in_model || symbol.bytes == 0 || symbol.address < end || symbol.address >= 0x20000000u) continue;
        end = std::uint64_t{symbol.address} + symbol.bytes;
        sums[plain_name(symbol.name)] += symbol.bytes;
    }
    return parts_of(sums);
}

Explanation explain(const Plan& plan, const FirmwareSizes& sizes, std::vector<FlashPart> code) {
    Explanation e;
    e.arena_bytes = plan.arena_bytes;
    e.state_bytes = plan.state_bytes;
    e.variables_bytes = sizes.ram.state;
    e.stack_bytes = sizes.ram.stack;
    explain_peak(plan, e);
    explain_weights(plan, e);
    const auto constants = static_cast<std::uint32_t>(plan.constants.size());
    e.container_bytes = sizes.flash.weights > constants ? sizes.flash.weights - constants : 0;
    e.code = std::move(code);
    std::uint32_t named = 0;
    for (const FlashPart& part : e.code) named += part.bytes;
    e.other_code_bytes = sizes.flash.code > named ? sizes.flash.code - named : 0;
    return e;
}

nlohmann::ordered_json to_json(const Explanation& e) {
    nlohmann::ordered_json alive = nlohmann::ordered_json::array();
    for (const AlivePart& part : e.alive) {
        alive.push_back({{"name", part.name},
                         {"bytes", part.bytes},
                         {"in_use", part.in_use},
                         {"waits_for", part.waits_for}});
    }
    return {{"ram",
             {{"peak_layer", e.peak_layer},
              {"peak_name", e.peak_name},
              {"peak_op", e.peak_op},
              {"arena_bytes", e.arena_bytes},
              {"alive", alive},
              {"idle_bytes", e.idle_bytes},
              {"state_bytes", e.state_bytes},
              {"variables_bytes", e.variables_bytes},
              {"stack_bytes", e.stack_bytes}}},
            {"flash",
             {{"weights", json_of(e.weights)},
              {"alignment_bytes", e.alignment_bytes},
              {"container_bytes", e.container_bytes},
              {"code", json_of(e.code)},
              {"other_code_bytes", e.other_code_bytes}}}};
}

}  // namespace jatai
