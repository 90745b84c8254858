#include "src/telemetry/report.h"

#include "src/telemetry/cbor.h"

namespace jatai {
namespace {

constexpr const char* kReasons[] = {"Ok",
                                    "BadManifest",
                                    "Unsupported",
                                    "WrongDigest",
                                    "UnknownKey",
                                    "BadSignature",
                                    "WrongVendor",
                                    "WrongBoard",
                                    "Downgrade",
                                    "Replayed",
                                    "Expired",
                                    "WrongFormat",
                                    "WrongFamily",
                                    "MissingKernel",
                                    "ArenaTooSmall",
                                    "TooLarge",
                                    "BadPayload",
                                    "WrongSource",
                                    "WrongImage",
                                    "BadPackage",
                                    "SelfTestFailed",
                                    "FlashFailed",
                                    "Returned",
                                    "NoKeys",
                                    "NoFirmwarePort",
                                    "BadRoot",
                                    "TooFewSignatures",
                                    "OldRoot",
                                    "TooLong",
                                    "NoModel",
                                    "OutOfTurn",
                                    "HandedOver",
                                    "TooSlow"};

std::string hex(std::string_view bytes) {
    static const char* digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

// The n-th number of an array; 0 when it is not there.
std::uint64_t number_at(const Cbor* array, std::size_t n) {
    if (array == nullptr || !array->is(Cbor::Type::Array) || n >= array->items.size()) return 0;
    return array->items[n].unsigned_or(0);
}

std::uint32_t small_at(const Cbor* array, std::size_t n) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number_at(array, n), 0xFFFFFFFF));
}

void read_model(const Cbor& body, DeviceReport& out) {
    const Cbor* model = body.get(4);
    out.sequence = number_at(model, 0);
    if (model != nullptr && model->items.size() > 1 && model->items[1].is(Cbor::Type::Bytes)) {
        out.digest = hex(model->items[1].text);
    }
    out.phase = small_at(model, 2);
    if (const Cbor* digest = body.get(20); digest != nullptr && digest->is(Cbor::Type::Bytes))
        out.digest = hex(digest->text);
    out.floor = number_at(body.get(5), 0);
    out.root_sequence = number_at(body.get(5), 2);
    const Cbor* last = body.get(6);
    out.last_sequence = number_at(last, 0);
    out.reason = small_at(last, 1);
    out.detail = small_at(last, 2);
    const Cbor* beside = body.get(16);
    out.beside_sequence = number_at(beside, 0);
    if (beside != nullptr && beside->items.size() > 1 && beside->items[1].is(Cbor::Type::Bytes))
        out.beside = hex(beside->items[1].text);
}

void read_description(const Cbor& body, DeviceReport& out) {
    if (const Cbor* kernels = body.get(8); kernels != nullptr && kernels->is(Cbor::Type::Bytes)) {
        for (std::size_t at = 0; at + 4 <= kernels->text.size(); at += 4) {
            out.kernels.push_back(hex(std::string_view(kernels->text).substr(at, 4)));
        }
    }
    const Cbor* room = body.get(9);
    out.family = small_at(room, 0);
    out.arena_bytes = number_at(room, 1);
    out.slot_bytes = number_at(room, 2);
    out.format = small_at(room, 3);
    if (room != nullptr && room->is(Cbor::Type::Array) && room->items.size() > 4)
        out.can_beside = small_at(room, 4) == 1;
    out.application_bytes = number_at(room, 5);
}

void read_health(const Cbor& body, DeviceReport& out) {
    const Cbor* uptime = body.get(10);
    out.uptime_s = uptime != nullptr ? uptime->unsigned_or(0) : 0;
    const Cbor* runs = body.get(11);
    out.runs = number_at(runs, 0);
    out.total_us = number_at(runs, 1);
    out.longest_us = number_at(runs, 2);
    out.memory_bytes = number_at(body.get(12), 0);
    out.stack_bytes = number_at(body.get(12), 1);
    if (const Cbor* energy = body.get(13)) {
        out.energy_uj =
            energy->is(Cbor::Type::Float) ? energy->real : static_cast<double>(energy->unsigned_or(0));
    }
    out.starts = number_at(body.get(14), 0);
    out.start_reason = small_at(body.get(14), 1);
    out.crashes = number_at(body.get(15), 4);
}

bool read_histogram(const Cbor& pair, DeviceReport& out) {
    if (!pair.is(Cbor::Type::Array) || pair.items.size() != 2 || !pair.items[1].is(Cbor::Type::Bytes))
        return false;
    const std::string& raw = pair.items[1].text;
    if (raw.size() != 32) return false;
    Histogram bins{};
    for (std::size_t i = 0; i < bins.size(); ++i) {
        bins[i] = static_cast<std::uint8_t>(raw[2 * i]) |
                  static_cast<std::uint64_t>(static_cast<std::uint8_t>(raw[2 * i + 1])) << 8;
    }
    switch (pair.items[0].unsigned_or(99)) {
        case 0:
            out.input = bins;
            return true;
        case 1:
            out.output = bins;
            return true;
        case 2:
            out.confidence = bins;
            return true;
        default:
            return true;  // of a later device
    }
}

bool read_statistics(const Cbor& body, DeviceReport& out) {
    if (const Cbor* all = body.get(21)) {
        for (const Cbor& pair : all->items) {
            if (!read_histogram(pair, out)) return false;
        }
    }
    if (const Cbor* drift = body.get(22)) {
        for (const Cbor& row : drift->items) out.drifted = out.drifted || number_at(&row, 3) == 2;
    }
    return true;
}

}  // namespace

std::optional<DeviceReport> read_report(std::string_view bytes) {
    const std::optional<Cbor> body = read_cbor(bytes);
    if (!body || body->get(0) == nullptr || body->get(0)->unsigned_or(0) != 1) return std::nullopt;
    const Cbor* kind = body->get(1);
    if (kind == nullptr || kind->unsigned_or(9) > 3) return std::nullopt;
    DeviceReport out;
    out.kind = static_cast<DeviceReport::Kind>(kind->number_);
    if (const Cbor* board = body->get(2); board != nullptr && board->is(Cbor::Type::Text))
        out.board = board->text;
    read_model(*body, out);
    read_description(*body, out);
    read_health(*body, out);
    if (!read_statistics(*body, out)) return std::nullopt;
    return out;
}

std::string reason_name(std::uint32_t reason) {
    constexpr std::size_t known = sizeof kReasons / sizeof kReasons[0];
    return reason < known ? kReasons[reason] : "reason " + std::to_string(reason);
}

}  // namespace jatai
