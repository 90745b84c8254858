// state.h: everything the server knows, in memory, and every change to it on its way to the disk.
//
//     State state(*store, clock);
//     Device& device = state.tenant("default")->devices["d1"];
//     device.board = "nano33ble";
//     state.save(device);
//
//     std::uint64_t ticket = state.hand_over();            // all of it, whole or not at all
//
// Keeps    memory is changed first; a reply may go out once store.committed() >= its ticket.
// Threads  one: the thread that decides.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>

#include "src/fleet/records.h"
#include "src/fleet/store.h"

namespace jatai::fleet {

using Clock = std::function<std::int64_t()>;  // milliseconds since 1970
std::int64_t now_ms();

struct TenantState {
    Tenant facts;
    std::map<std::string, Key> keys;
    std::map<std::string, Code> codes;
    std::map<std::string, Group> groups;
    std::map<std::string, Device> devices;
    std::map<std::string, Version> versions;
    std::map<std::string, Variant> variants;
    std::map<std::string, Alias> aliases;
    std::map<std::string, Rollout> rollouts;
    std::unordered_map<std::string, Action> actions;  // those of live roll-outs, and each device's last
    std::map<std::string, std::vector<std::string>> of_rollout;  // actions of a roll-out
    std::map<std::string, Job> jobs;
    std::map<std::string, Cohort> cohorts;
    std::map<std::string, Window> windows;
    std::map<std::string, Trail> trails;
    std::map<std::string, Labels> labels;
    std::map<std::string, Alert> alerts;  // the newest
    std::deque<std::string> seen;      // devices whose last-seen time is not written yet, the earliest first
    std::uint64_t devices_change = 1;  // grows when a device appears, leaves or changes what filters look at
};

class State {
  public:
    State(Store& store, Clock clock);

    TenantState* tenant(const std::string& id);
    std::map<std::string, TenantState>& tenants() { return tenants_; }
    std::int64_t now() const { return clock_(); }
    Store& store() { return store_; }

    template <typename Record>
    void save(const Record& record) {
        append({{kind_of(record), record.tenant, record.id, to_body(record)}});
    }
    void save(const Tenant& tenant);
    void forget(Kind kind, const std::string& tenant, const std::string& id,
                Change::Reach reach = Change::Reach::One);
    void append(std::vector<Change> changes);
    // Gives the store what was appended since the last time, as one group, and says its ticket.
    std::uint64_t hand_over();

    // An id that sorts by time and is never given twice, not even after a restore.
    std::string next_id();
    // Of an action: ten digits and below 2^31, which is what hawkBit's clients can hold. Each start leaves a
    // gap of 100,000, so that a server restored from a backup does not give out what was given out since.
    std::string next_action_id();

    void audit(const std::string& tenant, const std::string& who, const std::string& role,
               const std::string& what, const std::string& target, const std::string& note = {});

    Tenant& add_tenant(const std::string& id);
    void learn_sequence(TenantState& tenant, std::uint64_t sequence);
    // A part of them (a twentieth, and 200), so that no poll waits for thousands of rows; at the end: all.
    void write_last_seen(bool all = false);

  private:
    static Kind kind_of(const Key&) { return Kind::Key; }
    static Kind kind_of(const Code&) { return Kind::Code; }
    static Kind kind_of(const Group&) { return Kind::Group; }
    static Kind kind_of(const Device&) { return Kind::Device; }
    static Kind kind_of(const Version&) { return Kind::Version; }
    static Kind kind_of(const Variant&) { return Kind::Variant; }
    static Kind kind_of(const Alias&) { return Kind::Alias; }
    static Kind kind_of(const Rollout&) { return Kind::Rollout; }
    static Kind kind_of(const Action&) { return Kind::Action; }
    static Kind kind_of(const Job&) { return Kind::Job; }
    static Kind kind_of(const Cohort&) { return Kind::Cohort; }
    static Kind kind_of(const Window&) { return Kind::Window; }
    static Kind kind_of(const Trail&) { return Kind::Trail; }
    static Kind kind_of(const Labels&) { return Kind::Labels; }
    static Kind kind_of(const Alert&) { return Kind::Alert; }
    void load();
    void drop_old_actions(TenantState& tenant);

    Store& store_;
    Clock clock_;
    std::map<std::string, TenantState> tenants_;
    std::vector<Change> batch_;
    std::uint64_t ticket_ = 0;
    std::uint64_t last_id_ = 0, last_action_ = 0;
};

}  // namespace jatai::fleet
