#include "src/graph/tflite.h"

#include <flatbuffers/flatbuffers.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/stats.h"
#include "src/graph/test_graphs.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

using ::testing::HasSubstr;
using Table = flatbuffers::Table;
using Tables = flatbuffers::Vector<flatbuffers::Offset<Table>>;

Bytes tiny_bytes() { return write_tflite(parse_text(kTinyNet, "tiny")); }

// Field numbers of the schema, for tests that damage one of them.
constexpr int kModelCodes = 1, kModelGraphs = 2, kModelBuffers = 4;
constexpr int kGraphTensors = 0, kGraphOperators = 3;

Table* child(Table* table, int field, unsigned index) {
    auto* vector =
        table->GetPointer<Tables*>(flatbuffers::FieldIndexToOffset(static_cast<std::uint16_t>(field)));
    return reinterpret_cast<Table*>(vector->GetMutableObject(index));
}

template <typename T>
void put(Table* table, int field, T value) {
    const auto slot = flatbuffers::FieldIndexToOffset(static_cast<std::uint16_t>(field));
    ASSERT_NE(table->GetAddressOf(slot), nullptr) << "the field is not in the file";
    std::memcpy(table->GetAddressOf(slot), &value, sizeof(T));
}

Table* model_of(Bytes& bytes) { return flatbuffers::GetMutableRoot<Table>(bytes.data()); }

std::string failure(ByteView bytes) {
    try {
        read_tflite(bytes, "m.tflite");
    } catch (const Error& error) {
        return std::string(error.what()) + " / " + error.hint();
    }
    return "no failure";
}

TEST(Tflite, AGraphWrittenAndReadAgainIsTheSame) {
    const Graph graph = parse_text(kTinyNet, "tiny");
    const Graph again = read_tflite(write_tflite(graph), "again");
    EXPECT_EQ(to_text(again), to_text(graph));
    ASSERT_EQ(again.tensors.size(), graph.tensors.size());
    for (std::size_t i = 0; i < graph.tensors.size(); ++i)
        EXPECT_EQ(again.tensors[i].data, graph.tensors[i].data);
}

TEST(Tflite, TheSameGraphGivesTheSameBytes) { EXPECT_EQ(tiny_bytes(), tiny_bytes()); }

TEST(Tflite, TheFileCarriesTheMarkOfTheFormat) {
    const Bytes bytes = tiny_bytes();
    EXPECT_EQ(std::string(bytes.begin() + 4, bytes.begin() + 8), "TFL3");
}

TEST(Tflite, ConstantsLieOnSixteenBytes) {
    Bytes bytes = tiny_bytes();
    for (unsigned i = 1; i < 9; ++i) {
        const Table* buffer = child(model_of(bytes), kModelBuffers, i);
        const auto* data = buffer->GetPointer<const flatbuffers::Vector<std::uint8_t>*>(4);
        EXPECT_EQ((data->Data() - bytes.data()) % 16, 0);
    }
}

TEST(Tflite, AConvolutionWithoutABiasIsWrittenWithZeros) {
    Graph graph = parse_text(kTinyNet, "tiny");
    graph.nodes[1].inputs[2] = kNoTensor;
    graph.nodes[2].inputs.pop_back();
    const Graph again = read_tflite(write_tflite(graph), "again");
    for (const std::size_t layer : {1, 2}) {
        const Tensor& bias = again.tensor(again.nodes[layer].inputs.at(2));
        EXPECT_EQ(bias.data, Bytes(16, 0));
        EXPECT_EQ(bias.quantisation.scales.size(), 4u);
    }
}

TEST(Tflite, ABiasWithTheZeroPointInItIsNotWrittenAsAnyOther) {
    try {
        write_tflite(zero_points_folded(parse_text(kTinyNet, "tiny")));
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("which .tflite cannot say"));
    }
}

TEST(Tflite, BytesNeedNoAlignment) {
    Bytes bytes = tiny_bytes();
    bytes.insert(bytes.begin(), 0);
    const Graph graph = read_tflite(ByteView(bytes).subspan(1), "shifted");
    EXPECT_EQ(to_text(graph), to_text(parse_text(kTinyNet, "tiny")));
}

TEST(Tflite, AnOperatorWeDoNotRunIsNamedWithTheNearestThing) {
    Bytes bytes = tiny_bytes();
    Table* code = child(model_of(bytes), kModelCodes, 5);  // AVERAGE_POOL_2D
    put<std::int8_t>(code, 0, 109);
    put<std::int32_t>(code, 3, 109);
    const std::string words = failure(bytes);
    EXPECT_THAT(words,
                HasSubstr("m.tflite: layer 5 mean (WHERE): found version 2 of WHERE on int8[1,4,4,4]"));
    EXPECT_THAT(words, HasSubstr("SELECT_V2 by a mask"));
}

TEST(Tflite, AnOperatorNumberAboveTheOldByteIsUnderstood) {
    Bytes bytes = tiny_bytes();
    Table* code = child(model_of(bytes), kModelCodes, 1);
    put<std::int8_t>(code, 0, 127);
    put<std::int32_t>(code, 3, 150);
    EXPECT_THAT(failure(bytes), HasSubstr("layer 1 conv (GELU)"));
    put<std::int32_t>(code, 3, 4711);
    EXPECT_THAT(failure(bytes), HasSubstr("operator 4711"));
}

TEST(Tflite, ANewerVersionOfAnOperatorIsRefused) {
    Bytes bytes = tiny_bytes();
    put<std::int32_t>(child(model_of(bytes), kModelCodes, 1), 2, 99);
    EXPECT_THAT(failure(bytes), HasSubstr("layer 1 conv (CONV_2D): found version 99 of CONV_2D"));
}

TEST(Tflite, ACustomOperatorIsRefused) {
    Bytes bytes = tiny_bytes();
    Table* code = child(model_of(bytes), kModelCodes, 1);
    put<std::int8_t>(code, 0, 32);
    put<std::int32_t>(code, 3, 32);
    EXPECT_THAT(failure(bytes), HasSubstr("found a custom operator on int8[1,8,8,1]"));
}

TEST(Tflite, TheNearestThingIsNamedForWhatIsRefused) {
    EXPECT_THAT(nearest_to_custom("FlexStridedSlice"), HasSubstr("without FLEX ops"));
    EXPECT_THAT(nearest_to_custom("Sinh"), HasSubstr("outside the model"));
    EXPECT_THAT(nearest_thing(109), HasSubstr("SELECT_V2"));  // WHERE
    EXPECT_THAT(nearest_thing(119), HasSubstr("one graph"));  // WHILE
}

TEST(Tflite, ATypeWeDoNotHoldIsNamed) {
    Bytes bytes = tiny_bytes();
    Table* graph = child(model_of(bytes), kModelGraphs, 0);
    put<std::int8_t>(child(graph, kGraphTensors, 1), 1, 17);
    EXPECT_THAT(failure(bytes), HasSubstr("tensor 1 conv_w: found elements of INT4"));
}

TEST(Tflite, SettingsOfAnotherOperatorAreRefused) {
    Bytes bytes = tiny_bytes();
    Table* graph = child(model_of(bytes), kModelGraphs, 0);
    put<std::uint8_t>(child(graph, kGraphOperators, 1), 3, 8);
    EXPECT_THAT(failure(bytes),
                HasSubstr("layer 1 conv (CONV_2D): found settings of kind 8, expected kind 1"));
}

TEST(Tflite, AnIndexOutsideTheModelIsRefused) {
    Bytes bytes = tiny_bytes();
    Table* graph = child(model_of(bytes), kModelGraphs, 0);
    put<std::uint32_t>(child(graph, kGraphTensors, 1), 2, 77);
    EXPECT_THAT(failure(bytes), HasSubstr("tensor 1 conv_w: found buffer 77"));
}

TEST(Tflite, AnOpenInputDimensionIsRefusedAndAnOpenBatchIsOne) {
    Bytes bytes = tiny_bytes();
    Table* graph = child(model_of(bytes), kModelGraphs, 0);
    auto* shape = child(graph, kGraphTensors, 0)->GetPointer<flatbuffers::Vector<std::int32_t>*>(4);
    shape->Mutate(0, -1);
    EXPECT_EQ(read_tflite(bytes, "m").tensors[0].shape, (std::vector<std::int32_t>{1, 8, 8, 1}));
    shape->Mutate(1, -1);
    EXPECT_THAT(failure(bytes), HasSubstr("tensor 0 wave: found float32[1,-1,8,1]"));
}

TEST(Tflite, ASmallFileCannotAskForEndlessCopies) {
    Graph big = parse_text(kTinyNet, "tiny");
    for (int i = 0; i < 64; ++i) {
        Tensor tensor{"c" + std::to_string(i), Type::Int32, {i == 0 ? 1 << 18 : 1}, {}, {}};
        tensor.data.resize(static_cast<std::size_t>(tensor.bytes()));
        big.add(std::move(tensor));
    }
    Bytes bytes = write_tflite(big);
    Table* graph = child(model_of(bytes), kModelGraphs, 0);
    const auto first = static_cast<unsigned>(big.tensors.size() - 64);
    const auto buffer = child(graph, kGraphTensors, first)->GetField<std::uint32_t>(8, 0);
    for (unsigned i = 1; i < 64; ++i) put(child(graph, kGraphTensors, first + i), 2, buffer);
    EXPECT_THAT(failure(bytes), HasSubstr("found the same bytes used over and over"));
}

TEST(Tflite, NamesThatAreNotTextBecomeText) {
    Graph graph = parse_text(kTinyNet, "tiny");
    graph.tensors[0].name = "a\xff\x1b[31m\xc3\xad";
    EXPECT_EQ(read_tflite(write_tflite(graph), "m").tensors[0].name, "a??[31m\xc3\xad");
}

TEST(Tflite, OtherFilesAreRefusedInWords) {
    EXPECT_THAT(failure({}), HasSubstr("m.tflite: found 0 bytes"));
    const std::string other = "this is not a model at all, but a letter";
    EXPECT_THAT(failure({reinterpret_cast<const std::uint8_t*>(other.data()), other.size()}),
                HasSubstr("found no TFL3 mark"));
}

// A copy of exactly the bytes, so that the address sanitizer sees a read past the end.
std::string failure_of_copy(const Bytes& bytes, std::size_t size) {
    return failure(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
}

TEST(Tflite, AFileCutAtAnyByteFailsInWords) {
    const Bytes bytes = tiny_bytes();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string words = failure_of_copy(bytes, size);
        // The last bytes may be padding behind the last part.
        if (size + 16 < bytes.size()) {
            EXPECT_THAT(words, HasSubstr("m.tflite: found")) << size;
        }
    }
}

TEST(Tflite, AFileWithAnyBitFlippedReadsOrFailsInWords) {
    Bytes bytes = tiny_bytes();
    int refused = 0;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        refused += failure(bytes) != "no failure";
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    }
    EXPECT_GT(refused, 1000);
}

TEST(Tflite, AFileWithManyBytesScrambledReadsOrFailsInWords) {
    const Bytes whole = tiny_bytes();
    Rng rng(5);
    for (int round = 0; round < 20000; ++round) {
        Bytes bytes = whole;
        for (int i = 0; i < 4; ++i) {
            const auto at = rng.below(static_cast<std::uint32_t>(bytes.size()));
            bytes[at] = static_cast<std::uint8_t>(rng.below(4) == 0 ? 0xFF : rng.below(256));
        }
        failure(bytes);
    }
    SUCCEED();
}

struct Known {
    const char* file;
    std::int64_t macs;
    std::int64_t peak;
};

TEST(Tflite, TheMlperfModelsReadWithTheirKnownFigures) {
    const fs::path models = fs::path(JATAI_SHARED_DIR) / "data/models/tiny";
    if (!fs::exists(models)) GTEST_SKIP() << "no models at " << models;
    const Known known[] = {{"kws_ref_model.tflite", 2656768, 16000},
                           {"vww_96_int8.tflite", 7489664, 55296},
                           {"pretrainedResnet_quant.tflite", 12501632, 49152},
                           {"model_ToyCar_quant_fullint_micro_intio.tflite", 264192, 768}};
    for (const Known& each : known) {
        const Graph graph = read_tflite(read_file(models / each.file), each.file);
        EXPECT_EQ(macs(graph), each.macs) << each.file;
        EXPECT_EQ(live_peak_bytes(graph), each.peak) << each.file;
        EXPECT_EQ(to_text(read_tflite(write_tflite(graph), each.file)), to_text(graph)) << each.file;
    }
}

TEST(Tflite, ARealModelCutAnywhereFailsInWords) {
    const fs::path path = fs::path(JATAI_SHARED_DIR) / "data/models/tiny/kws_ref_model.tflite";
    if (!fs::exists(path)) GTEST_SKIP() << "no model at " << path;
    const Bytes bytes = read_file(path);
    for (std::size_t size = 0; size + 64 < bytes.size(); size += 101) {
        EXPECT_THAT(failure_of_copy(bytes, size), HasSubstr("m.tflite: found")) << size;
    }
}

TEST(Tflite, EveryModelOfTheCollectionReadsOrFailsInWords) {
    const fs::path models = fs::path(JATAI_SHARED_DIR) / "data/models";
    if (!fs::exists(models)) GTEST_SKIP() << "no models at " << models;
    int read = 0;
    for (const auto& entry : fs::recursive_directory_iterator(models)) {
        if (entry.path().extension() != ".tflite") continue;
        const std::string words = failure(read_file(entry.path()));
        read += words == "no failure";
        if (words != "no failure") {
            EXPECT_THAT(words, HasSubstr("found")) << entry.path();
            EXPECT_THAT(words, HasSubstr("expected")) << entry.path();
        }
    }
    EXPECT_GE(read, 20);
}

// An empty tensor computes nothing and takes no memory.
TEST(Tflite, WhatIsEmptyIsLeftOut) {
    const Graph empty = read_tflite(write_tflite(parse_text("%a float32[0] = input\n%b float32[1] = input\n"
                                                            "%y float32[0] = ADD(%a, %b)\noutput %y\n",
                                                            "empty")),
                                    "empty.tflite");
    EXPECT_EQ(empty.inputs.size(), 1u);
    EXPECT_TRUE(empty.nodes.empty());
    EXPECT_TRUE(empty.outputs.empty());
    EXPECT_TRUE(run_graph(empty, {Bytes(4)}).empty());

    const Graph part =
        read_tflite(write_tflite(parse_text("%a int8[2,3] s=1 = input\n%b int8[2,0] s=1 = input\n"
                                            "%y int8[2,3] s=1 = CONCATENATION(%a, %b) axis=1\noutput %y\n",
                                            "part")),
                    "part.tflite");
    EXPECT_EQ(run_graph(part, {{1, 2, 3, 4, 5, 6}})[0], (Bytes{1, 2, 3, 4, 5, 6}));

    EXPECT_THROW(read_tflite(write_tflite(parse_text("%a int8[0,3] s=1 = input\n%i int32[1] = {0}\n"
                                                     "%y int8[3] s=1 = REDUCE_MAX(%a, %i)\noutput %y\n",
                                                     "none")),
                             "none.tflite"),
                 Error);
}

// TILE takes only constants; what SHAPE and its like give is one.
TEST(Tflite, ExtentsThatTheFileComputesAreKnownBeforeTheOperatorsThatNeedThem) {
    const Graph graph = read_tflite(
        write_tflite(parse_text(
            "%x int8[1,2] s=1 = input\n%like int8[3,5] s=1 = input\n%s int32[2] = SHAPE(%like) out_type=2\n"
            "%b int32[1] = {0}\n%e int32[1] = {1}\n%o int32[1] = {1}\n"
            "%n int32[] = STRIDED_SLICE(%s, %b, %e, %o) shrink_axis_mask=1\n%w int32[] = {2}\n"
            "%m int32[2] = PACK(%n, %w) values_count=2\n%y int8[3,4] s=1 = TILE(%x, %m)\noutput %y\n",
            "computed")),
        "computed.tflite");
    ASSERT_EQ(graph.nodes.size(), 1u);
    EXPECT_EQ(run_graph(graph, {{7, 9}, Bytes(15)})[0], (Bytes{7, 9, 7, 9, 7, 9, 7, 9, 7, 9, 7, 9}));
}

// BuiltinOptions of the public schema, counted from 1.
TEST(Tflite, OperatorsNameTheirSettingsAsConvertersDo) {
    EXPECT_EQ(op_def(Op::Less).options_type, 41);
    EXPECT_EQ(op_def(Op::Greater).options_type, 44);
    EXPECT_EQ(op_def(Op::GreaterEqual).options_type, 45);
    EXPECT_EQ(op_def(Op::LessEqual).options_type, 46);
    EXPECT_EQ(op_def(Op::LogicalAnd).options_type, 62);
    EXPECT_EQ(op_def(Op::LogicalNot).options_type, 63);
}

}  // namespace
}  // namespace jatai
