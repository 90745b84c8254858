// links: jatai_fleet
// Any bytes as CBOR, as a device's report and as a signed manifest: a value or a refusal, never a crash.
#include "src/base/error.h"
#include "src/fleet/http.h"
#include "src/fleet/registry.h"
#include "src/telemetry/cbor.h"
#include "src/telemetry/report.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {
namespace {

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

Cbor n(std::uint64_t value) { return Cbor::number(value); }

}  // namespace

void add_seeds(std::vector<Bytes>& seeds) {
    const std::string bins(32, '\3');
    seeds.push_back(
        bytes_of(write_cbor(Cbor::map({{n(0), n(1)},
                                       {n(1), n(2)},
                                       {n(2), Cbor::word("nano33ble")},
                                       {n(4), Cbor::array({n(17), Cbor::bytes("12345678"), n(0)})},
                                       {n(8), Cbor::bytes("abcdefgh")},
                                       {n(11), Cbor::array({n(100), n(5000), n(90)})},
                                       {n(13), Cbor::real_number(2.5)}}))));
    seeds.push_back(
        bytes_of(write_cbor(Cbor::map({{n(0), n(1)},
                                       {n(1), n(3)},
                                       {n(20), Cbor::bytes("12345678")},
                                       {n(21), Cbor::array({Cbor::array({n(1), Cbor::bytes(bins)})})},
                                       {n(22), Cbor::array({Cbor::array({n(1), n(9), n(50), n(2)})})}}))));
    const auto wrap = [](const Cbor& value) { return Cbor::bytes(write_cbor(value)); };
    const Cbor parameters =
        Cbor::map({{n(3), wrap(Cbor::array({Cbor::negative(-16), Cbor::bytes(std::string(32, 'd'))}))},
                   {n(4), n(99)},
                   {n(14), n(5)},
                   {Cbor::negative(-2), Cbor::bytes("kern")}});
    const Cbor common = Cbor::map({{n(4), wrap(Cbor::array({n(20), parameters}))}});
    const Cbor manifest = Cbor::map({{n(1), n(1)}, {n(2), n(1795000000)}, {n(3), wrap(common)}});
    seeds.push_back(bytes_of(write_cbor(Cbor::map({{n(2), wrap(Cbor::array({}))}, {n(3), wrap(manifest)}}))));
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto value = jatai::read_cbor(bytes))
        CHECK(jatai::read_cbor(jatai::write_cbor(*value)).has_value());
    jatai::read_report(bytes);
    try {
        CHECK(jatai::fleet::read_manifest(bytes).sequence > 0);
    } catch (const jatai::fleet::Refusal&) {
        // refused in words, as it should be
    }
    return 0;
}
