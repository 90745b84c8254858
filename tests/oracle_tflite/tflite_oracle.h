// tflite_oracle.h: TensorFlow Lite itself, as the judge of what we write and compute. Tests only.
//
//     const auto oracle = TfliteOracle::find();
//     if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
//     std::vector<Bytes> outputs = oracle->run(write_tflite(graph), {input});
//
//     TfliteSession session = oracle->load(model);          // many runs of one model
//     for (const Bytes& sample : samples) check(session.run({sample}));
//
// The library is loaded with dlopen from $JATAI_TFLITE, else from where tools/fetch-oracle puts it.
// Answers  Equal to ours bit for bit, but for CONV_2D and FULLY_CONNECTED: its matrix product on x86 rounds
//          halves up, so some 3 outputs in 10,000 are one step above its own reference kernels, and ours.
// Fails with Error holding TensorFlow Lite's own words when it refuses a model or an input.
// Memory  A session copies the model. Sessions outlive the oracle object; the library is never unloaded.
// Threads One session, one thread. Inside, TensorFlow Lite uses one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

struct TfliteApi;  // the functions of the C API

class TfliteSession {
  public:
    TfliteSession(const TfliteApi& api, ByteView model);
    ~TfliteSession();
    TfliteSession(TfliteSession&&) noexcept;
    TfliteSession& operator=(TfliteSession&&) noexcept;

    std::vector<std::size_t> input_bytes() const;
    std::vector<std::size_t> output_bytes() const;
    // One run: little-endian tensors in the order of the model.
    std::vector<Bytes> run(const std::vector<Bytes>& inputs);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

class TfliteOracle {
  public:
    static constexpr const char* kMissing =
        "TensorFlow Lite is not here; tools/fetch-oracle fetches it (5.3 MB), or set JATAI_TFLITE";

    static std::optional<TfliteOracle> find();

    std::string version() const;
    TfliteSession load(ByteView model) const;
    std::vector<Bytes> run(ByteView model, const std::vector<Bytes>& inputs) const;

  private:
    explicit TfliteOracle(std::shared_ptr<const TfliteApi> api) : api_(std::move(api)) {}
    std::shared_ptr<const TfliteApi> api_;
};

}  // namespace jatai
