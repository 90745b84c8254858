// links: jatai_fleet
// Any bytes as the payload of an MQTT message on a device's own topic, with and without its key: taken or
// dropped, and what is acknowledged was a report's number. The first byte chooses the topic.
#include "src/base/error.h"
#include "src/fleet/mqtt.h"
#include "src/telemetry/cbor.h"
#include "tests/fuzz/fleet_house.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

using namespace fleet;

// Made once; what its reports leave behind is thrown away every thousand messages.
struct World : FleetHouse {
    int visits = 0;
};

World& world() {
    static std::unique_ptr<World> one;
    if (!one || ++one->visits > 1000) one = std::make_unique<World>();
    return *one;
}

std::string message(const std::vector<Cbor>& reports) {
    return write_cbor(
        Cbor::map({{Cbor::word("key"), Cbor::word("token")}, {Cbor::word("reports"), Cbor::array(reports)}}));
}

Cbor report(std::uint64_t number, const std::vector<std::pair<Cbor, Cbor>>& body) {
    return Cbor::array({Cbor::number(number), Cbor::bytes(write_cbor(Cbor::map(body)))});
}

Cbor n(std::uint64_t value) { return Cbor::number(value); }

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    const Cbor model = Cbor::array({n(17), Cbor::bytes("12345678"), n(0)});
    const Cbor health = report(7, {{n(0), n(1)},
                                   {n(1), n(2)},
                                   {n(2), Cbor::word("b")},
                                   {n(4), model},
                                   {n(11), Cbor::array({n(9), n(900), n(101)})}});
    const Cbor counts = Cbor::array({Cbor::array({n(1), Cbor::bytes(std::string(32, '\3'))})});
    const Cbor statistics =
        report(8, {{n(0), n(1)}, {n(1), n(3)}, {n(20), Cbor::bytes("12345678")}, {n(21), counts}});
    const Cbor result = report(9, {{n(0), n(1)},
                                   {n(1), n(1)},
                                   {n(4), model},
                                   {n(5), Cbor::array({n(17), n(0), n(1), n(17)})},
                                   {n(6), Cbor::array({n(17), n(20), n(3)})},
                                   {n(7), Cbor::array({n(4), n(40)})}});
    for (const std::string& text : {message({health, statistics}), message({result}), message({}),
                                    write_cbor(Cbor::map({{Cbor::word("key"), Cbor::word("no")}}))}) {
        Bytes seed = {0};
        seed.insert(seed.end(), text.begin(), text.end());
        seeds.push_back(seed);
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    if (size == 0) return 0;
    const char* const topics[] = {"jatai/v1/t/d/up", "jatai/v1/t/e/up", "jatai/v1/t/up", "jatai/v1/t/d/down"};
    const unsigned which = data[0] < 250 ? 0 : data[0] % 4;
    const std::string_view payload(reinterpret_cast<const char*>(data + 1), size - 1);
    World& w = world();
    const std::string said = fleet::answer_mqtt(w.house, topics[which], payload);
    w.state.hand_over();
    if (said.empty()) return 0;
    CHECK(which == 0);
    const auto answer = read_cbor(said);
    CHECK(answer && answer->get("taken") != nullptr && answer->get("taken")->items.size() <= 64);
    return 0;
}
