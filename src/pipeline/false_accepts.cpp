#include "src/pipeline/false_accepts.h"

#include <atomic>
#include <exception>
#include <thread>

#include "src/base/text.h"
#include "src/data/track.h"
#include "src/package/keyword_host.h"
#include "src/report/statistics.h"

namespace jatai {
namespace {

constexpr double kPartSeconds = 600;  // one piece of work, and of memory

std::uint64_t count_part(ByteView package, const Dataset& dataset, double seconds, std::uint64_t seed) {
    TrackRecipe recipe;
    recipe.seconds = seconds;
    recipe.seed = seed;
    const Track track = make_negative_track(dataset, recipe);
    KeywordHostOptions options;
    options.keep_text = false;
    KeywordHost host(package, "model.jpk", options);
    std::uint64_t count = 0;
    for (const KeywordAnswer& answer : host.hear(track.samples)) count += answer.announced ? 1 : 0;
    return count;
}

}  // namespace

FalseAlarms count_false_accepts(ByteView package, const Dataset& dataset, double hours, std::uint64_t seed,
                                const Progress& progress) {
    const auto parts = static_cast<std::uint64_t>(hours * 3600 / kPartSeconds + 0.5);
    std::atomic<std::uint64_t> next{0}, done{0}, count{0};
    std::exception_ptr failures[2];
    const auto work = [&](int who) {
        try {
            for (std::uint64_t part; (part = next++) < parts;) {
                count += count_part(package, dataset, kPartSeconds, seed + part);
                ++done;
                if (who == 0) report(progress, done, parts, text("listening for false accepts"));
            }
        } catch (...) {
            failures[who] = std::current_exception();
            next = parts;
        }
    };
    std::thread helper(work, 1);
    work(0);
    helper.join();
    for (const auto& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
    FalseAlarms alarms;
    alarms.count = count;
    alarms.hours = static_cast<double>(parts) * kPartSeconds / 3600;
    alarms.per_hour = static_cast<double>(alarms.count) / alarms.hours;
    alarms.upper_95_per_hour = page::poisson_upper_95(alarms.count) / alarms.hours;
    return alarms;
}

}  // namespace jatai
