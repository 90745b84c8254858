// field_world.h: what the simulated devices share: who signs, and the models that go out to them.
//
//     FieldWorld world(seed);
//     FieldModel good = world.make("v2", FieldWorld::Kind::Good);
//     good.package;  good.manifest;  good.draw(rng);       // its answers to what a microphone hears
//
// The models are small networks of our own, compiled and signed here by keys that are forgotten at the end.
#pragma once

#include <string>
#include <vector>

#include "device/engine.h"
#include "device/update/trust.h"
#include "src/base/bytes.h"
#include "src/base/rng.h"
#include "src/package/keys.h"

namespace jatai {

// One answer: the class, and how sure (0 to 255).
struct FieldAnswer {
    std::uint8_t label = 0, sure = 0;
};

struct FieldModel {
    std::string name;
    Bytes package, manifest;
    std::uint64_t sequence = 0;
    std::vector<std::string> kernels;  // as registry records: hexadecimal
    std::vector<FieldAnswer> answers;  // to 4,000 inputs, by the engine: what coarse devices draw from
};

class FieldWorld {
  public:
    enum class Kind { First, Good, Bad };
    static constexpr const char* kBoard = "bench_m4";
    explicit FieldWorld(std::uint64_t seed);

    FieldModel make(const std::string& name, Kind kind, std::uint64_t sequence) const;
    const TrustAnchor& anchor() const { return anchor_; }
    const std::vector<KernelKey>& kernels() const { return kernels_; }
    const KernelSet& kernel_set() const { return kernel_set_; }
    // What a sensor gives: 16 numbers around one of four shapes.
    static Bytes draw_input(Rng& rng);
    static FieldAnswer answer_of(const Bytes& output);

  private:
    SigningKey root_ = SigningKey::generate(), signer_ = SigningKey::generate();
    TrustAnchor anchor_{};
    std::vector<KernelKey> kernels_;
    KernelSet kernel_set_{};
    std::uint64_t seed_;
};

}  // namespace jatai
