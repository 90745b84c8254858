#include "src/train/shard_pool.h"

namespace jatai::train {

ShardPool::ShardPool(int threads) {
    for (int i = 1; i < threads; ++i) helpers_.emplace_back([this, i] { serve(i); });
}

ShardPool::~ShardPool() {
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
    }
    wake_.notify_all();
    for (std::thread& helper : helpers_) helper.join();
}

void ShardPool::take_shards(int worker) {
    for (int shard = next_++; shard < shards_; shard = next_++) {
        try {
            (*work_)(shard, worker);
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!problem_) problem_ = std::current_exception();
        }
    }
}

void ShardPool::serve(int worker) {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return quit_ || round_ != seen; });
        if (quit_) return;
        seen = round_;
        lock.unlock();
        take_shards(worker);
        lock.lock();
        if (--busy_ == 0) done_.notify_one();
    }
}

void ShardPool::run(int shards, const std::function<void(int, int)>& work) {
    {
        const std::lock_guard lock(mutex_);
        work_ = &work;
        shards_ = shards;
        next_ = 0;
        busy_ = static_cast<int>(helpers_.size());
        problem_ = nullptr;
        ++round_;
    }
    wake_.notify_all();
    take_shards(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [&] { return busy_ == 0; });
    if (problem_) std::rethrow_exception(problem_);
}

}  // namespace jatai::train
