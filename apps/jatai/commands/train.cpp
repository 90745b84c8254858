#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "src/base/text.h"
#include "src/pipeline/train_project.h"

namespace jatai {
namespace {

void tell_split(const nlohmann::json& scores, const char* split, const std::string& name, Console& console) {
    const auto percent = [&](const char* which) {
        return scores.contains(which) && scores[which].contains(split)
                   ? 100 * scores[which][split].at("accuracy").get<double>()
                   : 0.0;
    };
    if (scores.at("int8").contains(split)) {
        console.say(
            text("  {:<28} float {:5.1f} %   int8 {:5.1f} %", name, percent("float"), percent("int8")));
    }
}

}  // namespace

int run_train(const TrainOptions& options, Console& console) {
    Project project = open_project(options.dir);
    if (options.epochs != 0) project.settings.train.epochs = options.epochs;
    if (options.threads != 0) project.settings.train.threads = options.threads;
    std::error_code ignored;
    if (options.restart) fs::remove(project.model_dir() / "checkpoint.bin", ignored);
    const Trained trained = train_project(project, console.progress(), &Console::interrupted());
    if (!trained.finished) {
        console.say(text("stopped; run the same command again and it goes on from here"));
        console.result({{"finished", false}});
        return 0;
    }
    console.say(text("{}: int8 model", project.model_file().string()));
    tell_split(trained.scores, "val", text("validation voices"), console);
    tell_split(trained.scores, "test", text("unseen voices"), console);
    tell_split(trained.scores, "test_accents", text("unseen voices and accents"), console);
    console.say(text("next: jatai compile {} --board {} -o {}", project.model_file().string(),
                     project.settings.device.board,
                     project.build_dir(project.settings.device.board).string()));
    console.result({{"finished", true},
                    {"resumed", trained.resumed},
                    {"model", project.model_file().string()},
                    {"sha256", trained.sha256},
                    {"scores", trained.scores}});
    return 0;
}

}  // namespace jatai
