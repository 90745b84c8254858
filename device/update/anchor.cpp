// Where the host writes the keys a firmware trusts (jatai package trust). Nothing here folds into the code
// that asks.
#include "device/update/anchor.h"

namespace jatai {
namespace {

const TrustAnchor kAnchor = {{'J', 'A', 'T', 'A', 'I', 'T', 'A', '1'}, 1, 0, 0, 0, {}, {}, {}, {}};

}  // namespace

const TrustAnchor& linked_anchor() { return kAnchor; }

}  // namespace jatai
