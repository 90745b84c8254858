#include "src/fleet/verdict_time.h"

#include <algorithm>
#include <cmath>

#include "src/fleet/gate.h"

namespace jatai::fleet {

VerdictTime verdict_time(const Plan& plan, const VerdictSetting& setting) {
    const GatePlan& gate = plan.gate;
    VerdictTime out;
    out.all_silent = setting.report_s > gate.silence_s;  // nobody speaks before patience ends
    const double silent = out.all_silent ? 1 : setting.silent;
    const double looks_sick = silent + (1 - silent) * setting.sick;
    const double indifferent = std::log((1 - gate.sick_if_good) / (1 - gate.sick_if_bad)) /
                               (std::log(gate.sick_if_bad / gate.sick_if_good) +
                                std::log((1 - gate.sick_if_good) / (1 - gate.sick_if_bad)));
    out.bad = looks_sick > indifferent;
    out.devices_needed = std::ceil(devices_to_verdict(gate, looks_sick));
    out.devices_watched = std::floor(setting.devices * setting.opt_in);
    out.enough = out.devices_needed <= out.devices_watched;
    const double asked = std::min(out.devices_needed, out.devices_watched);
    // Those who may be watched are offered it first, at the plan's rate; each takes it at its next poll.
    const double taken_s = asked / plan.per_minute * 60 + setting.poll_s;
    const double spoken_s = out.all_silent ? 0 : setting.report_s, silent_s = gate.silence_s;
    // A good verdict needs the word, or the silence, of all who took it before the one that decides.
    const double any_silent = 1 - std::pow(1 - silent, asked);
    double wait_s = any_silent * std::max(silent_s, spoken_s) + (1 - any_silent) * spoken_s;
    // A bad one is said as soon as those who complained suffice; silence alone takes its patience.
    if (out.bad) wait_s = setting.sick * (1 - silent) > indifferent ? spoken_s : std::max(silent_s, spoken_s);
    if (!out.enough) wait_s = std::max(silent_s, spoken_s);
    out.hours = (taken_s + wait_s) / 3600;
    return out;
}

}  // namespace jatai::fleet
