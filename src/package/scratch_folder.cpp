#include "src/package/scratch_folder.h"

#include <cstdlib>
#include <system_error>

#include "src/base/error.h"

namespace jatai {

ScratchFolder::ScratchFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "jatai-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr) {
        throw Error{text("{}: no temporary folder could be made there", pattern),
                    text("set TMPDIR to a folder with room")};
    }
    path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace jatai
