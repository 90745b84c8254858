#include "src/graph/onnx/importer.h"

namespace jatai::onnx {

std::span<const Rule> recurrent_rules() { return {}; }

}  // namespace jatai::onnx
