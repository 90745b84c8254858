#include "src/graph/graph.h"

#include <algorithm>

namespace jatai {

const Value* Attributes::find(const std::string& name) const {
    const auto it =
        std::find_if(values_.begin(), values_.end(), [&](const auto& v) { return v.first == name; });
    return it == values_.end() ? nullptr : &it->second;
}

void Attributes::set(std::string name, Value value) {
    const auto it =
        std::find_if(values_.begin(), values_.end(), [&](const auto& v) { return v.first == name; });
    if (it != values_.end()) {
        it->second = std::move(value);
    } else {
        values_.emplace_back(std::move(name), std::move(value));
    }
}

bool Attributes::has(const std::string& name) const { return find(name) != nullptr; }

std::int64_t Attributes::integer(const std::string& name, std::int64_t fallback) const {
    const Value* value = find(name);
    const auto* number = value ? std::get_if<std::int64_t>(value) : nullptr;
    return number ? *number : fallback;
}

double Attributes::real(const std::string& name, double fallback) const {
    const Value* value = find(name);
    const auto* number = value ? std::get_if<double>(value) : nullptr;
    return number ? *number : fallback;
}

bool Attributes::flag(const std::string& name, bool fallback) const {
    const Value* value = find(name);
    const auto* on = value ? std::get_if<bool>(value) : nullptr;
    return on ? *on : fallback;
}

std::vector<std::int64_t> Attributes::list(const std::string& name) const {
    const Value* value = find(name);
    const auto* items = value ? std::get_if<std::vector<std::int64_t>>(value) : nullptr;
    return items ? *items : std::vector<std::int64_t>{};
}

}  // namespace jatai
