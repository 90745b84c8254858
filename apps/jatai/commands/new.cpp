#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "src/base/text.h"
#include "src/pipeline/project.h"

namespace jatai {

int run_new(const NewOptions& options, Console& console) {
    const std::string words = options.words_language.empty() ? language() : options.words_language;
    const Project project = new_project(options.template_name, options.dir, words);
    console.say(text("{}: a new project", options.dir.string()));
    console.say(text("next: jatai data generate {}", options.dir.string()));
    console.result({{"project", options.dir.string()},
                    {"template", options.template_name},
                    {"words", project.settings.data.words}});
    return 0;
}

}  // namespace jatai
