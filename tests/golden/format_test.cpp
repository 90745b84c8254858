// Packages of released format versions, as they were written then. A failure here means that devices in the
// field would refuse a package, or answer differently: mend the code, not the file.
//
// tiny_v1.jpk is the network of src/package/test_model.h; tiny_v1.in.bin and .out.bin are 4 samples. A new
// version gets files of its own: JATAI_WRITE_GOLDEN=1 writes those that are missing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "src/base/rng.h"
#include "src/graph/text_form.h"
#include "src/package/inspect.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/test_model.h"

namespace jatai {
namespace {

const fs::path kFolder = fs::path(JATAI_SOURCE_DIR) / "tests" / "golden";

void write_if_asked() {
    if (std::getenv("JATAI_WRITE_GOLDEN") == nullptr || fs::exists(kFolder / "tiny_v1.jpk")) return;
    const Graph graph = tapped_graph();
    PackOptions options;
    options.blobs = {{"features", {1, 2, 3, 4}}};
    const Bytes package = pack(graph, make_plan(graph, Board{}, Family::CortexM), options);
    Rng rng(2026);
    Bytes inputs(64 * 4 * sizeof(float));
    for (std::size_t i = 0; i < inputs.size(); i += sizeof(float)) {
        const float x = rng.uniform(-3, 3);
        std::memcpy(inputs.data() + i, &x, sizeof x);
    }
    write_file(kFolder / "tiny_v1.jpk", package);
    write_file(kFolder / "tiny_v1.in.bin", inputs);
    write_file(kFolder / "tiny_v1.out.bin", run_package(package, inputs, "tiny_v1.jpk"));
}

TEST(Format, APackageOfVersion1StillOpensAndAnswersTheSame) {
    write_if_asked();
    const Bytes package = read_file(kFolder / "tiny_v1.jpk");
    const PackageInfo info = inspect(package, "tiny_v1.jpk");
    EXPECT_EQ(info.version, 1);
    EXPECT_EQ(info.labels, (std::vector<std::string>{"yes", "no"}));
    EXPECT_EQ(*info.section(sections::kFeatures), (Bytes{1, 2, 3, 4}));
    EXPECT_TRUE(varied(read_file(kFolder / "tiny_v1.out.bin")));
    EXPECT_EQ(run_package(package, read_file(kFolder / "tiny_v1.in.bin"), "tiny_v1.jpk"),
              read_file(kFolder / "tiny_v1.out.bin"));
}

}  // namespace
}  // namespace jatai
