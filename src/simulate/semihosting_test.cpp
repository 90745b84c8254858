#include "src/simulate/semihosting.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kFailed = 0xFFFFFFFF;

// 4 KiB at address 0.
class Memory : public SemihostingMemory {
  public:
    bool read(std::uint32_t address, std::span<std::uint8_t> bytes) const override {
        if (address > memory_.size() || bytes.size() > memory_.size() - address) return false;
        std::copy_n(memory_.begin() + address, bytes.size(), bytes.begin());
        return true;
    }
    bool write(std::uint32_t address, std::span<const std::uint8_t> bytes) override {
        if (address > memory_.size() || bytes.size() > memory_.size() - address) return false;
        std::copy(bytes.begin(), bytes.end(), memory_.begin() + address);
        return true;
    }
    double elapsed_seconds() const override { return 1.25; }

    void text(std::uint32_t address, const std::string& text) {
        std::copy(text.begin(), text.end(), memory_.begin() + address);
        memory_[address + text.size()] = 0;
    }
    void words(std::uint32_t address, std::initializer_list<std::uint32_t> words) {
        for (std::uint32_t word : words) {
            std::memcpy(&memory_[address], &word, 4);
            address += 4;
        }
    }
    std::string read_back(std::uint32_t address, std::size_t count) const {
        return std::string(memory_.begin() + address,
                           memory_.begin() + address + static_cast<std::ptrdiff_t>(count));
    }

  private:
    Bytes memory_ = Bytes(4096);
};

class SemihostingFiles : public testing::Test {
  protected:
    void SetUp() override {
        root_ = fs::temp_directory_path() / ("jatai_semihosting_" + std::to_string(::getpid()));
        fs::create_directories(root_ / "work");
        write_text(root_ / "work" / "in.bin", "hello");
        write_text(root_ / "secret", "secret");
        fs::create_symlink(root_ / "secret", root_ / "work" / "link");
        fs::create_directory_symlink(root_, root_ / "work" / "up");
        host_ = std::make_unique<Semihosting>(SemihostingOptions{root_ / "work", "run me", "ab"});
    }
    void TearDown() override {
        host_.reset();
        fs::remove_all(root_);
    }

    std::uint32_t open(const std::string& name, std::uint32_t mode) {
        memory_.text(0x100, name);
        memory_.words(0, {0x100, mode, static_cast<std::uint32_t>(name.size())});
        return call(1);
    }
    std::uint32_t call(std::uint32_t operation) { return host_->call(operation, 0, memory_).value; }

    fs::path root_;
    Memory memory_;
    std::unique_ptr<Semihosting> host_;
};

TEST_F(SemihostingFiles, AFileInsideIsReadFromEndToEnd) {
    const std::uint32_t file = open("in.bin", 1);
    ASSERT_NE(file, kFailed);
    memory_.words(0, {file});
    EXPECT_EQ(call(0x0C), 5u);
    memory_.words(0, {file, 0x200, 8});
    EXPECT_EQ(call(6), 3u);  // three of eight bytes not read
    EXPECT_EQ(memory_.read_back(0x200, 5), "hello");
    memory_.words(0, {file, 1});
    EXPECT_EQ(call(0x0A), 0u);
    memory_.words(0, {file, 0x200, 4});
    EXPECT_EQ(call(6), 0u);
    EXPECT_EQ(memory_.read_back(0x200, 4), "ello");
    memory_.words(0, {file});
    EXPECT_EQ(call(2), 0u);
    EXPECT_EQ(call(2), kFailed);  // closed already
}

TEST_F(SemihostingFiles, WhatIsWrittenIsInTheFolder) {
    const std::uint32_t file = open("out.bin", 5);
    memory_.text(0x200, "bytes");
    memory_.words(0, {file, 0x200, 5});
    EXPECT_EQ(call(5), 0u);
    memory_.words(0, {file});
    call(2);
    EXPECT_EQ(read_text(root_ / "work" / "out.bin"), "bytes");
}

TEST_F(SemihostingFiles, NothingOutsideTheFolderIsReached) {
    for (const char* name :
         {"../secret", "/etc/passwd", "link", "up/secret", "work/../../secret", "", ".", "./../secret"}) {
        EXPECT_EQ(open(name, 1), kFailed) << name;
        EXPECT_EQ(open(name, 5), kFailed) << name;
    }
    EXPECT_EQ(read_text(root_ / "secret"), "secret");
    Semihosting closed({});
    memory_.text(0x100, "in.bin");
    memory_.words(0, {0x100, 1, 6});
    EXPECT_EQ(closed.call(1, 0, memory_).value, kFailed);
}

TEST_F(SemihostingFiles, BadAddressesAndHandlesAreRefused) {
    EXPECT_EQ(host_->call(1, 0xFFFFFFF0, memory_).value, kFailed);
    memory_.words(0, {99, 0x200, 4});
    EXPECT_EQ(call(6), 4u);
    memory_.words(0, {0x100, 77, 3});
    EXPECT_EQ(call(1), kFailed);
    memory_.words(0, {0xFFFFFF00, 1, 4096});
    EXPECT_EQ(call(1), kFailed);
    EXPECT_EQ(call(0x99), kFailed);
}

TEST_F(SemihostingFiles, TheConsoleSpeaksAndListens) {
    const std::uint32_t console = open(":tt", 4);
    memory_.words(0, {console});
    EXPECT_EQ(call(9), 1u);
    memory_.text(0x300, "out");
    host_->call(4, 0x300, memory_);
    host_->call(3, 0x300, memory_);
    EXPECT_EQ(host_->console(), "outo");
    EXPECT_EQ(call(7), static_cast<std::uint32_t>('a'));
}

TEST_F(SemihostingFiles, TheRestAnswers) {
    EXPECT_EQ(call(0x10), 125u);  // centiseconds of the board's own time
    memory_.words(0, {0x400, 64});
    EXPECT_EQ(call(0x15), 0u);
    EXPECT_EQ(memory_.read_back(0x400, 6), "run me");
    memory_.words(0, {0x400, 3});
    EXPECT_EQ(call(0x15), kFailed);
    memory_.words(0, {0x20026, 5});
    const SemihostingResult result = host_->call(0x20, 0, memory_);
    EXPECT_TRUE(result.exits);
    EXPECT_EQ(result.exit_code, 5);
    EXPECT_EQ(host_->call(0x18, 0x20026, memory_).exit_code, 0);
    EXPECT_EQ(host_->call(0x18, 0x20023, memory_).exit_code, 1);
}

TEST_F(SemihostingFiles, HandlesAreUsedAgain) {
    for (int i = 0; i < 200; ++i) {
        const std::uint32_t file = open("in.bin", 1);
        ASSERT_NE(file, kFailed) << i;
        memory_.words(0, {file});
        EXPECT_EQ(call(2), 0u);
    }
}

}  // namespace
}  // namespace jatai::simulate
