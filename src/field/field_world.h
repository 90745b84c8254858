// field_world.h: what the simulated devices share: who signs, and the models that go out to them.
//
//     FieldWorld world(seed);
//     FieldModel good = world.make("v2", FieldWorld::Kind::Good);
//     good.package;  good.manifest;  good.draw(rng);       // its answers to what a microphone hears
//
// The models are small networks of our own, or yours (field_subject.h); they are signed here by keys that are
// forgotten at the end.
#pragma once

#include <string>
#include <vector>

#include "device/engine.h"
#include "device/update/trust.h"
#include "src/base/bytes.h"
#include "src/base/rng.h"
#include "src/field/field_subject.h"
#include "src/package/keys.h"

namespace jatai {

// One answer: the class, its bin of 16, and how sure (0 to 255).
struct FieldAnswer {
    std::uint8_t label = 0, bin = 0, sure = 0;
};

struct FieldModel {
    std::string name;
    Bytes package, manifest;
    std::uint64_t sequence = 0;
    std::vector<std::string> kernels;  // as registry records: hexadecimal
    std::vector<FieldAnswer> answers;  // to many inputs, by the engine: what coarse devices draw from
    double accuracy = 0;               // on a subject's inputs
    std::uint32_t arena_bytes = 0;
    std::uint8_t family = 0;
};

class FieldWorld {
  public:
    enum class Kind { First, Good, Bad };
    // Without a subject: small networks of our own. It stays in place.
    explicit FieldWorld(std::uint64_t seed, const FieldSubject* subject = nullptr);

    FieldModel make(const std::string& name, Kind kind, std::uint64_t sequence) const;
    const TrustAnchor& anchor() const { return anchor_; }
    const std::vector<KernelKey>& kernels() const { return kernels_; }
    const KernelSet& kernel_set() const { return kernel_set_; }
    const char* board() const;
    std::string model_name() const;
    std::uint32_t latency_us() const;
    // What a sensor gives: one of the subject's inputs, or 16 numbers around one of four shapes.
    Bytes draw_input(Rng& rng) const;
    static FieldAnswer answer_of(const Bytes& output);

  private:
    Bytes package_of(Kind kind, std::uint64_t seed) const;
    void answer_inputs(FieldModel& model) const;

    SigningKey root_ = SigningKey::generate(), signer_ = SigningKey::generate();
    TrustAnchor anchor_{};
    std::vector<KernelKey> kernels_;
    KernelSet kernel_set_{};
    std::uint64_t seed_;
    const FieldSubject* subject_;
};

}  // namespace jatai
