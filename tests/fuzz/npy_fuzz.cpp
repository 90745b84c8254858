// links: jatai_data
// Any bytes as an .npy file: an array or an Error, never a crash. What was read is written, and read as the
// same.
#include "src/base/error.h"
#include "src/data/npy.h"
#include "tests/fuzz/fuzz.h"

namespace jatai {

void add_seeds(std::vector<Bytes>& seeds) {
    for (const Type type : {Type::Float32, Type::Int8, Type::Int64}) {
        NpyArray array;
        array.type = type;
        array.shape = {2, 3};
        array.data.resize(6 * size_of(type), 7);
        seeds.push_back(make_npy(array));
    }
}

}  // namespace jatai

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace jatai;
    try {
        const NpyArray array = parse_npy({data, size}, "fuzz.npy");
        CHECK(to_floats(array).size() == array.elements());
        const NpyArray again = parse_npy(make_npy(array), "again.npy");
        CHECK(again.shape == array.shape && again.data == array.data && again.type == array.type);
    } catch (const Error&) {
        // refused in words, as it should be
    }
    return 0;
}
