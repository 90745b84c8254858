#include "src/plan/order.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_set>

#include "src/base/error.h"
#include "src/plan/live_count.h"

namespace jatai {

namespace {

using Order = std::vector<std::size_t>;

// Looks for an order that never needs more than a limit, over all orders, from the least limit upwards: the
// first limit that has one is the best there is. What has run, whatever its order, leaves the same alive, so
// each set of nodes is looked at once. A node that leaves no more alive than before may run at once: whatever
// comes later is then no worse off (the bytes it frees only grow with what has run).
class OrderSearch {
  public:
    OrderSearch(const OrderProblem& problem, std::size_t budget) : live_(problem), budget_(budget) {
        for (std::size_t i = 0; i < live_.node_count(); ++i) {
            if (live_.ready(i)) ready_.insert(i);
            limit_ = std::max(limit_, live_.least_during(i));
        }
    }

    // Fills `order` and answers true when one needs less than `known`; then bound() is what it needs.
    bool find_below(std::int64_t known, Order& order) {
        while (limit_ < known) {
            next_limit_ = INT64_MAX;
            seen_.clear();
            if (descend()) {
                order = path_;
                return true;
            }
            if (budget_ == 0) return false;
            limit_ = next_limit_;
        }
        return false;
    }

    // No order needs less.
    std::int64_t bound() const { return limit_; }

  private:
    void run(std::size_t node) {
        live_.run(node);
        ready_.erase(node);
        for (const std::size_t next : live_.feeds(node)) {
            if (live_.ready(next)) ready_.insert(next);
        }
        path_.push_back(node);
    }

    void undo() {
        const std::size_t node = path_.back();
        path_.pop_back();
        for (const std::size_t next : live_.feeds(node)) ready_.erase(next);
        live_.undo(node);
        ready_.insert(node);
    }

    bool fits(std::size_t node) {
        const std::int64_t bytes = live_.during(node);
        if (bytes > limit_) next_limit_ = std::min(next_limit_, bytes);
        return bytes <= limit_;
    }

    // Runs all that can only help. Answers how many.
    std::size_t run_free() {
        std::size_t count = 0;
        while (true) {
            const auto free = std::find_if(ready_.begin(), ready_.end(), [&](std::size_t node) {
                return live_.after(node) <= live_.live() && live_.during(node) <= limit_;
            });
            if (free == ready_.end()) return count;
            run(*free);
            ++count;
        }
    }

    // Those that fit the limit, what leaves least alive first.
    std::vector<std::size_t> choices() {
        std::vector<std::size_t> nodes;
        for (const std::size_t node : ready_) {
            if (fits(node)) nodes.push_back(node);
        }
        std::stable_sort(nodes.begin(), nodes.end(),
                         [&](std::size_t a, std::size_t b) { return live_.after(a) < live_.after(b); });
        return nodes;
    }

    bool descend() {
        const std::size_t free = run_free();
        if (path_.size() == live_.node_count()) return true;
        if (budget_ > 0 && seen_.insert(live_.done()).second) {
            --budget_;
            for (const std::size_t node : choices()) {
                run(node);
                if (descend()) return true;
                undo();
                if (budget_ == 0) break;
            }
        }
        for (std::size_t i = 0; i < free; ++i) undo();
        return false;
    }

    LiveCount live_;
    std::set<std::size_t> ready_;
    Order path_;
    std::unordered_set<std::vector<bool>> seen_;
    std::int64_t limit_ = 0, next_limit_ = 0;
    std::size_t budget_;  // sets of nodes still to be looked at
};

// Always the ready node that leaves the least alive; among equals the first of the graph.
Order greedy_order(const OrderProblem& problem) {
    LiveCount live(problem);
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i < live.node_count(); ++i) {
        if (live.ready(i)) ready.insert(i);
    }
    Order order;
    while (!ready.empty()) {
        const std::size_t best =
            *std::min_element(ready.begin(), ready.end(),
                              [&](std::size_t a, std::size_t b) { return live.after(a) < live.after(b); });
        live.run(best);
        ready.erase(best);
        order.push_back(best);
        for (const std::size_t next : live.feeds(best)) {
            if (live.ready(next)) ready.insert(next);
        }
    }
    CHECK(order.size() == live.node_count());
    return order;
}

// Some 1 s of one core at most, whatever the graph.
std::size_t budget_of(std::size_t nodes) { return 1'000'000 / (nodes + 1) + 100; }

}  // namespace

std::int64_t activation_peak(const OrderProblem& problem, const Order& order) {
    LiveCount live(problem);
    std::int64_t peak = 0;
    for (const std::size_t i : order) {
        peak = std::max(peak, live.during(i));
        live.run(i);
    }
    return peak;
}

ChosenOrder choose_order(const OrderProblem& problem) {
    ChosenOrder chosen;
    chosen.nodes.resize(problem.graph.nodes.size());
    std::iota(chosen.nodes.begin(), chosen.nodes.end(), 0u);
    chosen.peak_bytes = activation_peak(problem, chosen.nodes);
    Order greedy = greedy_order(problem);
    const std::int64_t greedy_peak = activation_peak(problem, greedy);
    if (greedy_peak < chosen.peak_bytes) chosen = {std::move(greedy), greedy_peak, 0};
    OrderSearch search(problem, budget_of(problem.graph.nodes.size()));
    if (search.find_below(chosen.peak_bytes, chosen.nodes)) chosen.peak_bytes = search.bound();
    chosen.bound_bytes = std::min(search.bound(), chosen.peak_bytes);
    return chosen;
}

}  // namespace jatai
