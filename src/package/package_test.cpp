#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "device/package_hash.h"
#include "device/sha256.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/ops/kernels.h"
#include "src/graph/text_form.h"
#include "src/package/emit_cpp.h"
#include "src/package/inspect.h"
#include "src/package/kernel_table.h"
#include "src/package/op_table.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/status_text.h"
#include "src/package/test_model.h"

namespace jatai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Tiny {
    Graph graph = tapped_graph();
    Plan plan = make_plan(graph, Board{}, Family::Reference);
    Bytes packed(const PackOptions& options = {}) const { return pack(graph, plan, options); }
};

std::string refusal(ByteView package) {
    try {
        inspect(package, "x.jpk");
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

TEST(Package, TheSameModelGivesTheSameBytes) { EXPECT_EQ(Tiny().packed(), Tiny().packed()); }

TEST(Package, InspectGivesBackWhatWasPacked) {
    const Tiny tiny;
    PackOptions options;
    options.labels = {"sim", "não", "água doce"};
    options.blobs = {{"features", {1, 2, 3}}, {"lineage", {'{', '}'}}};
    const PackageInfo info = inspect(tiny.packed(options), "tiny.jpk");
    EXPECT_EQ(info.name, "tiny");
    EXPECT_THAT(info.labels, ElementsAre("sim", "não", "água doce"));
    EXPECT_EQ(*info.section("features"), (Bytes{1, 2, 3}));
    EXPECT_EQ(info.section("nothing"), nullptr);
    ASSERT_EQ(info.inputs.size(), 1u);
    EXPECT_EQ(info.inputs[0].name, "wave");
    EXPECT_EQ(info.inputs[0].type, Type::Float32);
    EXPECT_EQ(info.input_bytes(), 256u);
    EXPECT_EQ(info.outputs[0].bytes, 8u);
    EXPECT_EQ(info.outputs.size(), 7u);
    EXPECT_EQ(info.arena_bytes, tiny.plan.arena_bytes);
    EXPECT_EQ(info.kernels, tiny.plan.kernels());
    EXPECT_EQ(info.macs, tiny.plan.macs);
    ASSERT_EQ(info.ops.size(), tiny.plan.costs.size());
    EXPECT_EQ(info.ops[1].output_shape, tiny.plan.costs[1].output_shape);
    EXPECT_EQ(to_json(info)["ops"][1]["op"], "CONV_2D");
}

TEST(Package, LabelsOfTheGraphGoInWhenNoneAreGiven) {
    EXPECT_THAT(inspect(Tiny().packed(), "tiny.jpk").labels, ElementsAre("yes", "no"));
}

TEST(Package, ASectionNamedTwiceIsRefused) {
    PackOptions options;
    options.blobs = {{"a", {}}, {"a", {}}};
    EXPECT_THROW(Tiny().packed(options), Error);
}

TEST(Package, RunsOnThisComputerTheSameEveryTime) {
    const Tiny tiny;
    Rng rng(5);
    std::vector<float> samples(64 * 3);
    for (float& x : samples) x = rng.uniform(-3, 3);
    const ByteView inputs(reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size() * 4);
    const Bytes package = tiny.packed();
    const Bytes outputs = run_package(package, inputs, "tiny.jpk");
    EXPECT_EQ(outputs.size(), 3 * inspect(package, "tiny.jpk").output_bytes());
    EXPECT_TRUE(varied(outputs));
    EXPECT_EQ(run_package(package, inputs, "tiny.jpk"), outputs);
    EXPECT_EQ(HostRunner(package, "tiny.jpk").run(inputs.last(256)),
              Bytes(outputs.end() - static_cast<std::ptrdiff_t>(outputs.size() / 3), outputs.end()));
    EXPECT_THROW(run_package(package, inputs.first(300), "tiny.jpk"), Error);
    EXPECT_THROW(run_package(package, {}, "tiny.jpk"), Error);
}

TEST(Package, CutAnywhereItIsRefusedInWords) {
    const Bytes package = Tiny().packed();
    for (std::size_t i = 0; i < 200; ++i) {
        const ByteView cut = ByteView(package).first(package.size() * i / 200);
        const Bytes exact(cut.begin(), cut.end());
        EXPECT_THAT(refusal(exact), HasSubstr("x.jpk: ")) << cut.size();
    }
}

TEST(Package, AFlippedBitAnywhereIsRefusedInWords) {
    const Bytes package = Tiny().packed();
    for (std::size_t i = 0; i < 200; ++i) {
        Bytes flipped = package;
        flipped[package.size() * i / 200] ^= static_cast<std::uint8_t>(1u << (i % 8));
        EXPECT_THAT(refusal(flipped), HasSubstr("x.jpk: ")) << i;
    }
}

// Who means harm can hash too: after the flip the hash is made right, and only the engine's proof is left.
TEST(Package, AFlippedBitUnderARightHashNeverCrashesOpenOrRun) {
    const Bytes package = Tiny().packed();
    int refused = 0;
    for (std::size_t i = kHashedFrom; i < package.size(); ++i) {
        Bytes flipped = package;
        flipped[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
        sha256(flipped.data() + kHashedFrom, flipped.size() - kHashedFrom,
               flipped.data() + offsetof(PackageHeader, sha256));
        try {
            HostRunner runner(flipped, "x.jpk");
            runner.run(Bytes(runner.input_bytes(), 7));
        } catch (const Error&) {
            ++refused;
        }
    }
    EXPECT_GT(refused, 200);
}

TEST(Package, HostileTextIsShownWithoutWhatSteersATerminal) {
    Tiny tiny;
    tiny.plan.name = "a\x1b[2J\xFF";
    PackOptions options;
    options.labels = {std::string("\xC3\x28 ok")};
    const PackageInfo info = inspect(tiny.packed(options), "x.jpk");
    EXPECT_EQ(info.name, "a?[2J?");
    EXPECT_THAT(info.labels, ElementsAre("?( ok"));
    EXPECT_NO_THROW(to_json(info).dump());
}

TEST(Package, AMissingKernelIsNamed) {
    Tiny tiny;
    tiny.plan.steps[0].kernel.version = 77;
    EXPECT_THAT(refusal(tiny.packed()), HasSubstr("v77"));
}

TEST(OpTable, ReadsBackWhatItWrote) {
    const auto costs = Tiny().plan.costs;
    const auto again = read_op_table(write_op_table(costs));
    ASSERT_EQ(again.size(), costs.size());
    for (std::size_t i = 0; i < costs.size(); ++i) {
        EXPECT_EQ(again[i].macs, costs[i].macs);
        EXPECT_EQ(again[i].op, costs[i].op);
        EXPECT_EQ(again[i].live_bytes, costs[i].live_bytes);
    }
}

TEST(OpTable, SkipsLinesThatMakeNoSense) {
    EXPECT_TRUE(read_op_table("").empty());
    EXPECT_TRUE(read_op_table("1\t2\t3\n\t\t\t\t\t\t\n99999999\t1\t1\t1\t1\t1\tx\n").empty());
}

TEST(StatusText, EveryNumberHasItsOwnSentence) {
    std::set<std::string> sentences;
    for (int i = 0; i < kStatusCount; ++i) sentences.insert(status_text(static_cast<Status>(i)));
    EXPECT_EQ(sentences.size(), kStatusCount);
    EXPECT_THAT(status_text(static_cast<Status>(200)), HasSubstr("200"));
}

TEST(KernelTable, NamesOnlyTheKernelsAskedFor) {
    const std::vector<KernelKey> one{all_kernels().front()};
    const std::string source =
        write_kernel_table({one, Family::Reference, "nano33ble", PackageSpace::Linker});
    EXPECT_THAT(source, HasSubstr(kernel_source(one[0], Family::Reference).symbol));
    EXPECT_THAT(source, HasSubstr("__package_start"));
    for (const KernelKey& key : all_kernels()) {
        if (!(key == one[0])) {
            EXPECT_THAT(source, Not(HasSubstr(std::string("&jatai::") +
                                              kernel_source(key, Family::Reference).symbol + ",")));
        }
    }
}

TEST(KernelTable, TheSetsHashDoesNotDependOnOrder) {
    std::vector<KernelKey> keys = all_kernels();
    const Bytes hash = kernel_set_hash(keys);
    std::reverse(keys.begin(), keys.end());
    EXPECT_EQ(kernel_set_hash(keys), hash);
    keys.pop_back();
    EXPECT_NE(kernel_set_hash(keys), hash);
}

TEST(EmitCpp, ANameBecomesAnIdentifier) {
    EXPECT_EQ(cpp_identifier("kws"), "kws");
    EXPECT_EQ(cpp_identifier("Meu Modelo-2"), "meu_modelo_2");
    EXPECT_EQ(cpp_identifier("2fast"), "model_2fast");
    EXPECT_EQ(cpp_identifier("int"), "model_int");
    EXPECT_EQ(cpp_identifier("ação"), "a_o");
    EXPECT_EQ(cpp_identifier("..."), "model");
}

}  // namespace
}  // namespace jatai
