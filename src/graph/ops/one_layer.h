// one_layer.h: for tests of operators: numbers to bytes and back, and what one layer answers.
//
//     EXPECT_THAT(answer<float>("%x float32[2] = input\n%y float32[2] = NEG(%x)\noutput %y",
//     {bytes_of<float>({1, 2})}),
//                 ElementsAre(-1, -2));
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {

template <typename T>
Bytes bytes_of(const std::vector<T>& values) {
    Bytes bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

template <typename T>
std::vector<T> values_of(const Bytes& bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

// The first output of the graph that `words` say; Error when it does not verify.
template <typename T>
std::vector<T> answer(const std::string& words, const std::vector<Bytes>& inputs) {
    const Graph graph = parse_text(words, "test");
    verify(graph);
    return values_of<T>(run_graph(graph, inputs).at(0));
}

}  // namespace jatai
