#include "src/base/error.h"
#include "src/graph/onnx.h"
#include "src/graph/onnx/importer.h"
#include "src/graph/passes/drop_unused.h"
#include "src/graph/verify.h"

namespace jatai {

bool looks_like_onnx(ByteView bytes) { return onnx::looks_like_model(bytes); }

Graph read_onnx(ByteView bytes, const std::string& place) {
    onnx::Importer importer(bytes, place);
    Graph graph = importer.read();
    try {
        drop_unused(graph);
        verify(graph);
    } catch (const Error& error) {
        throw Error{place + ": " + error.what(), error.hint()};
    }
    return graph;
}

}  // namespace jatai
