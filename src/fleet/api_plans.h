// api_plans.h: what is said of a plan before and while it runs.
//
//     fill_stages(plan);                                  // the usual ones, where none are given
//     Json unfit = unfit_json(call, plan, targets);       // [{"why", "devices"}]
#pragma once

#include "src/fleet/routes.h"

namespace jatai::fleet {

void fill_stages(Plan& plan);
Json unfit_json(Call& call, const Plan& plan, std::uint64_t& targets);
Json evidence_json(Call& call, const Rollout& rollout);
Json cannot_see(const Plan& plan);

}  // namespace jatai::fleet
