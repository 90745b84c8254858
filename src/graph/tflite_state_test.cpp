// Variables of a .tflite file become states; damage to them is refused in words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/test_variables.h"
#include "src/graph/tflite.h"

namespace jatai {
namespace {

TEST(TfliteVariables, AVariableIsAStateThatBeginsWithItsConstant) {
    const Graph graph = read_tflite(variable_model({5, 6}), "sum");
    Interpreter interpreter(graph);
    EXPECT_EQ(interpreter.run({{1, 1}})[0], (Bytes{6, 7}));
    EXPECT_EQ(interpreter.run({{10, 0}})[0], (Bytes{16, 7}));
    EXPECT_EQ(Interpreter(graph).run({{1, 1}})[0], (Bytes{6, 7})) << "every interpreter begins anew";
}

TEST(TfliteVariables, DamagedFilesAreAGraphOrAnError) {
    const Bytes good = variable_model({5, 6});
    Rng rng(2);
    int refused = 0;
    for (int i = 0; i < 20000; ++i) {
        Bytes bytes = good;
        for (std::uint32_t edits = 1 + rng.below(3); edits > 0; --edits)
            bytes[rng.below(static_cast<std::uint32_t>(bytes.size()))] ^=
                static_cast<std::uint8_t>(1u << rng.below(8));
        try {
            const Graph graph = read_tflite(bytes, "damaged");
            if (graph.tensor(graph.inputs[0]).bytes() < 1000)
                Interpreter(graph).run(
                    {Bytes(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).bytes()))});
        } catch (const Error& error) {
            ++refused;
            EXPECT_GT(std::string(error.what()).size(), 10u);
        }
    }
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace jatai
