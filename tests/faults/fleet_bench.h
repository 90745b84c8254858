// fleet_bench.h: a simulated board of a fleet on the bench: its serial line, the gateway at the other end,
// the real server behind it. Board and gateway are stepped by hand: a test is the same each time.
//
//     class Mine : public FleetRig { … };
//     Bench bench(elf, server_.url(), key_, kHealthConsent);
//     ASSERT_TRUE(bench.run(20, [&] { return bench.gateway.counts().reports >= 1; }));
#pragma once

#include <gtest/gtest.h>

#include "src/field/test_desk.h"
#include "src/field/test_payloads.h"
#include "src/fleet/gateway.h"
#include "src/package/firmware.h"
#include "src/simulate/devices/devices.h"
#include "src/telemetry/report.h"
#include "tests/faults/update_world.h"

namespace jatai {

using fleet::Json;

constexpr double kSlice_s = 0.002;

// One board with its gateway, both stepped by hand: the test is the same each time.
struct Bench {
    Bench(const Bytes& image, const std::string& url, const std::string& key, std::uint8_t consents,
          const simulate::PowerCut& cut = {}, std::uint32_t report_every_s = 5, simulate::Track sound = {},
          const std::string& name = "barn")
        : machine(load_board(kBoard, fs::path(JATAI_SOURCE_DIR) / "boards"), {}),
          record(simulate::attach_devices(machine, std::move(sound), cut)),
          gateway({url, "default", key, name, {}, 10, consents, report_every_s}) {
        machine.load(simulate::read_firmware(image, "firmware"));
        record->pipe.is_open = true;
    }

    double now_s() const { return static_cast<double>(machine.cycles()) / machine.board().clock_hz.value; }

    void listen_in(const std::string& bytes) {
        for (const PipeRecord& one : ear.take(bytes)) {
            const auto piece = read_report_piece(one);
            if (!piece) continue;
            told += piece->offset == 0 ? 1 : 0;
            if (const auto report = read_report(piece->bytes)) reports.push_back(*report);
        }
    }

    // Until `done`, or the board's time is over; the gateway looks for news every second.
    template <typename Done>
    bool run(double seconds, Done done) {
        const double end = now_s() + seconds;
        while (now_s() < end) {
            const auto stop = machine.advance_to(simulate::seconds(now_s() + kSlice_s, machine.board()));
            if (stop != simulate::Stop::CycleLimit) {
                ADD_FAILURE() << simulate::describe_stop(machine.result());
                return false;
            }
            std::string out, in;
            out.swap(record->pipe.out);
            sent += out.size();
            line += out;
            listen_in(out);
            if (!out.empty()) in = gateway.answer(out);
            if (now_s() >= look_s) {
                look_s = now_s() + 1;
                in += gateway.look();
            }
            record->pipe.in.insert(record->pipe.in.end(), in.begin(), in.end());
            if (done()) return true;
        }
        return done();
    }

    simulate::Machine machine;
    std::shared_ptr<simulate::BoardRecord> record;
    fleet::Gateway gateway;
    std::string line;  // all that the board wrote
    PipeReader ear;
    std::vector<DeviceReport> reports;  // of one frame each, as the board sent them
    std::uint64_t told = 0, sent = 0;
    double look_s = 0;
};

// A server and boards with the firmware `Mine`'s suite names.
class FleetRig : public testing::Test {
  protected:
    // The firmware of that name, with our trust anchor; without it the suite's tests are skipped.
    static void build(const std::string& elf) {
        const fs::path built = fs::path(JATAI_BUILD_DIR) / "share/firmware" / kBoard / elf;
        if (!fs::exists(built)) return;
        world_ = std::make_unique<UpdateWorld>(Family::CortexM);
        trusting_ = insert_anchor(read_file(built), world_->anchor(), elf);
    }
    static void TearDownTestSuite() { world_.reset(); }
    static Bytes with_package(const Bytes& package) {
        return insert_package(trusting_, package, "firmware").elf;
    }

    void SetUp() override {
        if (world_ == nullptr) GTEST_SKIP() << "no arm-none-eabi-g++: the firmware was not built";
        key_ = api("POST", "/keys", {{"name", "gw"}, {"role", "gateway"}})["secret"];
    }

    Json api(const std::string& method, const std::string& path, const Json& body = {}) {
        return TestDesk(server_).api(method, path, body);
    }
    std::string push(const Bytes& package, std::uint64_t sequence) {
        return TestDesk(server_).push(kBoard, "v", package,
                                      sign_package(package, world_->at(sequence), {world_->key}));
    }

    std::string runs_at_server() {
        const fleet::HttpAnswer answer =
            server_.ask("Bearer " + server_.key(), "GET", "/api/v1/devices/barn", {});
        return answer.status == 200 ? fleet::json_of(answer)["reported"].get<std::string>() : std::string();
    }

    static inline std::unique_ptr<UpdateWorld> world_;
    static inline Bytes trusting_;
    fleet::TestFolder folder_;
    fleet::TestServer server_{folder_.path(), {}, with_payloads()};
    std::string key_;
};

}  // namespace jatai
