// http_range.h: "Range: bytes=100-199": a part of a file, so that a broken download goes on where it stopped.
//
//     int status = cut_to_range(header, body, set_header);       // 200, 206 or 416; body becomes the part
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace jatai::fleet {

using SetHeader = std::function<void(const char* name, const std::string& value)>;

// One range only: a client that asks for several gets the whole file, as RFC 9110 allows.
int cut_to_range(std::string_view header, std::string_view& body, const SetHeader& set);

}  // namespace jatai::fleet
