// The kinds of roll-outs, over real sockets: shadow, A/B, blue/green.
#include <gtest/gtest.h>

#include "src/fleet/server_world.h"

namespace jatai::fleet {
namespace {

class Kinds : public ServerTest {
  protected:
    // Devices that may be watched, and hold `image` already.
    std::string begin(int count, const std::string& image) {
        Json list = Json::array();
        for (int i = 0; i < count; ++i)
            list.push_back({{"id", "d" + std::to_string(i)},
                            {"board", "b"},
                            {"consent_health", true},
                            {"consent_statistics", true},
                            {"shadow", "yes"}});
        const Json in = json_of(api("POST", "/devices", {{"devices", list}}))["items"];
        for (const Json& one : in) tokens[one["id"]] = "TargetToken " + one["token"].get<std::string>();
        const std::string version = push(image);
        const std::string id = roll_out(version);
        for (const auto& [device, token] : tokens) EXPECT_TRUE(take(device, token)) << device;
        EXPECT_EQ(rollout_when(id, "finished")["state"], "finished");
        return version;
    }
    Json device(const std::string& id) { return json_of(api("GET", "/devices/" + id)); }
    std::map<std::string, std::string> tokens;
};

class Shadow : public Kinds {
  protected:
    // All run the new image beside the old one, and tell where its outputs fall.
    std::string run_shadow(std::size_t outputs) {
        champion = begin(30, "old");
        for (const auto& [id, token] : tokens)
            EXPECT_EQ(report(id, token, statistics_cbor(sha256_hex("old"), 3, 14)), 200);
        challenger = push("new");
        const std::string rollout =
            start({{"version", challenger}, {"kind", "shadow"}, {"per_minute", 60000}});
        const std::string at = offered("d0", tokens["d0"]);
        EXPECT_EQ(json_of(server->ask(tokens["d0"], "GET", at))["deployment"]["chunks"][0]["part"], "shadow");
        for (const auto& [id, token] : tokens) EXPECT_TRUE(take(id, token, "downloaded"));
        for (const auto& [id, token] : tokens)
            EXPECT_EQ(report(id, token, statistics_cbor(sha256_hex("new"), outputs, 14)), 200);
        return rollout;
    }
    std::string champion, challenger;
};

TEST_F(Shadow, AModelLikeTheOldOneIsGoodAndOnlyItsStatisticsWentOut) {
    const std::string rollout = run_shadow(3);
    const Json end = rollout_when(rollout, "finished");
    EXPECT_EQ(end["state"], "finished") << end;
    EXPECT_EQ(end["reason"], "the gate says good");
    EXPECT_EQ(end["exposed"], 0);
    EXPECT_EQ(device("d0")["reported"], champion);
    EXPECT_EQ(device("d0")["shadow"], challenger);
    const std::string cancel = offered("d0", tokens["d0"], "cancelAction");  // it has seen enough
    ASSERT_FALSE(cancel.empty());
    EXPECT_EQ(server->ask(tokens["d0"], "POST", cancel + "/feedback", feedback("closed", "success")).status,
              200);
    EXPECT_EQ(device("d0")["shadow"], "");
    EXPECT_EQ(device("d0")["reported"], champion);
}

TEST_F(Shadow, AModelWithOtherOutputsIsStoppedBeforeAnybodyActedOnThem) {
    const Json end = rollout_when(run_shadow(9), "stopped");
    EXPECT_EQ(end["state"], "stopped") << end;
    EXPECT_EQ(end["exposed"], 0);
    EXPECT_EQ(device("d1")["reported"], champion);
    EXPECT_FALSE(offered("d1", tokens["d1"], "cancelAction").empty());
}

TEST_F(Kinds, AShadowIsNotGivenToAnAgentThatCannotRunIt) {
    enrol("plain");
    const std::string id =
        json_of(api("POST", "/rollouts", {{"plan", {{"version", push("x")}, {"kind", "shadow"}}}}))["id"];
    const HttpAnswer refused = api("POST", "/rollouts/" + id + "/start");
    EXPECT_EQ(refused.status, 409);
    EXPECT_NE(refused.body.find("no model beside another"), std::string::npos);
}

// A description: [family, RAM, slot, format, can run a shadow, RAM of the application].
std::string description_cbor(std::uint64_t can, std::uint64_t application) {
    const auto n = [](std::uint64_t value) { return Cbor::number(value); };
    return write_cbor(
        Cbor::map({{n(0), n(1)},
                   {n(1), n(0)},
                   {n(9), Cbor::array({n(0), n(100000), n(50000), n(1), n(can), n(application)})}}));
}

TEST_F(Kinds, ADeviceWhoseFirmwareRunsNoShadowAnyMoreIsNotAskedTo) {
    const std::string token = enrol("board");
    EXPECT_EQ(report("board", token, description_cbor(1, 4096)), 200);
    EXPECT_EQ(device("board")["attributes"]["shadow"], "yes");
    EXPECT_EQ(device("board")["attributes"]["application_ram"], "4096");
    EXPECT_EQ(report("board", token, description_cbor(0, 0)), 200);
    EXPECT_EQ(device("board")["attributes"]["shadow"], "no");
    EXPECT_FALSE(device("board")["attributes"].contains("application_ram"));
    const std::string id =
        json_of(api("POST", "/rollouts", {{"plan", {{"version", push("x")}, {"kind", "shadow"}}}}))["id"];
    EXPECT_NE(api("POST", "/rollouts/" + id + "/start").body.find("no model beside another"),
              std::string::npos);
}

class TwoArms : public Kinds {
  protected:
    // Arm A stays as it is; both tell how sure they are. Without the gate, which may be the first to see a
    // model that is less sure.
    Json run_arms(std::size_t a, std::size_t b) {
        champion = begin(80, "old");
        challenger = push("new");
        rollout = start({{"version", challenger},
                         {"kind", "ab"},
                         {"metric", "confidence"},
                         {"effect", 0.05},
                         {"per_minute", 60000},
                         {"stages", {{{"percent", 100}, {"gate", false}}}}});
        for (int i = 0; i < 40 && json_of(api("GET", "/rollouts/" + rollout))["offered"] != 80; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        for (const auto& [id, token] : tokens) {
            const std::string base = "/default/controller/v1/" + id;
            const bool in_b = json_of(server->ask(token, "GET", base))["_links"].contains("deploymentBase");
            arm_b += in_b && take(id, token) ? 1 : 0;
            report(
                id, token,
                in_b ? statistics_cbor(sha256_hex("new"), 3, b) : statistics_cbor(sha256_hex("old"), 3, a));
        }
        return rollout_when(rollout, a < b ? "finished" : "stopped");
    }
    std::string champion, challenger, rollout;
    int arm_b = 0;
};

TEST_F(TwoArms, TheBetterArmIsFoundWithItsEffectAndTheOtherStaysAsItIs) {
    const Json end = run_arms(12, 14);
    EXPECT_EQ(end["state"], "finished") << end["reason"];
    EXPECT_EQ(end["arms"]["verdict"], "better");
    EXPECT_NEAR(end["arms"]["effect"].get<double>(), 2 / 16.0, 0.001);
    EXPECT_GT(end["arms"]["low"].get<double>(), 0);
    EXPECT_GT(arm_b, 20);
    EXPECT_LT(arm_b, 60);
    int old_ones = 0;
    for (const auto& [id, token] : tokens) old_ones += device(id)["reported"] == champion ? 1 : 0;
    EXPECT_EQ(old_ones, 80 - arm_b);
}

TEST_F(TwoArms, TheWorseArmIsStoppedAndGoesBack) {
    const Json end = run_arms(14, 12);
    EXPECT_EQ(end["state"], "stopped") << end["reason"];
    EXPECT_EQ(end["arms"]["verdict"], "worse");
    int back = 0;
    for (const auto& [id, token] : tokens) {
        const Json links = json_of(server->ask(token, "GET", "/default/controller/v1/" + id))["_links"];
        if (!links.contains("deploymentBase")) continue;
        const std::string at =
            links["deploymentBase"]["href"].get<std::string>().substr(server->url().size());
        EXPECT_EQ(json_of(server->ask(token, "GET", at))["deployment"]["chunks"][0]["part"], "return");
        ++back;
    }
    EXPECT_GT(back, 0);
    EXPECT_LE(back, arm_b);
}

class BlueGreen : public Kinds {
  protected:
    // Everybody has downloaded it and nobody runs it.
    void load(bool gate) {
        champion = begin(12, "old");
        challenger = push("new");
        rollout =
            start({{"version", challenger},
                   {"kind", "blue_green"},
                   {"per_minute", 60000},
                   {"hold", true},
                   {"stages", {{{"percent", 25}, {"gate", gate}}, {{"percent", 100}, {"gate", gate}}}}});
        std::set<std::string> loaded;  // as they are offered it: stage by stage
        for (int round = 0; round < 100 && loaded.size() < tokens.size(); ++round) {
            for (const auto& [id, token] : tokens) {
                const Json links =
                    json_of(server->ask(token, "GET", "/default/controller/v1/" + id))["_links"];
                if (!links.contains("deploymentBase")) continue;
                const std::string at =
                    links["deploymentBase"]["href"].get<std::string>().substr(server->url().size());
                EXPECT_EQ(json_of(server->ask(token, "GET", at))["deployment"]["update"], "skip");
                server->ask(token, "POST", at + "/feedback", feedback("downloaded", "none"));
                loaded.insert(id);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        EXPECT_EQ(loaded.size(), 12u);
        EXPECT_EQ(rollout_when(rollout, "paused")["reason"],
                  "downloaded everywhere: the switch waits for approval");
        for (const auto& [id, token] : tokens) EXPECT_EQ(device(id)["reported"], champion);
        EXPECT_EQ(api("POST", "/rollouts/" + rollout + "/approve").status, 200);
    }
    void install() {
        for (const auto& [id, token] : tokens) {
            const std::string at = offered(id, token);
            EXPECT_EQ(json_of(server->ask(token, "GET", at))["deployment"]["update"], "forced") << id;
            server->ask(token, "POST", at + "/feedback", feedback("closed", "success"));
        }
    }
    std::size_t offered_back() {
        std::size_t back = 0;
        for (const auto& [id, token] : tokens) {
            const std::string at = offered(id, token);
            if (at.empty()) continue;
            back +=
                json_of(server->ask(token, "GET", at))["deployment"]["chunks"][0]["part"] == "return" ? 1 : 0;
        }
        return back;
    }
    std::string champion, challenger, rollout;
};

TEST_F(BlueGreen, EverybodySwitchesAtOnceAndGoesBackAtOnce) {
    load(false);
    install();
    EXPECT_EQ(rollout_when(rollout, "finished")["state"], "finished");
    EXPECT_EQ(device("d3")["reported"], challenger);
    EXPECT_EQ(api("POST", "/rollouts/" + rollout + "/revert").status, 200);
    EXPECT_EQ(offered_back(), 12u);
}

TEST_F(BlueGreen, ABadOneGoesBackByItself) {
    load(true);
    install();
    for (const auto& [id, token] : tokens) report(id, token, health_cbor(50, 3));  // it crashes
    EXPECT_EQ(rollout_when(rollout, "stopped")["state"], "stopped");
    EXPECT_EQ(offered_back(), 12u);
}

}  // namespace
}  // namespace jatai::fleet
