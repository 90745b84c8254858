#include "src/telemetry/byte_pipe.h"

#include "device/update/frame.h"
#include "src/base/error.h"

namespace jatai {
namespace {

constexpr std::size_t kDataHead = 9, kWantBytes = 7, kDigestBytes = 8;

std::uint32_t number_at(const std::string& body, std::size_t at, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(body[at + i]);
    return value;
}

void add(std::string& body, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) body += static_cast<char>(value >> (8 * i) & 255);
}

std::string frame(FrameType type, const std::string& body) {
    std::uint8_t line[kFrameRoom];
    const std::uint32_t bytes = write_frame(line, type, reinterpret_cast<const std::uint8_t*>(body.data()),
                                            static_cast<std::uint32_t>(body.size()));
    CHECK(bytes > 0);
    return {reinterpret_cast<const char*>(line), bytes};
}

}  // namespace

struct PipeReader::Inside {
    FrameReader reader;
};

PipeReader::PipeReader() : inside_(std::make_unique<Inside>()) {}
PipeReader::~PipeReader() = default;
PipeReader::PipeReader(PipeReader&&) noexcept = default;

std::vector<PipeRecord> PipeReader::take(std::string_view bytes) {
    std::vector<PipeRecord> records;
    FrameReader& reader = inside_->reader;
    for (const char byte : bytes) {
        if (!reader.push(static_cast<std::uint8_t>(byte))) continue;
        records.push_back({static_cast<PipeRecord::Type>(reader.type()),
                           {reinterpret_cast<const char*>(reader.body()), reader.body_bytes()}});
    }
    return records;
}

std::optional<PipeWant> read_want(const PipeRecord& record) {
    const std::string& body = record.body;
    if (record.type != PipeRecord::Type::Want || body.size() < kWantBytes) return std::nullopt;
    PipeWant want;
    want.what = static_cast<PipeWant::What>(body[0]);
    want.offset = number_at(body, 1, 4);
    want.most = number_at(body, 5, 2);
    if (want.what > PipeWant::What::Payload || want.most == 0) return std::nullopt;
    if (want.what != PipeWant::What::Payload) return want;
    if (body.size() != kWantBytes + 2 * kDigestBytes) return std::nullopt;
    want.target = body.substr(kWantBytes, kDigestBytes);
    want.source = body.substr(kWantBytes + kDigestBytes);
    return want;
}

std::optional<PipeReportPiece> read_report_piece(const PipeRecord& record) {
    const std::string& body = record.body;
    if (record.type != PipeRecord::Type::Report || body.size() < 7) return std::nullopt;
    PipeReportPiece piece;
    piece.number = static_cast<std::uint16_t>(number_at(body, 0, 2));
    piece.total = static_cast<std::uint16_t>(number_at(body, 2, 2));
    piece.offset = static_cast<std::uint16_t>(number_at(body, 4, 2));
    piece.bytes = body.substr(6);
    if (piece.offset + piece.bytes.size() > piece.total) return std::nullopt;
    return piece;
}

std::string write_data(const PipeWant& want, std::uint32_t total, std::string_view piece) {
    const std::size_t most = std::min<std::size_t>(want.most, kMaxBodyBytes - kDataHead);
    std::string body(1, static_cast<char>(want.what));
    add(body, want.offset, 4);
    add(body, total, 4);
    body += piece.substr(0, most);
    return frame(FrameType::Data, body);
}

std::string write_taken(std::uint16_t number) {
    std::string body;
    add(body, number, 2);
    return frame(FrameType::Taken, body);
}

std::string write_consent(std::uint8_t consents, std::uint32_t report_every_s) {
    std::string body = {4, static_cast<char>(consents)};
    add(body, report_every_s, 4);
    return frame(FrameType::Ask, body);
}

std::string write_ask(PipeAsk ask) { return frame(FrameType::Ask, std::string(1, static_cast<char>(ask))); }

}  // namespace jatai
