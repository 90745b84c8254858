// shard_pool.h: our own threads over the shards of a batch.
//
//     ShardPool pool(2);
//     pool.run(shards, [&](int shard) { ... });      // returns when all are done
//
// Which thread takes which shard is not fixed, so a shard's work must depend on its number alone; then
// results are the same for any number of threads. An exception in a shard reaches the caller of run().
// Threads: run() is called by one thread at a time. Waiting threads sleep, they do not spin.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace jatai::train {

class ShardPool {
  public:
    explicit ShardPool(int threads);
    ~ShardPool();
    ShardPool(const ShardPool&) = delete;
    ShardPool& operator=(const ShardPool&) = delete;

    int threads() const { return static_cast<int>(helpers_.size()) + 1; }
    void run(int shards, const std::function<void(int, int)>& work);

  private:
    void serve(int worker);
    void take_shards(int worker);

    std::mutex mutex_;
    std::condition_variable wake_, done_;
    const std::function<void(int, int)>* work_ = nullptr;
    std::atomic<int> next_{0};
    int shards_ = 0;
    int busy_ = 0;  // helpers inside a round
    std::uint64_t round_ = 0;
    bool quit_ = false;
    std::exception_ptr problem_;
    std::vector<std::thread> helpers_;
};

}  // namespace jatai::train
