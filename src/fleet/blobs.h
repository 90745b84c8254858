// blobs.h: files named by their content: packages, manifests, models, deltas.
//
//     Blobs blobs("data/blobs");
//     std::string id = blobs.put(bytes);                   // SHA-256 in hex; the same bytes are kept once
//     std::shared_ptr<const Blob> blob = blobs.open(id);   // mapped; none: unknown
//
// Keeps    a blob is whole or absent (temporary name, sync, rename); its name is checked before it is a path.
// Threads  any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::fleet {

// A file's bytes, mapped while this lives.
class Blob {
  public:
    Blob(const char* data, std::size_t bytes) : data_(data), bytes_(bytes) {}
    ~Blob();
    Blob(const Blob&) = delete;
    Blob& operator=(const Blob&) = delete;
    std::string_view view() const { return {data_, bytes_}; }

  private:
    const char* data_;
    std::size_t bytes_;
};

class Blobs {
  public:
    explicit Blobs(fs::path folder) : folder_(std::move(folder)) {}
    std::string put(std::string_view bytes) const;
    std::shared_ptr<const Blob> open(const std::string& id) const;
    bool has(const std::string& id) const;
    fs::path path_of(const std::string& id) const;

  private:
    fs::path folder_;
};

}  // namespace jatai::fleet
