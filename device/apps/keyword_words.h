// keyword_words.h: what a board with the keyword application says when it starts, and when it cannot.
//
//     introduce(port, linked_manifest());
//     KeywordStatus status = app.open(...);
//     if (status != KeywordStatus::Ok) {
//         explain_refusal(port, app, status);
//         for (;;) { blink_number(port, static_cast<uint8_t>(status)); }
//     }
//     describe_package(port, app);
//
// Lines: docs/reference/keyword_app.md. Device text is English, as every log is.
#pragma once

#include "device/apps/keyword.h"
#include "device/manifest.h"

namespace jatai {

// The board, and the kernels the firmware was linked with: what a later package may ask for.
void introduce(const Port& port, const Manifest& manifest);

// Name, hash, size and pace of the open package, and its labels.
void describe_package(const Port& port, const KeywordApp& app);

// Number and words.
void explain_refusal(const Port& port, const KeywordApp& app, KeywordStatus status);

// Red, `number` times, then a pause: about half a second each.
void blink_number(const Port& port, uint32_t number);

}  // namespace jatai
