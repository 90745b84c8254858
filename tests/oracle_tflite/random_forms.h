// random_forms.h: the forms that layers of real models take, as text: odd ranks, batches, masks, uint8,
// extents that the file computes.
//
//     for (const Form& form : random_forms())
//         compare(read_tflite(write_tflite(parse_text(form.make(rng), form.name)), ...));
#pragma once

#include <string>
#include <vector>

#include "src/base/rng.h"

namespace jatai {

struct Form {
    const char* name;
    std::string (*make)(Rng& rng);
    int gap;  // steps by which an answer may differ where TensorFlow Lite rounds otherwise: one, or what a
              // SOFTMAX makes of one
};

const std::vector<Form>& random_forms();

}  // namespace jatai
