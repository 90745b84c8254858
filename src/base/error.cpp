#include "src/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace jatai {

void fail_check(const char* file, int line, const char* promise) {
    std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
    std::fflush(nullptr);
    std::_Exit(2);
}

}  // namespace jatai
