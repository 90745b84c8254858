// runner.h: a package run on this computer, by the engine and the kernels that chips run.
//
//     HostRunner runner(package, "model.jpk");
//     Bytes output = runner.run(input);                     // one sample
//     Bytes outputs = run_package(package, inputs, "model.jpk");   // samples back to back
//
// Keeps   The bytes are those a chip gives.
// Fails with  Error when the package is refused, or the input is not whole samples.
// Threads One runner, one thread.
#pragma once

#include <memory>
#include <string>

#include "device/engine.h"
#include "src/base/bytes.h"
#include "src/base/progress.h"
#include "src/graph/ops/kernels.h"

namespace jatai {

class HostRunner {
  public:
    HostRunner(ByteView package, const std::string& place, HostCode code = host_code());

    // All inputs in order, back to back, in and all outputs likewise out.
    Bytes run(ByteView input);
    std::size_t input_bytes() const { return input_bytes_; }
    std::size_t output_bytes() const { return output_bytes_; }
    const Engine& engine() const { return engine_; }

  private:
    struct alignas(16) Block {
        std::uint8_t bytes[16];
    };
    std::string place_;
    std::unique_ptr<Block[]> package_;
    std::unique_ptr<Block[]> arena_;
    Engine engine_;
    std::size_t input_bytes_ = 0;
    std::size_t output_bytes_ = 0;
};

Bytes run_package(ByteView package, ByteView inputs, const std::string& place, const Progress& progress = {});

}  // namespace jatai
