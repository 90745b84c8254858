#include "src/simulate/semihosting.h"

#include <algorithm>
#include <cerrno>

namespace jatai::simulate {
namespace {

enum Operation : std::uint32_t {
    kOpen = 0x01,
    kClose = 0x02,
    kWriteC = 0x03,
    kWrite0 = 0x04,
    kWrite = 0x05,
    kRead = 0x06,
    kReadC = 0x07,
    kIsError = 0x08,
    kIsTty = 0x09,
    kSeek = 0x0A,
    kFileLength = 0x0C,
    kRemove = 0x0E,
    kClock = 0x10,
    kTime = 0x11,
    kErrno = 0x13,
    kGetCommandLine = 0x15,
    kExit = 0x18,
    kExitExtended = 0x20,
    kElapsed = 0x30,
    kTickFrequency = 0x31,
};

constexpr std::uint32_t kFailed = 0xFFFFFFFF;
constexpr std::uint32_t kMostTransfer = 64u << 20, kMostName = 4096, kMostFiles = 64;
constexpr std::size_t kMostConsole = 16u << 20;
constexpr std::uint32_t kApplicationExit = 0x20026;

// How many words the argument block of an operation has.
unsigned argument_words(std::uint32_t operation) {
    switch (operation) {
        case kOpen:
        case kWrite:
        case kRead:
            return 3;
        case kSeek:
        case kRemove:
        case kGetCommandLine:
            return 2;
        case kClose:
        case kIsTty:
        case kIsError:
        case kFileLength:
            return 1;
        default:
            return 0;
    }
}

bool read_words(std::uint32_t address, unsigned count, std::uint32_t* words, SemihostingMemory& memory) {
    return count == 0 || memory.read(address, {reinterpret_cast<std::uint8_t*>(words), count * 4u});
}

// fopen modes in the order of the specification's numbers 0 to 11.
const char* mode_of(std::uint32_t number) {
    static constexpr const char* kModes[12] = {"r",  "rb",  "r+", "r+b", "w",  "wb",
                                               "w+", "w+b", "a",  "ab",  "a+", "a+b"};
    return kModes[number];
}

}  // namespace

Semihosting::Semihosting(SemihostingOptions options) : options_(std::move(options)) {}

Semihosting::~Semihosting() { reset(); }

void Semihosting::reset() {
    for (const File& file : files_)
        if (file.stream != nullptr) std::fclose(file.stream);
    files_.clear();
    console_.clear();
    input_used_ = 0;
    error_number_ = 0;
}

std::uint32_t Semihosting::fail(int error_number) {
    error_number_ = error_number;
    return kFailed;
}

Semihosting::File* Semihosting::file_of(std::uint32_t handle) {
    if (handle == 0 || handle > files_.size() || !files_[handle - 1].is_open) return nullptr;
    return &files_[handle - 1];
}

fs::path Semihosting::allowed_path(const std::string& name) const {
    const fs::path relative(name);
    if (options_.folder.empty() || name.empty() || relative.is_absolute()) return {};
    if (std::find(relative.begin(), relative.end(), "..") != relative.end()) return {};
    std::error_code error;
    const fs::path root = fs::weakly_canonical(options_.folder, error);
    if (error) return {};
    const fs::path found = fs::weakly_canonical(root / relative, error);  // links followed
    if (error) return {};
    const auto [end, unused] = std::mismatch(root.begin(), root.end(), found.begin(), found.end());
    return end == root.end() && found != root ? found : fs::path{};
}

bool Semihosting::read_text(std::uint32_t address, std::uint32_t count, std::string& text,
                            SemihostingMemory& memory) const {
    if (count > kMostName) return false;
    text.resize(count);
    return memory.read(address, {reinterpret_cast<std::uint8_t*>(text.data()), count});
}

// The handle of a new open file: the first free number.
std::uint32_t Semihosting::keep(const File& file) {
    auto slot = std::find_if(files_.begin(), files_.end(), [](const File& f) { return !f.is_open; });
    if (slot == files_.end()) {
        if (files_.size() >= kMostFiles) {
            if (file.stream != nullptr) std::fclose(file.stream);
            return fail(EMFILE);
        }
        slot = files_.insert(files_.end(), File{});
    }
    *slot = file;
    return static_cast<std::uint32_t>(slot - files_.begin()) + 1;
}

std::uint32_t Semihosting::open(const std::uint32_t* words, SemihostingMemory& memory) {
    std::string name;
    if (words[1] > 11 || !read_text(words[0], words[2], name, memory)) return fail(EINVAL);
    if (name == ":tt") return keep({nullptr, true});
    const fs::path path = allowed_path(name);
    if (path.empty()) return fail(EACCES);
    std::FILE* stream = std::fopen(path.c_str(), mode_of(words[1]));
    return stream == nullptr ? fail(errno) : keep({stream, true});
}

std::uint32_t Semihosting::close(std::uint32_t handle) {
    File* file = file_of(handle);
    if (file == nullptr) return fail(EBADF);
    const int failed = file->stream != nullptr ? std::fclose(file->stream) : 0;
    *file = {};
    return failed != 0 ? fail(errno) : 0;
}

// Gives the number of bytes NOT written, as the specification has it.
std::uint32_t Semihosting::write(const std::uint32_t* words, SemihostingMemory& memory) {
    File* file = file_of(words[0]);
    if (file == nullptr || words[2] > kMostTransfer) {
        fail(EBADF);
        return words[2];
    }
    Bytes bytes(words[2]);
    if (!memory.read(words[1], bytes)) return words[2];
    if (file->stream != nullptr)
        return words[2] -
               static_cast<std::uint32_t>(std::fwrite(bytes.data(), 1, bytes.size(), file->stream));
    if (console_.size() < kMostConsole) console_.append(bytes.begin(), bytes.end());
    return 0;
}

std::uint32_t Semihosting::read_console(std::span<std::uint8_t> bytes) {
    const std::size_t count = std::min(bytes.size(), options_.console_input.size() - input_used_);
    std::copy_n(options_.console_input.begin() + static_cast<std::ptrdiff_t>(input_used_), count,
                bytes.begin());
    input_used_ += count;
    return static_cast<std::uint32_t>(count);
}

// Gives the number of bytes NOT read.
std::uint32_t Semihosting::read(const std::uint32_t* words, SemihostingMemory& memory) {
    File* file = file_of(words[0]);
    if (file == nullptr || words[2] > kMostTransfer) {
        fail(EBADF);
        return words[2];
    }
    Bytes bytes(words[2]);
    const std::uint32_t got =
        file->stream == nullptr
            ? read_console(bytes)
            : static_cast<std::uint32_t>(std::fread(bytes.data(), 1, bytes.size(), file->stream));
    if (!memory.write(words[1], ByteView(bytes).first(got))) return words[2];
    return words[2] - got;
}

std::uint32_t Semihosting::seek(std::uint32_t handle, std::uint32_t position) {
    File* file = file_of(handle);
    if (file == nullptr || file->stream == nullptr) return fail(EBADF);
    return std::fseek(file->stream, static_cast<long>(position), SEEK_SET) != 0 ? fail(errno) : 0;
}

std::uint32_t Semihosting::length(std::uint32_t handle) {
    File* file = file_of(handle);
    if (file == nullptr) return fail(EBADF);
    if (file->stream == nullptr) return 0;
    const long here = std::ftell(file->stream);
    if (here < 0 || std::fseek(file->stream, 0, SEEK_END) != 0) return fail(errno);
    const long end = std::ftell(file->stream);
    std::fseek(file->stream, here, SEEK_SET);
    return static_cast<std::uint32_t>(end);
}

std::uint32_t Semihosting::remove(const std::uint32_t* words, SemihostingMemory& memory) {
    std::string name;
    if (!read_text(words[0], words[1], name, memory)) return fail(EINVAL);
    const fs::path path = allowed_path(name);
    std::error_code error;
    if (path.empty() || !fs::is_regular_file(path, error)) return fail(EACCES);
    return fs::remove(path, error) ? 0 : fail(error.value());
}

std::uint32_t Semihosting::command_line(std::uint32_t argument, const std::uint32_t* words,
                                        SemihostingMemory& memory) {
    const std::string& line = options_.command_line;
    if (words[1] <= line.size()) return fail(E2BIG);
    const auto* first = reinterpret_cast<const std::uint8_t*>(line.c_str());
    const auto size = static_cast<std::uint32_t>(line.size());
    const bool written = memory.write(words[0], {first, line.size() + 1}) &&
                         memory.write(argument + 4, {reinterpret_cast<const std::uint8_t*>(&size), 4});
    return written ? 0 : fail(EFAULT);
}

void Semihosting::print_string(std::uint32_t address, SemihostingMemory& memory) {
    std::uint8_t letter = 0;
    for (std::uint32_t i = 0; i < kMostTransfer; ++i) {
        if (!memory.read(address + i, {&letter, 1}) || letter == 0 || console_.size() >= kMostConsole) return;
        console_.push_back(static_cast<char>(letter));
    }
}

SemihostingResult Semihosting::exit_call(std::uint32_t operation, std::uint32_t argument,
                                         SemihostingMemory& memory) {
    SemihostingResult result{0, true, 0};
    std::uint32_t words[2] = {argument, 0};
    if (operation == kExitExtended && !read_words(argument, 2, words, memory)) return {kFailed, true, 1};
    result.exit_code = words[0] == kApplicationExit ? static_cast<int>(words[1]) : 1;
    return result;
}

SemihostingResult Semihosting::call(std::uint32_t operation, std::uint32_t argument,
                                    SemihostingMemory& memory) {
    std::uint32_t words[3] = {};
    if (!read_words(argument, argument_words(operation), words, memory)) return {fail(EFAULT)};
    switch (operation) {
        case kOpen:
            return {open(words, memory)};
        case kClose:
            return {close(words[0])};
        case kWriteC:
        case kWrite0: {
            std::uint8_t letter = 0;
            if (operation == kWrite0) print_string(argument, memory);
            if (operation == kWriteC && memory.read(argument, {&letter, 1}) && console_.size() < kMostConsole)
                console_.push_back(static_cast<char>(letter));
            return {0};
        }
        case kWrite:
            return {write(words, memory)};
        case kRead:
            return {read(words, memory)};
        case kReadC: {
            std::uint8_t letter = 0;
            return {read_console({&letter, 1}) == 1 ? letter : kFailed};
        }
        case kIsError:
            return {words[0] >> 31};
        case kIsTty: {
            const File* file = file_of(words[0]);
            return {file != nullptr && file->stream == nullptr ? 1u : 0u};
        }
        case kSeek:
            return {seek(words[0], words[1])};
        case kFileLength:
            return {length(words[0])};
        case kRemove:
            return {remove(words, memory)};
        case kClock:
            return {static_cast<std::uint32_t>(memory.elapsed_seconds() * 100)};
        case kTime:
            return {static_cast<std::uint32_t>(memory.elapsed_seconds())};  // the board has no calendar
        case kErrno:
            return {static_cast<std::uint32_t>(error_number_)};
        case kGetCommandLine:
            return {command_line(argument, words, memory)};
        case kTickFrequency:
            return {1000000};
        case kElapsed: {
            const auto ticks = static_cast<std::uint64_t>(memory.elapsed_seconds() * 1e6);
            return {memory.write(argument, {reinterpret_cast<const std::uint8_t*>(&ticks), 8}) ? 0 : kFailed};
        }
        case kExit:
        case kExitExtended:
            return exit_call(operation, argument, memory);
        default:
            return {fail(ENOSYS)};
    }
}

}  // namespace jatai::simulate
