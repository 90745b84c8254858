// kernel_table: writes the table of all kernels for a firmware that is built before any model is known.
//
//     kernel_table nano33ble cortex_m kernels.cpp
#include <cstdio>
#include <map>
#include <string>

#include "src/base/bytes.h"
#include "src/base/error.h"
#include "src/graph/ops/kernels.h"
#include "src/package/kernel_table.h"

int main(int count, char** words) {
    using namespace jatai;
    try {
        if (count != 4) {
            throw Error("kernel_table: expected BOARD FAMILY FILE");
        }
        const std::string family = words[2];
        const std::map<std::string, Family> families{
            {"reference", Family::Reference}, {"cortex_m", Family::CortexM}, {"cortex_m0", Family::CortexM0}};
        if (!families.contains(family)) throw Error("kernel_table: unknown family " + family);
        KernelTable table;
        table.keys = all_kernels();
        table.family = families.at(family);
        table.board = words[1];
        table.space = PackageSpace::Linker;
        write_text(words[3], write_kernel_table(table));
        return 0;
    } catch (const Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
