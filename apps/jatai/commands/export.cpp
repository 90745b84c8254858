#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/pipeline/export_model.h"

namespace jatai {
namespace {

void tell(const Exported& e, const ExportOptions& options, Console& console) {
    console.say(text("{} {} for {}: {} files in {}", e.name, e.version, e.target, e.files.size(),
                     options.out.string()));
    if (e.measured) {
        const FirmwareSizes& sizes = e.measured->sizes;
        console.say(text("  flash     {:>9} bytes: code {}, weights {}", sizes.flash.total(),
                         sizes.flash.code, sizes.flash.weights));
        console.say(text("  RAM       {:>9} bytes: arena {}, state {}, stack {}", sizes.ram.total(),
                         sizes.ram.arena, sizes.ram.state, sizes.ram.stack));
    }
    for (const std::string& note : e.notes) console.note(note);
    console.say(text("read next: {}", (options.out / "README.md").string()));
}

}  // namespace

int run_export(const ExportOptions& options, Console& console) {
    ExportModelRequest request;
    request.form.target = export_target(options.target);
    request.form.name = options.name;
    request.form.version = options.library_version;
    request.form.made_by = "jatai " JATAI_VERSION;
    request.out = options.out;
    request.boards_dir = home().boards;
    request.sources = home().sources;
    const Board board = load_board(options.board, home().boards);
    const Exported exported = export_model(open_model(options.model), board, request);
    tell(exported, options, console);
    console.result(to_json(exported));
    return 0;
}

}  // namespace jatai
