// filter.h: which devices? A small language, for groups, roll-outs and searches.
//
//     Filter filter = parse_filter("board == nano33ble and firmware >= 1.4 and not group in (lab, attic)");
//     if (filter.matches(device)) ...
//
// Fields: id, board, core, firmware, state, group, version, attribute.NAME. Operators: == != < <= > >= in
// like. `like` takes * for any letters. Versions (1.10 > 1.9) compare by their numbers. "" matches every
// device. Fails with Refusal 400 at the letter that does not fit.
#pragma once

#include <memory>
#include <string>

#include "src/fleet/records.h"

namespace jatai::fleet {

struct FilterNode;

class Filter {
  public:
    explicit Filter(std::shared_ptr<const FilterNode> root) : root_(std::move(root)) {}
    bool matches(const Device& device) const;

  private:
    std::shared_ptr<const FilterNode> root_;
};

Filter parse_filter(const std::string& text);

// -1, 0, 1: by numbers where both have numbers, else by letters. "1.10" > "1.9", "1.4" < "1.4.1".
int compare_versions(const std::string& a, const std::string& b);

}  // namespace jatai::fleet
