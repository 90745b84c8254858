// keyword_words.h: why the keyword application refuses a package, in words.
//
//     throw Error{keyword_status_text(status, app.package_status(), app.feature_status())};
#pragma once

#include <string>

#include "device/apps/keyword.h"

namespace jatai {

std::string keyword_status_text(KeywordStatus status, Status package, FeatureStatus features);

}  // namespace jatai
