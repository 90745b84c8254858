// calibrate.h: which scale every value of a float graph needs, from samples.
//
//     Calibrator calibrator(graph, RangeMethod::MinMax);
//     for (const auto& sample : samples) calibrator.look(sample);       // ranges
//     if (calibrator.looks_twice()) for (...) calibrator.look_again(sample);  // how often each value occurs
//     recipe.scales = calibrator.scales();
//
// Values that share a scale in int8 (what a reshape, pool or concatenation reads and writes) share one range;
// softmax, logistic and tanh have the scale TFLite fixes.
// MinMax      the range is what was seen
// Percentile  all but 0.01 % of what was seen, on each side
// Mse         the part of the range with the least squared error
// Needs: verify(graph) holds; the graph stays in place. Cost: one float run per look.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/interpret.h"
#include "src/graph/quantise/cell_watch.h"
#include "src/graph/quantise/scales.h"

namespace jatai::quantise {

enum class RangeMethod : std::uint8_t { MinMax, Percentile, Mse };

class Calibrator {
  public:
    Calibrator(const Graph& graph, RangeMethod method);

    void look(const std::vector<Bytes>& sample);
    bool looks_twice() const { return method_ != RangeMethod::MinMax; }
    void look_again(const std::vector<Bytes>& sample);

    // By tensor; empty where no scale is needed.
    std::vector<Quantisation> scales() const;

  private:
    static constexpr std::size_t kBins = 2048;
    using Histogram = std::array<std::uint32_t, kBins>;

    void join_groups();
    TensorId group_of(TensorId id) const;
    ValueRange narrowed(TensorId group) const;

    const Graph& graph_;
    RangeMethod method_;
    Interpreter interpreter_;
    std::vector<TensorId> parent_;                             // groups of tensors that share a range
    std::vector<bool> activation_;                             // float, and varies
    std::vector<ValueRange> ranges_;                           // by group
    std::vector<Histogram> counts_;                            // by group, when a second look is asked for
    std::map<const Node*, std::unique_ptr<CellWatch>> cells_;  // of every LSTM
};

}  // namespace jatai::quantise
