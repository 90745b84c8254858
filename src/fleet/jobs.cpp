#include "src/fleet/jobs.h"

#include "src/base/error.h"
#include "src/fleet/http.h"

namespace jatai::fleet {

constexpr std::size_t kMostWaiting = 64;
constexpr std::size_t kMostLines = 500;

struct Jobs::Entry {
    std::string tenant, id;
    Work work;
    Done done;
    std::atomic<bool> cancelled{false};
};

struct Jobs::Runner : Working {
    Runner(Jobs& jobs, std::shared_ptr<Entry> entry) : jobs_(jobs), entry_(std::move(entry)) {}
    void say(const std::string& line) override {
        jobs_.post_([&state = jobs_.state_, entry = entry_, line] {
            Job& job = state.tenant(entry->tenant)->jobs[entry->id];
            if (job.log.size() < kMostLines) job.log.push_back(line);
            state.save(job);
        });
    }
    bool cancelled() const override { return entry_->cancelled; }
    Jobs& jobs_;
    std::shared_ptr<Entry> entry_;
};

Jobs::Jobs(State& state, Post post) : state_(state), post_(std::move(post)) {
    for (auto& [id, tenant] : state_.tenants()) {
        for (auto& [job_id, job] : tenant.jobs) {
            if (job.state != "running" && job.state != "waiting") continue;
            job.state = "failed";
            job.error = "the server ended while it ran";
            state_.save(job);
        }
    }
    thread_ = std::thread([this] { work(); });
}

Jobs::~Jobs() {
    {
        std::lock_guard lock(mutex_);
        ending_ = true;
        for (auto& [id, entry] : live_) entry->cancelled = true;
    }
    wake_.notify_all();
    thread_.join();
}

std::string Jobs::start(const std::string& tenant, const std::string& kind, const std::string& who, Work work,
                        Done done) {
    if (waiting() >= kMostWaiting) throw Refusal{503, "64 jobs are waiting", "try again later", 30};
    Job job{tenant, state_.next_id(), kind};
    job.asked_by = who;
    job.created_ms = state_.now();
    state_.tenant(tenant)->jobs[job.id] = job;
    state_.save(job);
    auto entry = std::make_shared<Entry>();
    entry->tenant = tenant;
    entry->id = job.id;
    entry->work = std::move(work);
    entry->done = std::move(done);
    std::lock_guard lock(mutex_);
    live_[job.id] = entry;
    queue_.push_back(entry);
    wake_.notify_one();
    return job.id;
}

bool Jobs::cancel(const std::string& tenant, const std::string& id) {
    std::lock_guard lock(mutex_);
    const auto found = live_.find(id);
    if (found == live_.end() || found->second->tenant != tenant) return false;
    found->second->cancelled = true;
    return true;
}

std::size_t Jobs::waiting() const {
    std::lock_guard lock(mutex_);
    return queue_.size();
}

void Jobs::work() {
    while (true) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
        if (ending_) return;
        const auto entry = queue_.front();
        queue_.pop_front();
        lock.unlock();
        run(entry);
    }
}

void Jobs::run(const std::shared_ptr<Entry>& entry) {
    if (entry->cancelled) return finish(entry, "cancelled", {});
    post_([this, entry] {
        Job& job = state_.tenant(entry->tenant)->jobs[entry->id];
        job.state = "running";
        state_.save(job);
    });
    Runner runner(*this, entry);
    try {
        const std::string result = entry->work(runner);
        finish(entry, entry->cancelled ? "cancelled" : "done", result);
    } catch (const Error& error) {
        finish(entry, "failed", error.what());
    } catch (const Refusal& refusal) {
        finish(entry, "failed", refusal.what);
    } catch (const std::exception& error) {
        finish(entry, "failed", error.what());
    }
}

void Jobs::finish(const std::shared_ptr<Entry>& entry, const std::string& how, const std::string& result) {
    post_([this, entry, how, result] {
        Job& job = state_.tenant(entry->tenant)->jobs[entry->id];
        job.state = how;
        job.ended_ms = state_.now();
        (how == "done" ? job.result : job.error) = result;
        if (how == "done" && entry->done) entry->done(result);
        state_.save(job);
        std::lock_guard lock(mutex_);
        live_.erase(entry->id);
    });
}

}  // namespace jatai::fleet
