// anchor.h: the keys this firmware trusts from its first start, written into it by the host.
//
//     config.anchor = &jatai::linked_anchor();       // without keys, every manifest is refused: NoKeys
#pragma once

#include "device/update/trust.h"

namespace jatai {

const TrustAnchor& linked_anchor();

}  // namespace jatai
