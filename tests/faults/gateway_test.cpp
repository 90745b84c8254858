// A chip that has only a byte pipe, the gateway at its other end, and the real server over real sockets:
// updates come through and reports arrive, whatever the pipe loses, damages or repeats, and whoever loses
// power.
#include <gtest/gtest.h>

#include "device/observe/observer.h"
#include "device/update/link.h"
#include "src/field/test_desk.h"
#include "src/field/test_payloads.h"
#include "src/fleet/gateway.h"
#include "src/package/inspect.h"
#include "tests/faults/update_world.h"

namespace jatai {
namespace {

using fleet::Json;

std::atomic<int> payloads_made{0};

fleet::Helpers in_small_blocks() { return with_payloads(&payloads_made, {.block_log2 = 12}); }

// The pipe, with a gateway that answers at once: what a chip reads after it wrote. Nothing there means that
// the time it waits has passed.
struct LossyPipe {
    fleet::Gateway* gateway = nullptr;
    Rng rng{11};
    double trouble = 0;  // share of writes that are lost, damaged or doubled
    std::string waiting;
    std::uint64_t troubles = 0;

    std::string worn(std::string bytes) {
        if (rng.uniform() >= static_cast<float>(trouble) || bytes.empty()) return bytes;
        ++troubles;
        switch (rng.below(3)) {
            case 0:
                return {};
            case 1:
                bytes[rng.below(static_cast<std::uint32_t>(bytes.size()))] ^=
                    static_cast<char>(1 + rng.below(255));
                return bytes;
            default:
                return bytes + bytes;
        }
    }
    static void write(void* self, const std::uint8_t* bytes, std::uint32_t count) {
        auto& pipe = *static_cast<LossyPipe*>(self);
        const std::string sent(reinterpret_cast<const char*>(bytes), count);
        pipe.waiting += pipe.worn(pipe.gateway->answer(pipe.worn(sent)));
    }
    static std::uint32_t read(void* self, std::uint8_t* bytes, std::uint32_t room, std::uint32_t) {
        auto& pipe = *static_cast<LossyPipe*>(self);
        const std::size_t take = std::min<std::size_t>(room, pipe.waiting.size());
        std::memcpy(bytes, pipe.waiting.data(), take);
        pipe.waiting.erase(0, take);
        return static_cast<std::uint32_t>(take);
    }
    BytePipe port() { return {this, write, read}; }
};

class Gateways : public testing::Test {
  protected:
    static void SetUpTestSuite() { world_ = new UpdateWorld; }
    static void TearDownTestSuite() { delete world_; }

    void SetUp() override {
        std::memcpy(flash_.data(), world_->first.data(), world_->first.size());
        const Json made = api("POST", "/keys", {{"name", "gw"}, {"role", "gateway"}});
        gateway_key_ = made["secret"];
        first_ = push(world_->first, 5, "v1");
        second_ = push(world_->second, 7, "v2");
        new_gateway();
        ASSERT_EQ(start(), Reason::Ok);
        ASSERT_TRUE(report(0));  // the description: the server learns what it runs
    }

    Json api(const std::string& method, const std::string& path, const Json& body = {}) {
        return TestDesk(*server_, admin_).api(method, path, body);
    }
    std::string put(const Bytes& bytes) { return TestDesk(*server_, admin_).put(bytes); }
    std::string push(const Bytes& package, std::uint64_t sequence, const std::string& name) {
        return TestDesk(*server_, admin_)
            .push(kBoard, name, package, sign_package(package, world_->at(sequence), {world_->key}));
    }

    // Another one takes over: what the first one held in memory is gone.
    void new_gateway() {
        gateway_ = std::make_unique<fleet::Gateway>(
            fleet::GatewaySettings{server_->url(), "default", gateway_key_, "barn"});
        pipe_.gateway = gateway_.get();
    }

    Reason start() {
        const Reason reason = chip_.start();
        link_.open(pipe_.port(), chip_.agent());
        return reason;
    }

    HealthContext context() {
        HealthContext about{};
        about.board = kBoard;
        about.set_hash = reinterpret_cast<const std::uint8_t*>("12345678");
        about.agent = &chip_.agent();
        return about;
    }

    // The kernels of our packages, and others up to fifty.
    static std::vector<KernelKey> long_list() {
        std::vector<KernelKey> list = inspect(world_->second, "second").kernels;
        for (const KernelKey& key : world_->kernels())
            if (list.size() < 50) list.push_back(key);
        return list;
    }

    bool report(int kind) {
        std::uint8_t bytes[600];
        AgentConfig config = chip_.config();
        const std::vector<KernelKey> some = long_list();  // two frames
        config.kernels = some.data();
        config.kernel_count = static_cast<std::uint32_t>(some.size());
        const std::uint32_t size = kind == 0 ? description_report(bytes, sizeof bytes, context(), config)
                                             : update_report(bytes, sizeof bytes, context());
        return size != 0 && link_.deliver(bytes, size);
    }

    void assign(const std::string& version) { api("POST", "/devices/barn/assign", {{"version", version}}); }

    // Sessions as a firmware would have them, until one ends well.
    Verdict update(int sessions = 2000) {
        Verdict verdict{Reason::BadPayload, 0};
        for (int i = 0; i < sessions && !chip_.runs(world_->second); ++i) {
            if (i > 0) usleep(2000);  // the server makes the difference in the background
            verdict = run_session(chip_.agent(), link_.source());
        }
        return verdict;
    }

    // The server ends and another begins on `folder`: what it held in memory is gone.
    void restart_server(const fs::path& folder) {
        server_.reset();
        server_ = std::make_unique<fleet::TestServer>(folder, fleet::ServerOptions{}, in_small_blocks());
        new_gateway();
        link_.open(pipe_.port(), chip_.agent());
    }

    std::string runs_at_server() { return api("GET", "/devices/barn")["reported"]; }

    static UpdateWorld* world_;
    fleet::TestFolder folder_;
    std::unique_ptr<fleet::TestServer> server_ =
        std::make_unique<fleet::TestServer>(folder_.path(), fleet::ServerOptions{}, in_small_blocks());
    std::string admin_ = server_->key();
    std::string gateway_key_, first_, second_;
    std::unique_ptr<fleet::Gateway> gateway_;
    LossyPipe pipe_;
    FlashMemory flash_{1024, 64};
    Chip chip_{*world_, flash_};
    Link link_;
};
UpdateWorld* Gateways::world_ = nullptr;

TEST_F(Gateways, BringAnUpdateFromTheServerToAChipThatHasOnlyABytePipe) {
    EXPECT_EQ(runs_at_server(), first_);
    assign(second_);
    const Verdict verdict = update();
    EXPECT_EQ(verdict.reason, Reason::Ok) << int(verdict.reason);
    ASSERT_TRUE(chip_.runs(world_->second));
    ASSERT_EQ(chip_.agent().confirm().reason, Reason::Ok);
    ASSERT_TRUE(report(1));
    EXPECT_EQ(runs_at_server(), second_);
    // A difference came, not the whole of it.
    EXPECT_LT(gateway_->counts().bytes, world_->second.size() / 2);
}

TEST_F(Gateways, BringItThroughAPipeThatLosesDamagesAndRepeats) {
    assign(second_);
    pipe_.trouble = 0.2;
    update();
    ASSERT_TRUE(chip_.runs(world_->second));
    chip_.agent().confirm();
    while (!report(1)) {
    }
    EXPECT_GT(pipe_.troubles, 4u);
    EXPECT_EQ(runs_at_server(), second_);
}

TEST_F(Gateways, AreReplacedInTheMiddleAndTheChipLosesPowerMeanwhile) {
    assign(second_);
    int cuts = 0;
    std::uint64_t writes = 60;
    for (int round = 0; !chip_.runs(world_->second); ++round) {
        ASSERT_LT(round, 4000);
        usleep(1000);  // the server makes the difference in the background
        flash_.cut_at(flash_.operations() + writes, Cut::HalfDone);
        try {
            update(1);
        } catch (const PowerCut&) {
            ++cuts;
            writes += 40;
        }
        flash_.never_cut();
        pipe_.waiting.clear();
        new_gateway();
        start();
    }
    EXPECT_GT(cuts, 3);
    while (!report(1)) {
    }
    EXPECT_EQ(runs_at_server(), second_);
}

TEST_F(Gateways, GoOnWithADownloadWhereItWasWhenTheServerIsStartedAgain) {
    Bytes noise(12000);
    Rng rng(9);
    for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(rng.below(256));
    const Bytes large = with_section(world_->second, "noise", noise);
    const std::string third = push(large, 8, "v3");
    assign(third);
    while (gateway_->counts().bytes < 6000) {  // the lines are cut in the middle
        flash_.cut_at(flash_.operations() + 500, Cut::HalfDone);
        try {
            run_session(chip_.agent(), link_.source());
        } catch (const PowerCut&) {
        }
        flash_.never_cut();
        start();
    }
    const int made = payloads_made;
    restart_server(folder_.path());
    for (int i = 0; i < 2000 && !chip_.runs(large); ++i) run_session(chip_.agent(), link_.source());
    ASSERT_TRUE(chip_.runs(large));
    EXPECT_LT(gateway_->counts().bytes, 10000u);  // not all of it again
    EXPECT_EQ(payloads_made, made);               // nor was the difference made again
    chip_.agent().confirm();
    ASSERT_TRUE(report(1));
    EXPECT_EQ(runs_at_server(), third);
}

// Yesterday's backup, today's chip: it holds a model that was signed after everything the backup has seen.
TEST_F(Gateways, ARestoredBackupServesAChipThatIsAheadOfItOnceThePackageIsSignedLater) {
    const std::string job = api("POST", "/backup")["job"];
    Json done;
    for (int i = 0; i < 200 && done["state"] != "done"; ++i) {
        usleep(20000);
        done = api("GET", "/jobs/" + job);
    }
    ASSERT_EQ(done["state"], "done");
    assign(push(world_->second, 40, "today"));
    update();
    ASSERT_TRUE(chip_.runs(world_->second));
    chip_.agent().confirm();
    ASSERT_TRUE(report(1));
    const fleet::TestFolder restored;
    fs::copy(done["result"]["folder"].get<std::string>(), restored.path(), fs::copy_options::recursive);
    restart_server(restored.path());
    ASSERT_TRUE(report(1));
    EXPECT_EQ(api("GET", "/tenant")["next_sequence"].get<std::uint64_t>() > 40, true);
    const std::string stale = push(world_->first, 6, "signed before");
    EXPECT_EQ(
        server_->ask("Bearer " + admin_, "POST", "/api/v1/devices/barn/assign", {{"version", stale}}).status,
        409);
    const std::uint64_t next = api("GET", "/tenant")["next_sequence"];
    assign(push(world_->first, next, "signed again"));
    for (int i = 0; i < 2000 && !chip_.runs(world_->first); ++i) {
        run_session(chip_.agent(), link_.source());
        usleep(2000);
    }
    EXPECT_TRUE(chip_.runs(world_->first));
    server_.reset();
}

TEST_F(Gateways, BringANewRootDocumentAndWhoSignedBeforeItIsRefusedFromThenOn) {
    const SigningKey fresh = SigningKey::generate();
    RootOptions next;
    next.sequence = 2;
    next.threshold = 2;
    for (const SigningKey& owner : world_->root_keys) next.roots.push_back(owner.public_key());
    next.signing = {fresh.public_key()};
    const Bytes document = make_root(next, {world_->root_keys[0], world_->root_keys[2]});
    EXPECT_EQ(gateway_->look(), "");
    api("PATCH", "/tenant", {{"root", put(document)}});
    pipe_.waiting += gateway_->look();
    ASSERT_EQ(link_.listen(0), Asked::Look);
    EXPECT_EQ(run_session(chip_.agent(), link_.source()).reason, Reason::Ok);
    EXPECT_EQ(chip_.agent().root_sequence(), 2u);
    ASSERT_TRUE(report(1));
    EXPECT_EQ(api("GET", "/devices/barn")["root_sequence"], 2);
    EXPECT_EQ(gateway_->look(), "");  // it has it
    assign(second_);                  // signed by the key of before
    for (int i = 0; i < 500 && chip_.agent().refusal().verdict.reason == Reason::Ok; ++i) {
        run_session(chip_.agent(), link_.source());
        usleep(2000);
    }
    EXPECT_EQ(chip_.agent().refusal().verdict.reason, Reason::UnknownKey);
    EXPECT_TRUE(chip_.runs(world_->first));
}

TEST_F(Gateways, PassOnThatTheServerWantsTheModelBeforeBack) {
    api("PATCH", "/tenant", {{"poll_seconds", 1}});
    const Json made = api("POST", "/rollouts",
                          {{"plan", {{"version", second_}, {"stages", Json::array({{{"percent", 100}}})}}}});
    const std::string rollout = made["id"];
    api("POST", "/rollouts/" + rollout + "/start");
    for (int i = 0; i < 100 && !chip_.runs(world_->second); ++i) {
        update(1);
        usleep(20000);
    }
    ASSERT_TRUE(chip_.runs(world_->second));
    chip_.agent().confirm();
    ASSERT_TRUE(report(1));
    api("POST", "/rollouts/" + rollout + "/abort");
    pipe_.waiting += gateway_->look();
    ASSERT_EQ(link_.listen(0), Asked::GiveBack);
    EXPECT_EQ(chip_.agent().give_back().reason, Reason::Ok);
    ASSERT_TRUE(report(1));
    EXPECT_EQ(runs_at_server(), first_);
    EXPECT_EQ(gateway_->look(), "");
}

TEST_F(Gateways, TellTheServerWhyAnUpdateWasRefused) {
    assign(push(world_->broken, 9, "broken"));
    for (int i = 0; i < 200 && chip_.agent().last().reason == Reason::Ok; ++i) {
        run_session(chip_.agent(), link_.source());
        usleep(10000);
    }
    EXPECT_EQ(chip_.agent().last().reason, Reason::SelfTestFailed);
    ASSERT_TRUE(report(1));
    const Json actions = api("GET", "/actions?device=barn");
    ASSERT_EQ(actions["items"].size(), 1u);
    EXPECT_EQ(actions["items"][0]["state"], "failed");
    EXPECT_EQ(actions["items"][0]["reason"], "SelfTestFailed");
    EXPECT_TRUE(chip_.runs(world_->first));
}

TEST_F(Gateways, SayNothingWhenTheServerRefusesThemSoThatTheChipAsksAgain) {
    fleet::Gateway stranger({server_->url(), "default", "jk_wrong", "barn"});
    pipe_.gateway = &stranger;
    std::uint8_t bytes[64];
    const UpdateSource source = link_.source();
    EXPECT_EQ(source.fetch(source.context, What::Manifest, 0, bytes, sizeof bytes), 0u);
    EXPECT_FALSE(report(1));
    EXPECT_GT(stranger.counts().unanswered, 0u);
    EXPECT_FALSE(stranger.trouble().empty());
}

}  // namespace
}  // namespace jatai
