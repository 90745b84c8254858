#include "boards/runner/prepare.h"

void prepare_board() {}  // no clocks, no caches, no wait states
