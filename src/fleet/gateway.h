// gateway.h: speaks at the server's device door for a device that has only a byte pipe.
//
//     Gateway gateway({.url = "https://fleet.example:8443", .tenant = "default", .key = key, .device =
//     "barn-3"}); pipe.write(gateway.answer(pipe.read()));              // whatever came, in pieces of any
//     size pipe.write(gateway.look());                           // now and then: what the server wants of it
//
// The chip asks for pieces and resends what is not taken, so a gateway that is killed or replaced loses
// nothing: it keeps only what it fetched a moment ago. It can withhold an update or a report, never make one:
// manifests are signed, and a report is "taken" when the server has it on disk.
//
// Fails with  nothing: a server that is away is no answer, and the chip asks again. trouble() says what it
// was. Memory      a window of 16 KB of the payload, a manifest, a report. Threads  one pipe, one thread.
#pragma once

#include <map>
#include <string>

#include "src/fleet/http_client.h"
#include "src/telemetry/byte_pipe.h"

namespace jatai::fleet {

struct GatewaySettings {
    std::string url, tenant = "default", key, device;
    std::string ca;  // certificates to trust instead of the system's, PEM
    int timeout_s = 10;
    std::uint8_t consents = 0;         // PipeConsent: what may be told, says who holds the line
    std::uint32_t report_every_s = 0;  // 0: once a day
};

struct GatewayCounts {
    std::uint64_t records = 0, pieces = 0, bytes = 0, reports = 0, unanswered = 0;
};

class Gateway {
  public:
    explicit Gateway(GatewaySettings settings);

    std::string answer(std::string_view bytes);
    std::string look();

    const GatewayCounts& counts() const { return counts_; }
    const std::string& trouble() const { return trouble_; }
    const std::string& device() const { return settings_.device; }

  private:
    // A file of the action under way, and the part of it that was fetched last.
    struct Window {
        std::string path, bytes;
        std::uint64_t from = 0, total = 0;
    };
    std::string answer_one(const PipeRecord& record);
    std::string answer_want(const PipeWant& want);
    std::string answer_root(const PipeWant& want);
    std::string take_piece(const PipeReportPiece& piece);
    bool deliver(std::uint16_t number, const std::string& report);
    void refresh();
    void learn_action(const std::string& path);
    void take_cancel(const std::string& path);
    std::string give_consent() const;
    bool fetch(const std::string& path, std::uint64_t from);
    HttpAnswer ask(const std::string& method, const std::string& path, const std::string& body = {},
                   const std::string& type = "application/json",
                   const std::map<std::string, std::string>& headers = {});
    std::string base() const;

    GatewaySettings settings_;
    HttpClient client_;
    PipeReader reader_;
    Window window_;
    std::string manifest_at_, payload_at_;  // paths; empty: nothing is offered
    bool old_root_ = false;                 // a newer root document is there than the one it trusts
    std::string return_action_;             // it is to go back to the model before
    bool beside_ = false, drop_ = false;    // what is offered is to run beside; what runs beside is to go
    std::uint16_t number_ = 0;              // of the report that is coming in
    std::map<std::uint16_t, std::string> pieces_;
    GatewayCounts counts_;
    std::string trouble_;
    bool greeted_ = false;
};

}  // namespace jatai::fleet
