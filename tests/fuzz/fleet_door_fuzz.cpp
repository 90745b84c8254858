// links: jatai_fleet
// Any bytes as what a stranger sends to the doors: the target of a request, a body, a filter, an MQTT
// message. The first line is the target, the second the method and kind of body, the rest the body.
#include "src/base/error.h"
#include "src/fleet/ddi.h"
#include "src/fleet/filter.h"
#include "src/fleet/http_range.h"
#include "src/fleet/mqtt.h"
#include "tests/fuzz/fleet_house.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

using namespace fleet;

// With one approved version and an action; nothing of it touches a disk but blobs that are not there.
struct World : FleetHouse {
    std::string key;

    World() {
        TenantState& tenant = *state.tenant("t");
        tenant.versions["v"] = Version{"t", "v", "m"};
        tenant.versions["v"].state = "approved";
        Variant variant;
        variant.tenant = "t";
        variant.id = "x";
        variant.version = "v";
        variant.image = std::string(64, 'a');
        tenant.variants["x"] = variant;
        conductor.assign(tenant, tenant.devices["d"], "v", "x", "forced");
        key = "Bearer " + make_key(state, "t", "admin", "admin", {}, 0).secret;
    }
};

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    for (const char* one :
         {"/t/controller/v1/d\nGET\n",
          "/t/controller/v1/d/"
          "configData\nPUT\n{\"mode\":\"merge\",\"data\":{\"board\":\"b\",\"kernels\":[1,\"x\"]}}",
          "/t/controller/v1/d/deploymentBase/1\nGET\n",
          "/t/controller/v1/d/deploymentBase/1/"
          "feedback\nPOST\n{\"status\":{\"execution\":\"closed\",\"result\":{\"finished\":\"failure\"},"
          "\"details\":[\"x\"]}}",
          "/t/controller/v1/d/reports\nPOST cbor\n\xA2\x00\x01\x01\x02",
          "/api/v1/devices?filter=board%20%3D%3D%20b&limit=3\nGET\n",
          "/api/v1/devices\nPOST\n{\"devices\":[{\"id\":\"e\",\"board\":\"b\"}]}",
          "/api/v1/rollouts\nPOST\n{\"plan\":{\"version\":\"v\",\"stages\":[{\"percent\":100}]}}",
          "/api/v1/groups/g\nPUT\n{\"filter\":\"id like \\\"a*\\\"\",\"devices\":[\"d\"]}",
          "/api/v1/versions\nPOST\n{\"model\":\"m\",\"weights_hash\":\"w\"}",
          "/api/v1/tenant\nPATCH\n{\"poll_seconds\":5}",
          "/api/v1/select\nPOST\n{\"version\":\"v\",\"facts\":{\"board\":\"b\",\"kernels\":[\"x\"]}}"}) {
        seeds.push_back(bytes_of(one));
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai::fleet;
    const std::string all(reinterpret_cast<const char*>(data), size);
    const std::size_t first = std::min(all.find('\n'), all.size()),
                      second = std::min(all.find('\n', first + 1), all.size());
    const std::string how = all.substr(std::min(first + 1, all.size()), second - std::min(first + 1, second));
    jatai::World world;
    Request request;
    request.method = how.substr(0, how.find(' '));
    request.type = how.find("cbor") != std::string::npos ? "application/cbor" : "application/json";
    request.body = all.substr(std::min(second + 1, all.size()));
    request.host = "h";
    try {
        if (!parse_target(all.substr(0, first), request)) return 0;
        const bool device = request.path.rfind("/api", 0) != 0;
        request.authorization = device ? "TargetToken token" : world.key;
        const auto reply = answer_ddi(world.house, request);
        if (!reply) answer_api(world.house, request);
    } catch (const Refusal&) {  // refused in words, as it should be
    } catch (const Json::exception&) {
    } catch (const jatai::Error&) {
    }
    world.state.hand_over();
    answer_mqtt(world.house, "jatai/v1/t/d/up", request.body);
    std::string_view body = "0123456789";
    cut_to_range(request.body, body, [](const char*, const std::string&) {});
    return 0;
}
