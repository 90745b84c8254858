// update_world.h: what the tests of updates share: two models, keys, a chip.
//
//     UpdateWorld world;
//     Chip chip(world, flash);
//     chip.start();  chip.update(world.second);
#pragma once

#include <memory>
#include <vector>

#include "device/engine.h"
#include "device/update/agent.h"
#include "device/update/model_trial.h"
#include "src/package/delta.h"
#include "src/package/golden.h"
#include "src/package/pack.h"
#include "src/package/sign.h"
#include "src/package/test_model.h"
#include "tests/faults/flash_memory.h"

namespace jatai {

constexpr char kBoard[] = "nano33ble";

// An update as a server hands it out.
struct Update {
    Bytes package;
    Bytes envelope;
    Bytes payload;
};

class UpdateWorld {
  public:
    explicit UpdateWorld(Family family = Family::Reference);

    Update make(const Bytes& package, std::uint64_t sequence, const Bytes& source) const;
    SignOptions at(std::uint64_t sequence) const {
        SignOptions options;
        options.sequence = sequence;
        return options;
    }
    const TrustAnchor& anchor() const { return anchor_; }
    const std::vector<KernelKey>& kernels() const { return kernels_; }
    const KernelSet& kernel_set() const { return kernel_set_; }

    SigningKey root_keys[3] = {SigningKey::generate(), SigningKey::generate(), SigningKey::generate()};
    SigningKey key = SigningKey::generate();
    Bytes first, second, broken;  // broken: opens, but its golden samples fail

  private:
    TrustAnchor anchor_;
    std::vector<KernelKey> kernels_;
    KernelSet kernel_set_;
};

// A board with the agent in its firmware. Starting it again is a power cycle.
class Chip {
  public:
    Chip(const UpdateWorld& world, FlashMemory& flash);

    Reason start();
    // Offers, downloads in small chunks and installs. What a device's main loop does.
    Verdict update(const Update& update, std::uint32_t chunk = 200, Use use = Use::Instead);
    // The model that runs, proven by running it.
    bool runs(const Bytes& package);

    Agent& agent() { return *agent_; }
    AgentConfig& config() { return config_; }
    std::uint64_t bytes_fed = 0;

  private:
    FlashMemory& flash_;
    std::vector<std::uint64_t> arena_;
    ModelTrial trial_;
    AgentConfig config_{};
    std::unique_ptr<Agent> agent_;
};

}  // namespace jatai
