// error.h: how the house says that something is wrong.
//
//     if (columns != 4) {
//         throw Error{text("{}:{}: {} columns, expected 4", file, line, columns),
//                     text("every row needs x,y,z,label")};
//     }
//     CHECK(offset <= bytes.size());
//
// The world is wrong (file, flag, model, package): throw Error. `what` = place: found, expected; `hint` = the
// next step. It is caught once, in apps/, and ends with exit code 1.
// We are wrong (a broken promise of our own): CHECK prints file, line and promise, and ends with exit code 2.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "src/base/text.h"

namespace jatai {

// The user's world is not as needed. Both strings are already in the user's language.
class Error : public std::exception {
  public:
    explicit Error(std::string what, std::string hint = {})
        : what_(std::move(what)), hint_(std::move(hint)) {}
    const char* what() const noexcept override { return what_.c_str(); }
    const std::string& hint() const { return hint_; }

  private:
    std::string what_;
    std::string hint_;
};

[[noreturn]] void fail_check(const char* file, int line, const char* promise);

}  // namespace jatai

#define CHECK(promise) ((promise) ? static_cast<void>(0) : ::jatai::fail_check(__FILE__, __LINE__, #promise))
