// keyword_words.h: what a board with the keyword application says when it starts, and when it cannot.
//
//     KeywordStatus status = app.open(...);
//     if (status != KeywordStatus::Ok) {
//         explain_refusal(port, app, status);
//     }
//     describe_package(port, app);
//
// Lines: docs/reference/keyword_app.md. Device text is English, as every log is.
#pragma once

#include "device/apps/keyword.h"

namespace jatai {

// Name, hash, size and pace of the open package, and its labels.
void describe_package(const Port& port, const KeywordApp& app);

// Number and words.
void explain_refusal(const Port& port, const KeywordApp& app, KeywordStatus status);

}  // namespace jatai
