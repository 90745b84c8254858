// keyword_pace.h: how a keyword model listens, from the project it belongs to.
//
//     request.pace = pace_beside("my-words/model/model.tflite", model);
#pragma once

#include <optional>

#include "src/package/keyword_section.h"
#include "src/pipeline/compile_model.h"
#include "src/pipeline/project.h"

namespace jatai {

// `labels` in the order of the model's output; unknown and silence are never announced.
KeywordPace pace_of(const Settings& settings, const std::vector<std::string>& labels);

// A model in <project>/model/ listens as that project's jatai.toml says now; another one as its own file
// says, or, when it carries features and labels but no pace, as the default settings say. None: not a keyword
// model.
std::optional<KeywordPace> pace_beside(const fs::path& model_file, const Model& model);

}  // namespace jatai
