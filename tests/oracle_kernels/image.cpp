// Fast kernels against reference kernels on random layers: see layer.h.
#include "tests/oracle_kernels/layer.h"

int main() {
    const uint32_t failures =
        jatai::check_convolutions() + jatai::check_others() + jatai::check_hostile_parameters();
    return failures == 0 ? 0 : 1;
}
