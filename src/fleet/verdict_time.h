// verdict_time.h: how long until the gate can say something, before anybody starts.
//
//     VerdictTime t = verdict_time(plan, {.devices = 50, .opt_in = 0.5, .report_s = 3600, .sick = 0.35});
//     if (t.enough) say(t.hours);           // else the stage pauses after t.hours: too few devices may be
//     watched
//
// Wald's mean number of devices, of those that may be watched; then the rate of the roll-out, a poll and a
// report each. Who falls silent speaks after silence_s, and a good verdict waits for every device before it.
#pragma once

#include "src/fleet/records.h"

namespace jatai::fleet {

struct VerdictSetting {
    double devices = 50;     // of the stage
    double opt_in = 1;       // share that may be watched
    double report_s = 3600;  // between two reports
    double poll_s = 300;     // between two polls
    double sick = 0.01;      // share that looks sick under the new model: the effect
    double silent = 0.03;    // share that says nothing any more
};

struct VerdictTime {
    double devices_needed = 0, devices_watched = 0;
    bool enough = false;
    double hours = 0;
    bool bad = false;         // what the verdict will be, most likely
    bool all_silent = false;  // silence_s is shorter than the time between two reports: everything looks bad
};

VerdictTime verdict_time(const Plan& plan, const VerdictSetting& setting);

}  // namespace jatai::fleet
