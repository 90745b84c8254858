// export.h: a plan as a library that an environment of firmware makers takes as it is.
//
//     ExportRequest request;
//     request.target = ExportTarget::Arduino;
//     for (const ExportFile& file : export_library(plan, request, sources)) ...   // path, content
//
// Every library holds src/<name>.h and .cpp (src/package/emit_cpp.h), the files of device/ they need, an
// example, the licence, a README with what it takes in RAM and flash, and the files that the environment
// looks for. Nothing in it depends on an include path or on the compiler's optimisation.
// Fails with Error when a source is missing, or when a name or version is not one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/package/sizes.h"
#include "src/plan/plan.h"

namespace jatai {

enum class ExportTarget : std::uint8_t { Arduino, Zephyr, PlatformIo, EspIdf, CMake };

// What one inference takes, from an image that was linked and run; see src/pipeline/export_model.h.
struct ExportMeasured {
    FirmwareSizes sizes;  // of the C++ form; stack as one inference took it
    std::string core;     // "cortex-m4f"
    std::string compiler;
    std::vector<std::string> flags;
    std::uint64_t instructions = 0;  // of one inference, in the simulator
};

struct ExportRequest {
    ExportTarget target = ExportTarget::Arduino;
    std::string name;  // of the library, its header and its namespace; empty: the model's
    std::string version = "1.0.0";
    std::string made_by;  // "jatai 0.1.0"
    std::vector<std::string> labels;
    std::optional<ExportMeasured> measured;  // none: no cross compiler was at hand
};

struct ExportFile {
    fs::path path;
    std::string content;
};

// The environment's flags that decide about code, for a Cortex-M4F; the tests compile every library with
// them. Of EspIdf: for a RISC-V chip.
std::vector<std::string> environment_flags(ExportTarget target);

// The library's name: as asked, or the model's, as a C++ identifier that no environment has taken.
std::string library_name(const Plan& plan, const ExportRequest& request);

// `sources`: the tree that holds device/ and LICENSE.
std::vector<ExportFile> export_library(const Plan& plan, const ExportRequest& request,
                                       const fs::path& sources);

}  // namespace jatai
