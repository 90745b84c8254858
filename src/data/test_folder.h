// test_folder.h: a folder of a test's own, gone when the test ends.
//
//     const TestFolder folder;
//     write_text(folder / "a.csv", "x");
#pragma once

#include <unistd.h>

#include <atomic>
#include <string>

#include "src/base/bytes.h"

namespace jatai {

class TestFolder {
  public:
    TestFolder() {
        static std::atomic<int> number{0};
        path_ = fs::temp_directory_path() /
                ("jatai_data_" + std::to_string(::getpid()) + "_" + std::to_string(number++));
        fs::create_directories(path_);
    }
    ~TestFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    const fs::path& path() const { return path_; }
    fs::path operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

}  // namespace jatai
