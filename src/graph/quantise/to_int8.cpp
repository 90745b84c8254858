#include "src/graph/quantise/to_int8.h"

#include "src/graph/quantise/converter.h"

namespace jatai::quantise {

Graph to_int8(const Graph& graph, const Recipe& recipe, std::vector<TensorId>* places) {
    Converter converter(graph, recipe);
    Graph result = converter.convert();
    if (places) *places = converter.places();
    return result;
}

}  // namespace jatai::quantise
