// snippets.h: little pieces of assembly that exercise every instruction of the core, with random operands.
//
//     for (const Snippet& snippet : make_snippets(rng, 16)) source += snippet.text;
//
// A snippet may use r0-r12 and the stack; it ends by falling through. Templates are in snippets.cpp; what the
// % words in them stand for is at expand().
#pragma once

#include <string>
#include <vector>

#include "src/base/rng.h"

namespace jatai {

// What of the machine's state a snippet may change, besides r0-r12 and the flags: the numbers of harness.c.
constexpr unsigned kSnippetIntegers = 1, kSnippetFloats = 2, kSnippetMemory = 4;

struct Snippet {
    std::string text;
    unsigned kind = kSnippetIntegers;
};

// `variants` of each template, each with its own operands.
std::vector<Snippet> make_snippets(Rng& rng, unsigned variants);

}  // namespace jatai
