#include "src/fleet/gateway.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

using Json = nlohmann::json;
constexpr std::uint64_t kWindow = 16 * 1024;
constexpr std::size_t kMostPieces = 16, kLongestReport = 4096;

std::string path_of(const std::string& url) {
    const std::size_t host = url.find("://");
    const std::size_t slash = host == std::string::npos ? 0 : url.find('/', host + 3);
    return slash == std::string::npos ? std::string() : url.substr(slash);
}

std::string text_at(const Json& body, const std::string& pointer) {
    const Json::json_pointer at(pointer);
    return body.contains(at) && body[at].is_string() ? body[at].get<std::string>() : std::string();
}

std::string link_to(const Json& body, const char* name) {
    return path_of(text_at(body, std::string("/_links/") + name + "/href"));
}

// "bytes 0-99/1234" → 1234; without such a header the answer was the whole file.
std::uint64_t total_of(const HttpAnswer& answer) {
    const auto found = answer.headers.find("content-range");
    std::uint64_t total = answer.body.size();
    if (found == answer.headers.end()) return total;
    const std::size_t slash = found->second.find('/');
    if (slash == std::string::npos) return total;
    const char* begin = found->second.data() + slash + 1;
    std::from_chars(begin, found->second.data() + found->second.size(), total);
    return total;
}

std::string piece_of(const std::string& bytes, std::uint64_t from, std::uint64_t at, std::uint32_t most) {
    if (at < from || at - from >= bytes.size()) return {};
    return bytes.substr(static_cast<std::size_t>(at - from), most);
}

}  // namespace

Gateway::Gateway(GatewaySettings settings)
    : settings_(std::move(settings)),
      client_(settings_.url, "GatewayToken " + settings_.key, settings_.ca, settings_.timeout_s) {}

std::string Gateway::base() const { return "/" + settings_.tenant + "/controller/v1/" + settings_.device; }

// A server that does not answer is an answer of status 0.
HttpAnswer Gateway::ask(const std::string& method, const std::string& path, const std::string& body,
                        const std::string& type, const std::map<std::string, std::string>& headers) {
    try {
        HttpAnswer answer = client_.send(method, path, body, type, headers);
        if (answer.status >= 400) {
            trouble_ = path + ": " + std::to_string(answer.status);
            ++counts_.unanswered;
        } else {
            trouble_.clear();
        }
        return answer;
    } catch (const Error& error) {
        trouble_ = error.what();
        ++counts_.unanswered;
        return {};
    }
}

std::string Gateway::answer(std::string_view bytes) {
    std::string out;
    for (const PipeRecord& record : reader_.take(bytes)) {
        ++counts_.records;
        out += answer_one(record);
    }
    return out;
}

std::string Gateway::answer_one(const PipeRecord& record) {
    if (record.type == PipeRecord::Type::Hello) {  // it has just started: it knows of nothing
        pieces_.clear();
        greeted_ = true;
        return give_consent();
    }
    if (const auto want = read_want(record)) return answer_want(*want);
    if (const auto piece = read_report_piece(record)) return take_piece(*piece);
    return {};
}

// ---- news ------------------------------------------------------------------------------------------------

std::string Gateway::give_consent() const {
    return settings_.consents == 0 ? std::string()
                                   : write_consent(settings_.consents, settings_.report_every_s);
}

std::string Gateway::look() {
    if (!greeted_) {
        greeted_ = true;
        if (settings_.consents != 0) return give_consent();
    }
    refresh();
    if (!return_action_.empty()) return write_ask(PipeAsk::GiveBack);
    if (drop_) return write_ask(PipeAsk::DropBeside);
    if (manifest_at_.empty()) return old_root_ ? write_ask(PipeAsk::Look) : std::string();
    return write_ask(beside_ ? PipeAsk::LookBeside : PipeAsk::Look);
}

void Gateway::refresh() {
    const HttpAnswer answer = ask("GET", base());
    if (answer.status != 200) return;
    const Json body = Json::parse(answer.body, nullptr, false);
    manifest_at_.clear();
    return_action_.clear();
    beside_ = drop_ = false;
    old_root_ = !link_to(body, "root").empty();
    if (const std::string cancel = link_to(body, "cancelAction"); !cancel.empty()) take_cancel(cancel);
    if (const std::string action = link_to(body, "deploymentBase"); !action.empty()) learn_action(action);
}

// A model that runs beside is gone when the chip says so; everything else ends here.
void Gateway::take_cancel(const std::string& path) {
    const HttpAnswer answer = ask("GET", path);
    const Json body = Json::parse(answer.body, nullptr, false);
    drop_ = answer.status == 200 && text_at(body, "/cancelAction/part") == "shadow";
    if (drop_ || answer.status != 200) return;
    const Json closed = {
        {"status",
         {{"execution", "closed"}, {"result", {{"finished", "success"}}}, {"details", Json::array()}}}};
    ask("POST", path + "/feedback", closed.dump());
}

void Gateway::learn_action(const std::string& path) {
    const HttpAnswer answer = ask("GET", path);
    if (answer.status != 200) return;
    const Json body = Json::parse(answer.body, nullptr, false);
    if (text_at(body, "/deployment/chunks/0/part") == "return") {
        return_action_ = path;
        return;
    }
    beside_ = text_at(body, "/deployment/chunks/0/part") == "shadow";
    const Json::json_pointer artifacts("/deployment/chunks/0/artifacts");
    if (!body.contains(artifacts) || !body[artifacts].is_array()) return;
    for (const Json& artifact : body[artifacts]) {
        const std::string at = path_of(text_at(artifact, "/_links/download/href"));
        if (text_at(artifact, "/filename") == "manifest.suit") manifest_at_ = at;
        if (text_at(artifact, "/filename") == "payload.jup") payload_at_ = at;
    }
}

// ---- pieces ----------------------------------------------------------------------------------------------

bool Gateway::fetch(const std::string& path, std::uint64_t from) {
    if (path.empty()) return false;
    if (window_.path == path && from >= window_.total && window_.total > 0) return true;
    if (window_.path == path && !piece_of(window_.bytes, window_.from, from, 1).empty()) return true;
    const std::string range = "bytes=" + std::to_string(from) + "-" + std::to_string(from + kWindow - 1);
    HttpAnswer answer = ask("GET", path, {}, "application/json", {{"Range", range}});
    if (answer.status == 416) {  // at its end
        window_ = {path, {}, from, from};
        return true;
    }
    if (answer.status != 200 && answer.status != 206) return false;
    window_ = {path, std::move(answer.body), answer.status == 206 ? from : 0, 0};
    window_.total = total_of(answer);
    if (answer.status == 200) window_.total = window_.bytes.size();
    return true;
}

// Asked for before every manifest; the chip takes it only when it is newer and rightly signed.
std::string Gateway::answer_root(const PipeWant& want) {
    const HttpAnswer answer = ask("GET", base() + "/root");
    if (answer.status == 404) {
        trouble_.clear();  // none was published
        return write_data(want, 0, {});
    }
    if (answer.status != 200) return {};
    const std::string piece = piece_of(answer.body, 0, want.offset, want.most);
    return write_data(want, static_cast<std::uint32_t>(answer.body.size()), piece);
}

// Nothing at all is said when the server is away: the chip asks again. A manifest is looked for anew each
// time its beginning is asked for.
std::string Gateway::answer_want(const PipeWant& want) {
    using What = PipeWant::What;
    if (want.what == What::Root) return answer_root(want);
    const bool anew = want.what == What::Manifest && want.offset == 0;
    if (anew || (want.what == What::Payload && payload_at_.empty())) {
        const std::uint64_t before = counts_.unanswered;
        refresh();
        window_ = {};
        if (counts_.unanswered != before) return {};
    }
    const std::string& path = want.what == What::Manifest ? manifest_at_ : payload_at_;
    if (path.empty()) return write_data(want, 0, {});
    if (!fetch(path, want.offset)) return {};
    const std::string piece = piece_of(window_.bytes, window_.from, want.offset, want.most);
    ++counts_.pieces;
    counts_.bytes += piece.size();
    return write_data(want, static_cast<std::uint32_t>(window_.total), piece);
}

// ---- reports ---------------------------------------------------------------------------------------------

std::string Gateway::take_piece(const PipeReportPiece& piece) {
    if (piece.number != number_ || piece.total > kLongestReport || pieces_.size() >= kMostPieces)
        pieces_.clear();
    if (piece.total > kLongestReport) return {};
    number_ = piece.number;
    pieces_[piece.offset] = piece.bytes;
    std::string whole;
    for (const auto& [offset, bytes] : pieces_) {
        if (offset != whole.size()) return {};
        whole += bytes;
    }
    if (whole.size() != piece.total || !deliver(piece.number, whole)) return {};
    pieces_.clear();
    return write_taken(piece.number);
}

bool Gateway::deliver(std::uint16_t number, const std::string& report) {
    const std::string body =
        write_cbor(Cbor::array({Cbor::array({Cbor::number(number), Cbor::bytes(report)})}));
    if (ask("POST", base() + "/reports", body, "application/cbor").status != 200) return false;
    ++counts_.reports;
    return true;
}

}  // namespace jatai::fleet
