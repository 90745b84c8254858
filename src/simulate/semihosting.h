// semihosting.h: what a firmware asks of its host by BKPT 0xAB (Arm IHI: semihosting for AArch32).
//
//     Semihosting host({.folder = "work"});
//     SemihostingResult result = host.call(r0, r1, memory);
//     if (result.exits) ...;  r0 = result.value;
//
// Keeps   Files are opened only below `folder`: absolute paths, "..", and links that lead outside are
// refused, and
//         the firmware sees an error number. ":tt" is the console.
// Memory  One buffer of the size a call names, at most kMostTransfer.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::simulate {

struct SemihostingOptions {
    fs::path folder;  // empty: no files at all
    std::string command_line;
    std::string console_input;
};

struct SemihostingResult {
    std::uint32_t value = 0;  // for r0
    bool exits = false;
    int exit_code = 0;
};

// The board's memory, as far as a call needs it. False: outside.
class SemihostingMemory {
  public:
    virtual ~SemihostingMemory() = default;
    virtual bool read(std::uint32_t address, std::span<std::uint8_t> bytes) const = 0;
    virtual bool write(std::uint32_t address, std::span<const std::uint8_t> bytes) = 0;
    virtual double elapsed_seconds() const = 0;  // on the board's clock
};

class Semihosting {
  public:
    explicit Semihosting(SemihostingOptions options);
    ~Semihosting();

    SemihostingResult call(std::uint32_t operation, std::uint32_t argument, SemihostingMemory& memory);
    const std::string& console() const { return console_; }
    void reset();

  private:
    struct File {
        std::FILE* stream = nullptr;  // null: the console
        bool is_open = false;
    };

    SemihostingResult exit_call(std::uint32_t operation, std::uint32_t argument, SemihostingMemory& memory);
    std::uint32_t keep(const File& file);
    std::uint32_t open(const std::uint32_t* words, SemihostingMemory& memory);
    std::uint32_t close(std::uint32_t handle);
    std::uint32_t write(const std::uint32_t* words, SemihostingMemory& memory);
    std::uint32_t read(const std::uint32_t* words, SemihostingMemory& memory);
    std::uint32_t seek(std::uint32_t handle, std::uint32_t position);
    std::uint32_t length(std::uint32_t handle);
    std::uint32_t remove(const std::uint32_t* words, SemihostingMemory& memory);
    std::uint32_t command_line(std::uint32_t argument, const std::uint32_t* words, SemihostingMemory& memory);
    void print_string(std::uint32_t address, SemihostingMemory& memory);
    std::uint32_t read_console(std::span<std::uint8_t> bytes);
    std::uint32_t fail(int error_number);
    File* file_of(std::uint32_t handle);
    // The path below the folder, or empty when it is not allowed.
    fs::path allowed_path(const std::string& name) const;
    bool read_text(std::uint32_t address, std::uint32_t count, std::string& text,
                   SemihostingMemory& memory) const;

    SemihostingOptions options_;
    std::vector<File> files_;
    std::string console_;
    std::size_t input_used_ = 0;
    int error_number_ = 0;
};

}  // namespace jatai::simulate
