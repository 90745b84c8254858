#include "src/fleet/filter.h"

#include <gtest/gtest.h>

#include "src/fleet/http.h"
#include "src/fleet/http_range.h"
#include "src/fleet/limits.h"

namespace jatai::fleet {
namespace {

bool matches(const std::string& filter) {
    Device device;
    device.id = "mic-17";
    device.board = "nano33ble";
    device.firmware = "1.10.2";
    device.groups = {"lab", "night"};
    device.attributes["site"] = "São Paulo";
    return parse_filter(filter).matches(device);
}

TEST(Filter, ComparesVersionsByTheirNumbers) {
    EXPECT_TRUE(matches("firmware >= 1.9"));
    EXPECT_TRUE(matches("firmware > 1.10"));
    EXPECT_FALSE(matches("firmware < 1.10.2"));
    EXPECT_EQ(compare_versions("1.010", "1.10"), 0);
}

TEST(Filter, AndBindsMoreThanOr) {
    EXPECT_TRUE(matches("id == mic-17 or id == x and board == y"));
    EXPECT_FALSE(matches("(id == mic-17 or id == x) and board == y"));
}

TEST(Filter, ADeviceMayBeInManyGroups) {
    EXPECT_TRUE(matches("group == night"));
    EXPECT_TRUE(matches("group in (attic, lab)"));
    EXPECT_FALSE(matches("group != lab"));
    EXPECT_TRUE(matches("not group in (attic)"));
}

TEST(Filter, QuotesHoldAnything) {
    EXPECT_TRUE(matches("attribute.site == \"São Paulo\""));
    EXPECT_TRUE(matches("attribute.site like \"S*Paulo\""));
    EXPECT_FALSE(matches("attribute.other == x"));
    EXPECT_TRUE(matches(""));
}

TEST(Filter, WhatItDoesNotUnderstandIsRefused) {
    for (const char* wrong : {"board", "board = x", "boards == x", "board == x and", "(board == x", "id in x",
                              "id == \"x", "board == x y", "attribute. == x"}) {
        EXPECT_THROW(parse_filter(wrong), Refusal) << wrong;
    }
    EXPECT_THROW(parse_filter(std::string(100000, '(')), Refusal);
    std::string nots;
    for (int i = 0; i < 10000; ++i) nots += "not ";
    EXPECT_THROW(parse_filter(nots + "id == x"), Refusal);
}

TEST(Filter, APatternOfManyStarsEndsSoon) {
    Device device;
    device.id = std::string(256, 'a');
    std::string stars;
    for (int i = 0; i < 100; ++i) stars += "a*";
    EXPECT_FALSE(parse_filter("id like " + stars + "b").matches(device));
}

TEST(Range, APartIsCutAsAsked) {
    const auto cut = [](std::string_view header, std::string_view body, int& status) {
        status = cut_to_range(header, body, [](const char*, const std::string&) {});
        return std::string(body);
    };
    int status = 0;
    EXPECT_EQ(cut("bytes=2-3", "abcdef", status), "cd");
    EXPECT_EQ(status, 206);
    EXPECT_EQ(cut("bytes=4-", "abcdef", status), "ef");
    EXPECT_EQ(cut("bytes=-2", "abcdef", status), "ef");
    EXPECT_EQ(cut("bytes=-99", "abcdef", status), "abcdef");
    EXPECT_EQ(cut("bytes=2-99", "abcdef", status), "cdef");
    EXPECT_EQ(cut("bytes=6-", "abcdef", status), "");
    EXPECT_EQ(status, 416);
    EXPECT_EQ(cut("bytes=3-2", "abcdef", status), "");
    EXPECT_EQ(cut("bytes=0-1,3-4", "abcdef", status), "abcdef");
    EXPECT_EQ(status, 200);
    EXPECT_EQ(cut("bytes=99999999999999999999-", "abcdef", status), "abcdef");
}

TEST(Target, APathThatClimbsOrBreaksIsRefused) {
    Request request;
    EXPECT_TRUE(parse_target("/a%20b?x=%31&y", request));
    EXPECT_EQ(request.path, "/a b");
    EXPECT_EQ(request.query["x"], "1");
    for (const char* wrong : {"", "a", "/../x", "/a/%2e%2e/b", "/%", "/%zz", "/a%00b", "/a/.."}) {
        EXPECT_FALSE(parse_target(wrong, request)) << wrong;
    }
}

TEST(Limits, ACallerWaitsWhileOthersGoOn) {
    Limits limits({.per_second = 10, .burst = 3});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limits.refuse("a", 1000), 0);
    EXPECT_GT(limits.refuse("a", 1000), 0);
    EXPECT_EQ(limits.refuse("b", 1000), 0);
    EXPECT_EQ(limits.refuse("a", 1100), 0);
    EXPECT_GT(limits.refuse("a", 1100), 0);
}

}  // namespace
}  // namespace jatai::fleet
