// scratch_folder.h: a folder of one's own in the system's temporary place, gone with the object.
//
//     const ScratchFolder work;
//     write_text(work.path() / "kernels.cpp", source);
#pragma once

#include "src/base/bytes.h"

namespace jatai {

class ScratchFolder {
  public:
    ScratchFolder();  // fails with Error when none can be made
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    const fs::path& path() const { return path_; }

  private:
    fs::path path_;
};

}  // namespace jatai
