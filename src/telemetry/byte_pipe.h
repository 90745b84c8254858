// byte_pipe.h: the far end of a device's byte pipe: records in frames, as docs/reference/update.md#byte-pipe
// has them.
//
//     PipeReader reader;
//     for (const PipeRecord& record : reader.take(bytes))
//         if (const auto want = read_want(record)) answer += write_data(*want, total, piece);
//
// Damaged frames are dropped: the chip asks again. Memory: one frame, 300 bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jatai {

struct PipeRecord {
    enum class Type : std::uint8_t { Hello = 1, Want = 2, Data = 3, Report = 4, Taken = 5, Ask = 6 };
    Type type = Type::Hello;
    std::string body;
};

class PipeReader {
  public:
    PipeReader();
    ~PipeReader();
    PipeReader(PipeReader&&) noexcept;
    std::vector<PipeRecord> take(std::string_view bytes);

  private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

struct PipeWant {
    enum class What : std::uint8_t { Root = 0, Manifest = 1, Payload = 2 };
    What what = What::Root;
    std::uint32_t offset = 0, most = 0;
    std::string target, source;  // of a payload: 8 bytes each, of what it makes and what it builds on
};
struct PipeReportPiece {
    std::uint16_t number = 0, total = 0, offset = 0;
    std::string bytes;
};
enum class PipeAsk : std::uint8_t {
    Look = 0,
    Confirm = 1,
    GiveBack = 2,
    Describe = 3,
    LookBeside = 5,
    DropBeside = 6
};
enum PipeConsent : std::uint8_t { kHealthConsent = 1, kStatisticsConsent = 2 };

// None: not such a record, or its body is not of that form.
std::optional<PipeWant> read_want(const PipeRecord& record);
std::optional<PipeReportPiece> read_report_piece(const PipeRecord& record);

// Frames as they go over the pipe.
std::string write_data(const PipeWant& want, std::uint32_t total, std::string_view piece);
std::string write_taken(std::uint16_t number);
std::string write_ask(PipeAsk ask);
std::string write_consent(std::uint8_t consents, std::uint32_t report_every_s);

}  // namespace jatai
