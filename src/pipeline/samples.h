// samples.h: files that hold inputs of a model.
//
//     std::vector<std::vector<Bytes>> samples = read_samples("calibration", graph, 100);
//
// Every .npy and .bin file of a folder, in the order of their names. An .npy file holds one input or several
// in a row (its first extent), for models of one input; any number type becomes the input's. A .bin file
// holds raw samples back to back, each all inputs in order, as `jatai run` takes them. Fails with Error: no
// such folder, nothing in it, a file whose size is no whole number of samples.
#pragma once

#include <vector>

#include "src/base/bytes.h"
#include "src/graph/graph.h"

namespace jatai {

// One sample: the bytes of every input. At most `most`, taken evenly from all there are.
std::vector<std::vector<Bytes>> read_samples(const fs::path& folder, const Graph& graph, std::size_t most);

}  // namespace jatai
