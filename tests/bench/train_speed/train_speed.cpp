// train_speed: CPU seconds per 10,000 training samples, float and int8, on the DS-CNN of MLPerf Tiny.
//
//     train_speed [--network ds_cnn] [--batch 32] [--shard 8] [--threads 1] [--samples 2048] [--classes 12]
//
// Prints one line per kind of step; CPU time of all threads.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/train/calibrate.h"
#include "src/train/fit.h"
#include "src/train/fold.h"
#include "src/train/made_features.h"
#include "src/train/networks.h"

namespace jatai::train {
namespace {

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return double(t.tv_sec) + 1e-6 * double(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// CPU seconds per 10,000 samples, from the CPU time of each batch: a busy neighbour spoils some batches'
// caches, so the median is given, and the fastest tenth beside it.
struct Cost {
    double median, fast;
};
Cost measure(Fit& fit, Model model, int batch) {
    FitState state = fit.begin(std::move(model));
    std::vector<double> took;
    double last = 0;
    const Progress watch = [&](std::uint64_t, std::uint64_t, std::string_view) {
        const double now = cpu_seconds();
        if (last != 0) took.push_back(now - last);
        last = now;
    };
    for (int epoch = 0; epoch < 6; ++epoch) {
        fit.run_epoch(state, nullptr, watch);
        last = 0;
    }
    std::sort(took.begin(), took.end());
    return {took[took.size() / 2] * 10000.0 / batch, took[took.size() / 10] * 10000.0 / batch};
}

int run(int argc, char** argv) {
    std::map<std::string, std::string> options{{"--network", "ds_cnn"}, {"--batch", "32"},
                                               {"--shard", "8"},        {"--threads", "1"},
                                               {"--samples", "2048"},   {"--classes", "12"}};
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!options.contains(argv[i])) throw Error{text("{}: unknown option", argv[i])};
        options[argv[i]] = argv[i + 1];
    }
    const auto number = [&](const char* name) { return std::atoi(options[name].c_str()); };
    const int samples = number("--samples");
    FeatureSet features =
        make_features({.frames = 49, .coefficients = 10, .classes = number("--classes"), .clips = samples});
    std::fill(features.split.begin(), features.split.end(), Split::Train);

    FitSettings settings;
    settings.threads = number("--threads");
    settings.batch_size = number("--batch");
    settings.shard_size = number("--shard");
    settings.epochs = 6;
    settings.schedule.peak = 1e-3f;
    const Network network(make_network(options["--network"], {49, 10, 1}, number("--classes")));
    const Model start = network.make_model(1, Initialisation::HeNormal);
    std::printf("%s: %zu parameters, %.2f M MACs, %s, batch %d in shards of %d, %d threads\n",
                options["--network"].c_str(), network.parameter_count(), double(network.macs()) * 1e-6,
                std::string(vector_kernels().name).c_str(), settings.batch_size, settings.shard_size,
                settings.threads);

    Fit plain(network, features, settings);
    const Cost float_step = measure(plain, start, settings.batch_size);
    std::printf("float            %.2f CPU-s per 10k samples (fastest tenth %.2f)\n", float_step.median,
                float_step.fast);

    FitSettings augmented = settings;
    augmented.augment = true;
    Fit changing(network, features, augmented);
    const Cost augmented_step = measure(changing, start, settings.batch_size);
    std::printf("float, augmented %.2f (%.2f)\n", augmented_step.median, augmented_step.fast);

    const Folded folded = fold_batch_norm(network, start);
    const Network quantised(quantise(folded.spec));
    settings.round_weights = true;
    Fit rounding(quantised, features, settings);
    Model model = with_ranges(quantised, folded.model);
    calibrate(rounding, model, features.indices(Split::Train), {});
    const Cost int8_step = measure(rounding, model, settings.batch_size);
    std::printf("int8 (QAT)       %.2f (%.2f), %.2f x float\n", int8_step.median, int8_step.fast,
                int8_step.median / float_step.median);
    return 0;
}

}  // namespace
}  // namespace jatai::train

int main(int argc, char** argv) {
    try {
        return jatai::train::run(argc, argv);
    } catch (const jatai::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
