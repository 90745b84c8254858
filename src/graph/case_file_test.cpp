// Runs every .case file of this room: passes/<pass>.case by that pass, the others by verify().
#include "src/graph/case_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::HasSubstr;

const Pass* pass_of(const fs::path& path) {
    for (const Pass& pass : all_passes()) {
        if (path.stem() == pass.name) return &pass;
    }
    return nullptr;
}

void expect_error(const Case& test) {
    try {
        verify(parse_text(test.in, "in"));
        ADD_FAILURE() << "no error, expected " << test.error;
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(test.error));
    }
}

void expect_graph(const Case& test, const Pass* pass) {
    try {
        Graph graph = parse_text(test.in, "in");
        verify(graph);
        const std::string before = to_text(graph);
        const int changes = pass ? pass->run(graph) : 0;
        verify(graph);
        EXPECT_EQ(to_text(graph), to_text(parse_text(test.out, "out")));
        EXPECT_EQ(changes > 0, to_text(graph) != before) << "a pass says whether it changed something";
    } catch (const Error& error) {
        ADD_FAILURE() << error.what();
    }
}

TEST(CaseFiles, EveryCaseHolds) {
    int cases = 0;
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(JATAI_SOURCE_DIR) / "src/graph")) {
        if (entry.path().extension() != ".case") continue;
        for (const Case& test : read_cases(entry.path())) {
            SCOPED_TRACE(entry.path().filename().string() + ":" + std::to_string(test.line) + ": " +
                         test.name);
            ++cases;
            if (test.error.empty()) {
                expect_graph(test, pass_of(entry.path()));
            } else {
                expect_error(test);
            }
        }
    }
    EXPECT_GE(cases, 16);
}

TEST(CaseFiles, EveryPassHasACaseFile) {
    for (const Pass& pass : all_passes()) {
        EXPECT_TRUE(
            fs::exists(fs::path(JATAI_SOURCE_DIR) / "src/graph/passes" / (std::string(pass.name) + ".case")))
            << pass.name;
    }
}

TEST(Passes, TheDriverRunsThemInOrderAndReportsEach) {
    const char* words = R"(
        %x int8[1,4] s=1 = input
        %a int8[1,4] s=1 = RESHAPE(%x) new_shape=[1,4]
        %y int8[1,4] s=0.00390625 z=-128 = SOFTMAX(%a) beta=1
        output %y)";
    Graph graph = parse_text(words, "t");
    const auto reports = run_passes(graph);
    ASSERT_EQ(reports.size(), all_passes().size());
    EXPECT_EQ(reports[0].name, "fold_constants");
    EXPECT_EQ(reports[0].changes, 0);
    EXPECT_EQ(reports[1].name, "drop_identity_reshape");
    EXPECT_EQ(reports[1].changes, 1);
    EXPECT_EQ(graph.nodes.size(), 1u);
    EXPECT_EQ(graph.tensors.size(), 2u);
}

TEST(Passes, APassCanBeSwitchedOffByName) {
    Graph graph = parse_text("%x int8[1] s=1 = input\n%w int8[1] s=1 = fill 1\noutput %x\n", "t");
    EXPECT_EQ(run_passes(graph, {"drop_unused"}).size(), all_passes().size() - 1);
    EXPECT_EQ(graph.tensors.size(), 2u);
    try {
        run_passes(graph, {"drop_unsed"});
        ADD_FAILURE();
    } catch (const Error& error) {
        EXPECT_THAT(error.hint(), HasSubstr("did you mean drop_unused?"));
    }
}

}  // namespace
}  // namespace jatai
