// retention.h: what is erased, when: by age, and when a person asks.
//
//     erase_old_reports(house, tenant);             // every second, a few: no poll waits for thousands of
//     rows erase_old(house, tenant);                     // once an hour: finished jobs, used codes Json all
//     = everything_about(house, tenant, device);       // what the server holds of it erase_device(house,
//     tenant, device);          // all of that, and the device itself
//
// Merged statistics hold no device: there is nothing of it to erase there. The audit log keeps that a device
// of this id was there and who erased it.
#pragma once

#include "src/fleet/house.h"

namespace jatai::fleet {

void erase_old_reports(House& house, TenantState& tenant);
void erase_old(House& house, TenantState& tenant);
Json everything_about(House& house, TenantState& tenant, const Device& device);
void erase_device(House& house, TenantState& tenant, const std::string& id);

}  // namespace jatai::fleet
