#include "src/fleet/visitors.h"

namespace jatai::fleet {

std::uint64_t Visitors::come(const std::string& address, std::function<void()> cut) {
    const auto own = addresses_.find(address);
    if (own != addresses_.end() && own->second.count >= most_.per_address && !make_room(own->second.waiting))
        return 0;
    if (visitors_.size() >= most_.all && !make_room(waiting_)) return 0;
    visitors_[++last_id_] = {address, std::move(cut)};
    ++addresses_[address].count;
    waits(last_id_);
    return last_id_;
}

void Visitors::acts(std::uint64_t id) {
    const auto found = visitors_.find(id);
    if (found == visitors_.end() || found->second.since == 0) return;
    addresses_[found->second.address].waiting.erase(found->second.since);
    waiting_.erase(found->second.since);
    found->second.since = 0;
}

void Visitors::waits(std::uint64_t id) {
    acts(id);
    const auto found = visitors_.find(id);
    if (found == visitors_.end()) return;
    found->second.since = ++turn_;
    addresses_[found->second.address].waiting[turn_] = id;
    waiting_[turn_] = id;
}

void Visitors::leave(std::uint64_t id) {
    if (const auto found = visitors_.find(id); found != visitors_.end()) forget(found);
}

std::size_t Visitors::count(const std::string& address) const {
    const auto found = addresses_.find(address);
    return found == addresses_.end() ? 0 : found->second.count;
}

bool Visitors::make_room(const Queue& waiting) {
    if (waiting.empty()) return false;
    const auto found = visitors_.find(waiting.begin()->second);
    const std::function<void()> cut = std::move(found->second.cut);
    forget(found);
    cut();
    return true;
}

void Visitors::forget(std::unordered_map<std::uint64_t, Visitor>::iterator visitor) {
    acts(visitor->first);
    const auto own = addresses_.find(visitor->second.address);
    if (--own->second.count == 0) addresses_.erase(own);
    visitors_.erase(visitor);
}

}  // namespace jatai::fleet
