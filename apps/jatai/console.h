// console.h: what a command says, to a person or to a machine.
//
//     console.say(text("{} clips", n));            // a line for people; silent under --json
//     console.result(json);                        // the command's answer; printed under --json
//     train(..., console.progress());              // a bar when a terminal is attached
//
// Under --json standard output carries exactly one JSON document; bars and notes go to standard error.
#pragma once

#include <atomic>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/base/progress.h"

namespace jatai {

class ProgressBar;

class Console {
  public:
    explicit Console(bool json);
    ~Console();

    bool json() const { return json_; }
    void say(const std::string& line);
    void note(const std::string& line);  // beside the answer: standard error
    void result(const nlohmann::ordered_json& answer);
    Progress progress();

    // True once the user pressed Ctrl-C: long work then saves and ends.
    static const std::atomic<bool>& interrupted();
    static void watch_interrupt();

  private:
    void clear_bar();
    bool json_;
    std::unique_ptr<ProgressBar> bar_;  // none without a terminal
};

}  // namespace jatai
