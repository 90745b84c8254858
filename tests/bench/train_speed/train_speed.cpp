// train_speed: CPU seconds per 10,000 training samples, float and int8, on the DS-CNN of MLPerf Tiny.
//
//     train_speed [--network ds_cnn] [--batch 32] [--shard 8] [--threads 1] [--samples 2048] [--classes 12]
//
// Prints one line per kind of step: the least of five epochs, CPU time of all threads.
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>

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

// CPU seconds per 10,000 samples: the least of five epochs, after one to warm up.
double measure(Fit& fit, Model model, int samples) {
    FitState state = fit.begin(std::move(model));
    double least = 1e9;
    fit.run_epoch(state, nullptr);
    for (int i = 0; i < 5; ++i) {
        const double start = cpu_seconds();
        fit.run_epoch(state, nullptr);
        least = std::min(least, cpu_seconds() - start);
    }
    return least * 10000.0 / samples;
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
    const double float_step = measure(plain, start, samples);
    std::printf("float            %.2f CPU-s per 10k samples\n", float_step);

    FitSettings augmented = settings;
    augmented.augment = true;
    Fit changing(network, features, augmented);
    std::printf("float, augmented %.2f\n", measure(changing, start, samples));

    const Folded folded = fold_batch_norm(network, start);
    const Network quantised(quantise(folded.spec));
    settings.round_weights = true;
    Fit rounding(quantised, features, settings);
    Model model = with_ranges(quantised, folded.model);
    calibrate(rounding, model, features.indices(Split::Train), {});
    const double int8_step = measure(rounding, model, samples);
    std::printf("int8 (QAT)       %.2f, %.2f x float\n", int8_step, int8_step / float_step);
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
