#include "src/data/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "src/base/error.h"

namespace jatai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A file with this header, as numpy.save lays it out.
Bytes file(const std::string& header, const Bytes& data, std::uint8_t version = 1) {
    Bytes bytes{0x93, 'N', 'U', 'M', 'P', 'Y', version, 0};
    for (std::size_t i = 0; i < (version == 1 ? 2u : 4u); ++i)
        bytes.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
    bytes.insert(bytes.end(), header.begin(), header.end());
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

std::string refusal(const Bytes& bytes) {
    try {
        parse_npy(bytes, "a.npy");
    } catch (const Error& error) {
        return error.what();
    }
    return "read";
}

std::string header(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }   \n";
}

TEST(Npy, FloatsAreReadWithTheirShape) {
    const float values[] = {1.5f, -2, 0, 4, 5, 6};
    Bytes data(sizeof values);
    std::memcpy(data.data(), values, sizeof values);
    for (const std::uint8_t version : {1, 2, 3}) {
        const NpyArray array = parse_npy(file(header("<f4", "(2, 3)"), data, version), "a.npy");
        EXPECT_EQ(array.type, Type::Float32);
        EXPECT_THAT(array.shape, ElementsAre(2, 3));
        EXPECT_THAT(to_floats(array), ElementsAre(1.5f, -2, 0, 4, 5, 6));
    }
}

TEST(Npy, TheOtherTypesAreRead) {
    EXPECT_THAT(to_floats(parse_npy(file(header("|i1", "(2,)"), {0xFF, 5}), "a")), ElementsAre(-1, 5));
    EXPECT_THAT(to_floats(parse_npy(file(header("|u1", "(2,)"), {0xFF, 5}), "a")), ElementsAre(255, 5));
    EXPECT_THAT(to_floats(parse_npy(file(header("|b1", "(2,)"), {1, 0}), "a")), ElementsAre(1, 0));
    EXPECT_THAT(to_floats(parse_npy(file(header(">i2", "(1,)"), {0x01, 0x02}), "a")), ElementsAre(258));
    EXPECT_THAT(to_floats(parse_npy(file(header("<i4", "()"), {254, 255, 255, 255}), "a")), ElementsAre(-2));
    EXPECT_THAT(to_floats(parse_npy(file(header("<f2", "(2,)"), {0x00, 0x3C, 0x00, 0xC0}), "a")),
                ElementsAre(1, -2));
    EXPECT_THAT(to_floats(parse_npy(file(header("<f8", "(1,)"), {0, 0, 0, 0, 0, 0, 0xF8, 0x3F}), "a")),
                ElementsAre(1.5f));
}

TEST(Npy, WhatIsWrittenIsReadBack) {
    NpyArray array;
    array.type = Type::Int16;
    array.shape = {3, 1};
    array.data = {1, 0, 2, 0, 0xFD, 0xFF};
    const Bytes bytes = make_npy(array);
    EXPECT_EQ((bytes.size() - array.data.size()) % 64, 0u);
    const NpyArray again = parse_npy(bytes, "a.npy");
    EXPECT_EQ(again.type, Type::Int16);
    EXPECT_EQ(again.shape, array.shape);
    EXPECT_EQ(again.data, array.data);
}

TEST(Npy, HostileHeadersAreRefusedInWords) {
    EXPECT_THAT(refusal({}), HasSubstr("no NumPy mark"));
    EXPECT_THAT(refusal(file(header("<f4", "(2, 3)"), Bytes(23))), HasSubstr("shape does not ask"));
    EXPECT_THAT(refusal(file(header("<f4", "(2, 3)"), Bytes(25))), HasSubstr("shape does not ask"));
    EXPECT_THAT(refusal(file(header("<f4", "(4294967296, 4294967296, 4)"), Bytes(16))),
                HasSubstr("shape does not ask"));
    EXPECT_THAT(refusal(file(header("<f4", "(99999999999999999999999,)"), {})), HasSubstr("damaged header"));
    EXPECT_THAT(refusal(file(header("<c8", "(1,)"), Bytes(8))), HasSubstr("elements of <c8"));
    EXPECT_THAT(refusal(file(header("<f4", "(2, 2)", "True"), Bytes(16))), HasSubstr("Fortran"));
    EXPECT_THAT(refusal(file("{'descr': '<f4'}", {})), HasSubstr("damaged header"));
    EXPECT_THAT(refusal(file("{'descr': '<f4, 'shape': (", {})), HasSubstr("damaged header"));
    const Bytes whole = file(header("<f4", "(1,)"), Bytes(4));
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), "read")
            << size;
}

}  // namespace
}  // namespace jatai
