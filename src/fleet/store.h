// store.h: what the server remembers, behind one interface.
//
//     store.load(Kind::Device, [&](const Row& row) { ... });                    // once, at start
//     std::uint64_t ticket = store.append({{Kind::Device, "default", "d1", body}});
//     store.on_commit([&](std::uint64_t done) { ... });                         // ticket <= done: on disk
//
// A record is a kind, a tenant, an id and a body (JSON text). Nothing above this line knows SQL.
// Keeps    what append() was given together is written together or not at all, in the order it was given.
// Threads  load, scan, find and append from one thread; on_commit's function runs on the writer's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai::fleet {

enum class Kind {
    Tenant,
    Key,
    Code,
    Group,
    Device,
    Version,
    Variant,
    Alias,
    Rollout,
    Action,
    Job,
    Audit,
    Report,
    Cohort,
    Window,
    Trail,
    Labels,
    Alert
};
constexpr int kKinds = 18;

struct Row {
    std::string tenant, id, body;
};

struct Change {
    Kind kind;
    std::string tenant, id;
    std::optional<std::string> body;                        // none: forget it
    enum class Reach { One, OfDevice } reach = Reach::One;  // what to forget: this id, or all of this device
};

class Store {
  public:
    virtual ~Store() = default;
    virtual void load(Kind kind, const std::function<void(const Row&)>& visit) = 0;
    virtual std::optional<std::string> find(Kind kind, const std::string& tenant, const std::string& id) = 0;
    // Committed records with an id after `after`, in the order of their ids, `limit` at most.
    virtual std::vector<Row> scan(Kind kind, const std::string& tenant, const std::string& after,
                                  int limit) = 0;
    // The last `limit` records, newest first.
    virtual std::vector<Row> newest(Kind kind, const std::string& tenant, const std::string& before,
                                    int limit) = 0;
    virtual std::uint64_t append(std::vector<Change> changes) = 0;
    virtual std::uint64_t committed() const = 0;
    virtual std::size_t waiting() const = 0;  // changes not yet on disk
    virtual void on_commit(std::function<void(std::uint64_t)> done) = 0;
    virtual void flush() = 0;                       // returns when everything appended is on disk
    virtual void backup(const fs::path& file) = 0;  // any thread; a consistent copy while work goes on
};

// Fails with Error when the folder cannot be written, or was written by a newer program.
std::unique_ptr<Store> open_sqlite(const fs::path& file);

// Reads all of a store that no server has open. Fails with Error when it is damaged, cut short or empty.
void check_sqlite(const fs::path& file);

}  // namespace jatai::fleet
