// page.h: the web page, out of the program itself.
//
//     std::optional<Reply> reply = page_file(request);       // none: not a file of the page
#pragma once

#include <optional>

#include "src/fleet/http.h"

namespace jatai::fleet {

std::optional<Reply> page_file(const Request& request);

}  // namespace jatai::fleet
