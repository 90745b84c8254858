// jobs.h: work that takes longer than a reply: compilations, deltas, backups.
//
//     std::string id = jobs.start("default", "compile", "ci", [=](Working& working) {
//         working.say("planning");
//         return answer_json;                       // runs on the worker's thread: values in, values out
//     });
//
// Every job is a record: list, log while it runs, cancel. What was running when the server ended is failed.
// Threads  start, cancel and their callbacks on the deciding thread; the work itself on one worker.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "src/fleet/state.h"

namespace jatai::fleet {

class Working {
  public:
    virtual ~Working() = default;
    virtual void say(const std::string& line) = 0;
    virtual bool cancelled() const = 0;
};

using Work = std::function<std::string(Working&)>;            // gives the result, JSON text
using Post = std::function<void(std::function<void()>)>;      // runs a function on the deciding thread
using Done = std::function<void(const std::string& result)>;  // on the deciding thread, when it went well

class Jobs {
  public:
    Jobs(State& state, Post post);
    ~Jobs();
    std::string start(const std::string& tenant, const std::string& kind, const std::string& who, Work work,
                      Done done = {});
    bool cancel(const std::string& tenant, const std::string& id);
    std::size_t waiting() const;

  private:
    struct Entry;
    struct Runner;
    void work();
    void run(const std::shared_ptr<Entry>& entry);
    void finish(const std::shared_ptr<Entry>& entry, const std::string& state, const std::string& result);

    State& state_;
    Post post_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::shared_ptr<Entry>> queue_;
    std::map<std::string, std::shared_ptr<Entry>> live_;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace jatai::fleet
