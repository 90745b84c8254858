// rollout.h: what a roll-out does next. Pure: it looks at numbers, changes the roll-out and says what is to
// be done.
//
//     Step step = next_step(rollout, picture);
//     if (step.what == Step::What::Offer) offer_to(step.count);
//
// Stages grow from a canary to everybody. A stage with a gate goes on only when every group's test says good;
// when all its devices have been judged and a test still cannot say, it pauses: nothing is promoted on too
// little evidence. Blue/green: every stage downloads; when all have it, everybody switches at once, and only
// then the gate looks. Shadow: ends when the gate has spoken. A/B: ends when the arms can be told apart.
#pragma once

#include <cstdint>
#include <string>

#include "src/fleet/records.h"

namespace jatai::fleet {

struct Picture {
    std::int64_t now_ms = 0;
    bool stopped = false;        // the one button
    std::uint64_t targets = 0;   // devices that match
    std::uint64_t offered = 0;   // to how many, of them
    std::uint64_t open = 0;      // neither installed nor failed yet
    std::uint64_t unjudged = 0;  // installed, and neither well, sick nor silent yet
    std::uint64_t installed = 0, failed = 0;
    std::uint64_t uncounted = 0;  // ab: installed, and no value of theirs has come yet
};

struct Step {
    enum class What { Wait, Offer, Promote, Switch, Pause, Stop, Finish } what = What::Wait;
    std::uint64_t count = 0;
    std::string reason;
};

Step next_step(Rollout& rollout, const Picture& picture);

// Devices that stages up to the current one may hold.
std::uint64_t quota(const Rollout& rollout, std::uint64_t targets);

// Throws Refusal 400: which field, what it says, what it may say.
void check_plan(const Plan& plan);

bool in_window(const Plan& plan, std::int64_t now_ms);

// What is offered per minute after `offered` devices.
double rate_now(const Plan& plan, std::uint64_t offered);

}  // namespace jatai::fleet
