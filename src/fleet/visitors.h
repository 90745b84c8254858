// visitors.h: who is connected, so that no address holds more than its share, and those who say nothing give
// way.
//
//     Visitors visitors({.all = 20000, .per_address = 4000});
//     const std::uint64_t id = visitors.come("10.0.0.7", [this] { close(); });     // 0: no room
//     visitors.acts(id);  …  visitors.waits(id);  …  visitors.leave(id);
//
// A connection waits until its request is whole, and again between two requests. When its address, or the
// house, is full, the one that has waited longest is cut for who comes; when none waits, who comes is
// refused. So whoever opens connections and says nothing, or says it slowly, closes his own. Needs    `cut`
// must not call back at once: what it ends is told by `leave`, later. Memory   some 200 bytes a connection.
// Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>

namespace jatai::fleet {

struct MostVisitors {
    std::size_t all = 20000, per_address = 4000;
};

class Visitors {
  public:
    explicit Visitors(MostVisitors most) : most_(most) {}
    std::uint64_t come(const std::string& address, std::function<void()> cut);
    void acts(std::uint64_t id);
    void waits(std::uint64_t id);
    void leave(std::uint64_t id);
    std::size_t count() const { return visitors_.size(); }
    std::size_t count(const std::string& address) const;

  private:
    using Queue = std::map<std::uint64_t, std::uint64_t>;  // since → id
    struct Visitor {
        std::string address;
        std::function<void()> cut;
        std::uint64_t since = 0;  // 0: it does not wait
    };
    struct Address {
        std::size_t count = 0;
        Queue waiting;
    };
    bool make_room(const Queue& waiting);
    void forget(std::unordered_map<std::uint64_t, Visitor>::iterator visitor);

    MostVisitors most_;
    std::uint64_t last_id_ = 0, turn_ = 0;
    std::unordered_map<std::uint64_t, Visitor> visitors_;
    std::unordered_map<std::string, Address> addresses_;
    Queue waiting_;
};

}  // namespace jatai::fleet
