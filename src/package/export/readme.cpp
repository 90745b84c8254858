// The README of a library, in the language in force.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/base/error.h"
#include "src/package/export/parts.h"
#include "src/package/inspect.h"

namespace jatai {

namespace {

std::string row(const std::string& what, const std::string& value) {
    return fmt::format("| {} | {} |\n", what, value);
}

std::string door(const PlannedTensor& t) {
    std::string words = fmt::format("`{}` {}[{}]", t.name, type_text(t.type), fmt::join(t.shape, ", "));
    if (t.scale > 0) words += text(", real = {:.9g} * (stored - {})", t.scale, t.zero_point);
    return words;
}

std::string doors(const Library& l) {
    std::string rows;
    for (std::size_t i = 0; i < l.plan.inputs.size(); ++i) {
        rows += row(fmt::format("`{}::input{}()`", l.name, i == 0 ? "" : std::to_string(i)),
                    door(l.plan.inputs[i]));
    }
    for (std::size_t i = 0; i < l.plan.outputs.size(); ++i) {
        rows += row(fmt::format("`{}::output{}()`", l.name, i == 0 ? "" : std::to_string(i)),
                    door(l.plan.outputs[i]));
    }
    return fmt::format("| {} | {} |\n|---|---|\n{}", text("call"), text("what it gives"), rows);
}

std::string costs(const Library& l) {
    std::string rows = row(text("RAM: arena, static in the library"), std::to_string(l.plan.arena_bytes));
    rows += row(text("flash: weights and tables"), std::to_string(l.plan.constants.size()));
    if (l.request.measured) {
        const ExportMeasured& m = *l.request.measured;
        rows += row(text("flash: code, with start-up"), std::to_string(m.sizes.flash.code));
        rows += row(text("flash: all"), std::to_string(m.sizes.flash.total()));
        rows += row(text("RAM: other variables"), std::to_string(m.sizes.ram.state));
        rows += row(text("RAM: stack, the most one inference took"), std::to_string(m.sizes.ram.stack));
    }
    return fmt::format("| {} | {} |\n|---|---:|\n{}", text("what it takes"), text("bytes"), rows);
}

std::string how_measured(const Library& l) {
    if (!l.request.measured) {
        return text(
            "The code was not weighed: arm-none-eabi-g++ was not installed. The arena and the weights "
            "are exact on every chip.");
    }
    const ExportMeasured& m = *l.request.measured;
    return text(
        "Code and stack: a linked image for {}, by {} with {}, run in the simulator: {} instructions "
        "an inference (modelled). The arena and the weights are the same on every chip.",
        m.core, m.compiler, fmt::join(m.flags, " "), m.instructions);
}

std::string how_to_use(const Library& l) {
    switch (l.request.target) {
        case ExportTarget::Arduino:
            return text(
                "Put this folder into the `libraries` folder of your sketchbook, or zip it and choose "
                "Sketch > Include Library > Add .ZIP Library. Then open File > Examples > {}.",
                l.name);
        case ExportTarget::PlatformIo:
            return text(
                "Put this folder into `lib/` of your project, or run the example: `pio run -d "
                "examples/{}_example`.",
                l.name);
        case ExportTarget::Zephyr:
            return text(
                "Add this folder to `ZEPHYR_EXTRA_MODULES` and set `CONFIG_CPP=y` and `CONFIG_JATAI_*=y` "
                "as `zephyr/Kconfig` names it; or build the sample: `west build -b "
                "arduino_nano_33_ble samples/{}`.",
                l.name);
        case ExportTarget::EspIdf:
            return text(
                "Put this folder into `components/` of your project, or build the example: `idf.py -C "
                "examples/{} build`.",
                l.name);
        case ExportTarget::CMake:
            return text(
                "`add_subdirectory(...)`, or install it and write `find_package({0})`; then "
                "`target_link_libraries(app {0}::{0})`.",
                l.name);
    }
    return {};
}

std::string example_call(const Library& l) {
    const std::string reset = l.plan.state_bytes > 0 ? l.name + "::reset();\n" : "";
    return fill(l, "```cpp\n#include <@NAME@.h>\n\n" + reset +
                       "fill(@NAME@::input());\n@NAME@::run();\nact_on(@NAME@::output());\n```\n");
}

}  // namespace

std::string readme_of(const Library& l) {
    const std::string state =
        l.plan.state_bytes > 0
            ? text(
                  "It keeps {} bytes of state between runs: call `reset()` before the first, and to begin "
                  "anew.",
                  l.plan.state_bytes) +
                  "\n"
            : "";
    const std::string title = l.name + " " + l.request.version;
    return fill(
        R"(# @TITLE@

@SENTENCE@.

@USE@

@CALL@
@DOORS@
@SHARED@
@STATE@
## @TAKES@

@COSTS@
@MEASURED@

@MACS@

## @LICENCE@

@APACHE@
)",
        {{"TITLE", title},
         {"SENTENCE", fill(l, "@SENTENCE@")},
         {"USE", how_to_use(l)},
         {"CALL", example_call(l)},
         {"DOORS", doors(l)},
         {"SHARED", text("Inputs share memory with what comes later: fill them before every run.")},
         {"STATE", state},
         {"TAKES", text("What it takes")},
         {"COSTS", costs(l)},
         {"MEASURED", how_measured(l)},
         {"MACS", text("One inference is {} multiply-accumulates. No heap, no exceptions, no start-up code "
                       "of its own.",
                       l.plan.macs)},
         {"LICENCE", text("Licence")},
         {"APACHE", text("Apache-2.0 for all code (LICENSE); the weights are those of the model it was "
                         "made from. Made by {}.",
                         l.request.made_by)}});
}

}  // namespace jatai
