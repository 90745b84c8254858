// What the server keeps of the differences it made: the second device that goes from one model to another is
// served at once, also by a server that was started again meanwhile.
#include <gtest/gtest.h>

#include "src/field/test_desk.h"
#include "src/field/test_payloads.h"
#include "tests/faults/update_world.h"

namespace jatai {
namespace {

using fleet::Json;

std::atomic<int> made{0};

class DeltaCache : public testing::Test {
  protected:
    void SetUp() override {
        made = 0;
        start();
        admin_ = server_->key();
        old_ = push(world_.first, 5, "v1");
        new_ = push(world_.second, 7, "v2");
        for (const char* id : {"one", "two", "three", "blank"}) {
            const Json in = fleet::json_of(
                server_->ask("Bearer " + admin_, "POST", "/api/v1/devices", {{"id", id}, {"board", kBoard}}));
            tokens_[id] = "TargetToken " + in["items"][0]["token"].get<std::string>();
        }
    }
    void start() {
        server_.reset();
        server_ =
            std::make_unique<fleet::TestServer>(folder_.path(), fleet::ServerOptions{}, with_payloads(&made));
    }
    std::string push(const Bytes& package, std::uint64_t sequence, const std::string& name) {
        return TestDesk(*server_, admin_)
            .push(kBoard, name, package, sign_package(package, world_.at(sequence), {world_.key}));
    }
    Json poll(const std::string& id) {
        return fleet::json_of(server_->ask(tokens_[id], "GET", "/default/controller/v1/" + id));
    }
    // The payload offered to this device, once it is; `polls`: how often it had to ask.
    Bytes payload(const std::string& id, const std::string& version, int& polls) {
        TestDesk(*server_, admin_).api("POST", "/devices/" + id + "/assign", {{"version", version}});
        Json links;
        for (polls = 1; polls < 2000; ++polls) {
            links = poll(id)["_links"];
            if (links.contains("deploymentBase")) break;
            usleep(2000);
        }
        const std::string at = local(links["deploymentBase"]["href"]);
        const Json deployment = fleet::json_of(server_->ask(tokens_[id], "GET", at));
        const Json files = deployment["deployment"]["chunks"][0]["artifacts"];
        EXPECT_EQ(files.size(), 2u);
        const std::string body =
            server_->ask(tokens_[id], "GET", local(files[1]["_links"]["download"]["href"])).body;
        EXPECT_EQ(fleet::sha256_hex(body), files[1]["hashes"]["sha256"]);
        const Json well = {{"status", {{"execution", "closed"}, {"result", {{"finished", "success"}}}}}};
        EXPECT_EQ(server_->ask(tokens_[id], "POST", at + "/feedback", well).status, 200);
        return Bytes(body.begin(), body.end());
    }
    std::string local(const std::string& href) const { return href.substr(server_->url().size()); }

    UpdateWorld world_;
    fleet::TestFolder folder_;
    std::unique_ptr<fleet::TestServer> server_;
    std::string admin_, old_, new_;
    std::map<std::string, std::string> tokens_;
};

TEST_F(DeltaCache, TheSecondDeviceIsServedFromItAtOnceAndSoIsTheThirdAfterARestart) {
    int polls = 0;
    const Bytes whole = payload("one", old_, polls);
    EXPECT_EQ(made, 1);
    for (const char* id : {"two", "three"}) {
        EXPECT_EQ(payload(id, old_, polls), whole);
        EXPECT_EQ(polls, 1) << id;  // offered at the first poll: nothing was made for it
    }
    const Bytes first = payload("one", new_, polls);
    EXPECT_EQ(made, 2);
    EXPECT_EQ(apply_payload(first, world_.first, "first"), world_.second);
    EXPECT_LT(first.size(), whole.size() / 2);
    EXPECT_EQ(payload("two", new_, polls), first);
    EXPECT_EQ(polls, 1);
    EXPECT_EQ(made, 2);
    start();
    EXPECT_EQ(payload("three", new_, polls), first);
    EXPECT_EQ(polls, 1);
    EXPECT_EQ(made, 2);
    const Bytes other = payload("blank", new_, polls);  // holds nothing: a difference is of no use to it
    EXPECT_EQ(made, 3);
    EXPECT_EQ(apply_payload(other, {}, "other"), world_.second);
}

}  // namespace
}  // namespace jatai
