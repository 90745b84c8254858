// package_words.h: what any application of a board says about its firmware and its package.
//
//     introduce(port, linked_manifest(), "measure");
//     Status status = engine.open(...);
//     if (status == Status::Ok) describe_model(port, engine, sizeof arena);
//
// Lines: docs/reference/keyword_app.md, docs/reference/measure_app.md. Device text is English, as every log
// is.
#pragma once

#include "device/apps/text_line.h"
#include "device/engine.h"
#include "device/manifest.h"
#include "device/port.h"

namespace jatai {

// Ends the line and sends it.
void send(const Port& port, TextLine& line);

// Why the engine refused a package.
const char* words_for(Status status);

// The board, and the kernels the firmware was linked with: what a later package may ask for.
void introduce(const Port& port, const Manifest& manifest, const char* application);

// Name, hash and size of the open package, and the memory it needs of that which is there.
void describe_model(const Port& port, const Engine& engine, uint32_t arena_bytes);

// Red, `number` times, then a pause: about half a second each.
void blink_number(const Port& port, uint32_t number);

}  // namespace jatai
