// gate_trials: how often does the gate stop a good model or pass a bad one, and how long does it take?
//
//     build/release/tests/bench/gate_trials/gate_trials [TRIALS]
//
// 1,000 devices, stages of 5, 25 and 100 %, 3 % of devices silent whatever the model does. Time is modelled:
// reports every hour, silence counted after two.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "src/fleet/gate_trial.h"

namespace {

using namespace jatai::fleet;

struct Case {
    const char* name;
    TrialSettings settings;
    bool bad;
};

void run(const Case& row, int trials) {
    int finished = 0, stopped = 0, paused = 0;
    std::uint64_t most_exposed = 0;
    std::vector<double> hours;
    for (int seed = 1; seed <= trials; ++seed) {
        TrialSettings settings = row.settings;
        settings.seed = static_cast<std::uint64_t>(seed);
        const Trial trial = run_trial(settings);
        finished += trial.state == "finished" ? 1 : 0;
        stopped += trial.state == "stopped" ? 1 : 0;
        paused += trial.state == "paused" ? 1 : 0;
        most_exposed = std::max(most_exposed, trial.exposed);
        hours.push_back(trial.verdict_hours);
    }
    std::sort(hours.begin(), hours.end());
    fmt::print(
        "{:<44} {:>4} finished {:>4} stopped {:>4} paused; most exposed {:>5}; verdict after {:.1f} h "
        "(median), {:.1f} h (most)\n",
        row.name, finished, stopped, paused, most_exposed, hours[hours.size() / 2], hours.back());
}

TrialSettings with(double sick, double silent, double opt_in) {
    TrialSettings settings;
    settings.sick = sick;
    settings.silent = silent;
    settings.opt_in = opt_in;
    return settings;
}

}  // namespace

int main(int argc, char** argv) {
    const int trials = argc > 1 ? std::atoi(argv[1]) : 100;
    const std::vector<Case> rows = {
        {"good: 1 % look sick", with(0.01, 0.03, 1), false},
        {"good: 2 % look sick", with(0.02, 0.03, 1), false},
        {"bad: 35 % sick", with(0.35, 0.03, 1), true},
        {"bad: 50 % sick", with(0.50, 0.03, 1), true},
        {"bad: 90 % sick", with(0.90, 0.03, 1), true},
        {"bad: 90 % fall silent", with(0.01, 0.90, 1), true},
        {"between: 15 % sick", with(0.15, 0.03, 1), true},
        {"good, half of the devices may be watched", with(0.01, 0.03, 0.5), false},
        {"good, 2 % of the devices may be watched", with(0.01, 0.03, 0.02), false},
        {"bad (50 %), half may be watched", with(0.50, 0.03, 0.5), true},
    };
    for (const Case& row : rows) run(row, trials);
    return 0;
}
