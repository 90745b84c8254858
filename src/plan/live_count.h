// live_count.h: how much memory is alive as nodes run one after the other, whatever their order.
//
//     LiveCount live(problem);
//     live.during(node);      // bytes while it would run now
//     live.run(node);
//
// An answer that may lie on an operand nobody needs afterwards takes no memory of its own, as in the plan.
#pragma once

#include <cstdint>
#include <vector>

#include "src/plan/order.h"

namespace jatai {

class LiveCount {
  public:
    explicit LiveCount(const OrderProblem& problem);

    std::size_t node_count() const { return nodes_.size(); }
    std::int64_t live() const { return live_; }
    bool ready(std::size_t node) const { return !done_[node] && waits_[node] == 0; }
    const std::vector<bool>& done() const { return done_; }
    // The nodes that wait for this one.
    const std::vector<std::size_t>& feeds(std::size_t node) const { return nodes_[node].feeds; }

    std::int64_t during(std::size_t node) const;  // bytes alive while it would run now
    std::int64_t after(std::size_t node) const;   // bytes alive once it would have run
    // The least any order pays while this node runs: its operands, answers and scratch.
    std::int64_t least_during(std::size_t node) const;

    void run(std::size_t node);
    void undo(std::size_t node);  // of the node run last

  private:
    struct Step {
        std::vector<std::size_t> inputs, outputs;  // memories, each once
        std::vector<std::size_t> feeds;            // nodes
        std::int64_t scratch = 0;
        bool in_place = false;
    };
    void add_step(const OrderProblem& problem, std::size_t i);
    void wait_for(std::size_t node, std::size_t before);
    bool takes_over(const Step& step) const;

    std::vector<Step> nodes_;
    std::vector<std::int64_t> bytes_;    // by memory
    std::vector<std::int32_t> uses_;     // by memory: readers still to come
    std::vector<std::int32_t> writers_;  // by memory: those that have run
    std::vector<std::int32_t> waits_;    // by node: nodes it still waits for
    std::vector<std::size_t> maker_;     // by tensor; while the steps are added
    std::vector<std::size_t> toucher_;   // by state; likewise
    std::vector<bool> done_;
    std::int64_t live_ = 0;
};

}  // namespace jatai
