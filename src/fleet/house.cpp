#include "src/fleet/house.h"

#include <algorithm>
#include <cctype>

#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr int kDeepest = 32;

Json from_cbor(const Cbor& value) {
    using Type = Cbor::Type;
    switch (value.type) {
        case Type::Unsigned:
            return value.number_;
        case Type::Negative:
            return -1 - static_cast<std::int64_t>(std::min<std::uint64_t>(value.number_, INT64_MAX - 1));
        case Type::Bytes:
        case Type::Text:
            return value.text;
        case Type::Bool:
            return value.number_ != 0;
        case Type::Float:
            return value.real;
        case Type::Null:
            return nullptr;
        case Type::Array: {
            Json out = Json::array();
            for (const Cbor& item : value.items) out.push_back(from_cbor(item));
            return out;
        }
        case Type::Map:
            break;
    }
    Json out = Json::object();
    for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
        const Cbor& key = value.items[i];
        out[key.is(Type::Unsigned) ? std::to_string(key.number_) : key.text] = from_cbor(value.items[i + 1]);
    }
    return out;
}

}  // namespace

Json parse_json(std::string_view text) {
    bool deep = false;
    const auto watch = [&](int depth, Json::parse_event_t, Json&) {
        deep = deep || depth > kDeepest;
        return !deep;
    };
    Json value = Json::parse(text, watch, false);
    if (deep) throw Refusal{400, "the body nests deeper than 32", ""};
    if (value.is_discarded()) throw Refusal{400, "the body is not JSON", "see docs/reference/api.md"};
    return value;
}

Json body_of(const Request& request) {
    if (request.body.empty()) return Json::object();
    if (request.type.find("cbor") == std::string::npos) return parse_json(request.body);
    const std::optional<Cbor> value = read_cbor(request.body);
    if (!value) throw Refusal{400, "the body is not CBOR", "see docs/reference/api.md"};
    return from_cbor(*value);
}

Reply answer(const Json& value, int status) {
    Reply reply;
    reply.status = status;
    reply.body = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return reply;
}

void check_name(const std::string& what, const std::string& name) {
    const bool fine =
        !name.empty() && name.size() <= 128 && name[0] != '.' && name[0] != '~' &&
        std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return c < 128 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == ':');
        });
    if (!fine)
        throw Refusal{
            400, what + " \"" + name.substr(0, 40) + "\": expected 1 to 128 letters, digits, - _ . or :", ""};
}

}  // namespace jatai::fleet
