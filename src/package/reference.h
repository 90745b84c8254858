// reference.h: what a model sees and says when all is well, so that a chip can tell when that changes.
//
//     Bytes with = with_reference(package, samples, "kws.jpk");     // raw inputs, as many as there are
//
// Counted by the observer that runs on the chip (device/observe), on this computer's engine: the same bins,
// bit for bit. The chip compares what it counts with it: docs/reference/package.md#sections, `reference`.
// Fails with Error when there are too few samples, or one is not the size of the model's inputs.
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

constexpr std::size_t kFewestReferenceSamples = 50;

Bytes with_reference(ByteView package, const std::vector<Bytes>& samples, const std::string& place);

}  // namespace jatai
