#include "src/pipeline/project.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/error.h"

namespace jatai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string complaint(const std::string& toml) {
    try {
        parse_settings(toml, "jatai.toml");
    } catch (const Error& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return "";
}

TEST(Project, ATemplateOpensAsItWasWritten) {
    const fs::path dir = fs::temp_directory_path() / ("jatai_project_" + std::to_string(::getpid()));
    const Project project = new_project("keyword", dir, "pt");
    EXPECT_THAT(project.settings.data.words, ElementsAre("sim", "não", "liga", "desliga"));
    EXPECT_EQ(project.settings.data.voice_language, "pt");
    EXPECT_THROW(new_project("keyword", dir, "en"), Error) << "an existing project is never overwritten";
    fs::remove_all(dir);
}

TEST(Project, AWrongSettingIsNamedWithItsLine) {
    EXPECT_THAT(complaint("[train]\nepoch = 3\n"),
                HasSubstr("jatai.toml:2: [train] has no setting epoch | did you mean epochs?"));
    EXPECT_THAT(
        complaint("[train]\n\nepochs = 0\n"),
        HasSubstr("jatai.toml:3: epochs = 0, expected a whole number from 1 to 10000 | mend this line"));
    EXPECT_THAT(complaint("[train]\nnetwork = \"ds_cn\"\n"), HasSubstr("| did you mean ds_cnn?"));
    EXPECT_THAT(complaint("[trian]\n"), HasSubstr("did you mean train?"));
    EXPECT_THAT(complaint("[data\n"), HasSubstr("jatai.toml:1: not TOML"));
    EXPECT_THAT(complaint("[data]\nwords = [\"yes\"]\n"), HasSubstr("at least two words"));
    EXPECT_THAT(complaint("[data]\nwords = [\"yes\", \"yes\"]\n"), HasSubstr("each word once"));
}

TEST(Project, AFolderWithoutAProjectSaysHowToStartOne) {
    try {
        open_project("/no/such/folder");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.hint(), HasSubstr("jatai new keyword"));
    }
}

}  // namespace
}  // namespace jatai
