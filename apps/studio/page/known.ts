// known.ts: what the server says in English and the page shows to people: states, reasons, what was done.
//
// {} stands for a name or a number. said() in words.ts finds the sentence and says it in the reader's language.
const text = (sentence: string) => sentence; // marks them for the catalogue

export const sentences = [
  // states of roll-outs, actions, versions, devices, jobs, tests
  text("draft"), text("waiting"), text("running"), text("paused"), text("stopped"), text("aborted"), text("finished"),
  text("offered"), text("taken"), text("downloaded"), text("installed"), text("failed"), text("cancelling"), text("cancelled"),
  text("proposed"), text("approved"), text("rejected"), text("active"), text("revoked"), text("decommissioned"), text("done"),
  text("well"), text("sick"), text("silent"), text("unwatched"), text("good"), text("bad"),
  // why a roll-out stands where it stands
  text("waits for approval"), text("stage {} waits for approval"), text("stage {}"), text("paused by {}"), text("aborted by {}"),
  text("downloaded everywhere: the switch waits for approval"), text("everybody switches"), text("taken back by {}"),
  text("the gate says good"), text("arm B is {}: {}"), text("not enough evidence to tell the arms apart: {}"),
  text("better"), text("worse"), text("same"), text("neither better nor worse"),
  text("{} and {} devices told, each arm needs {}"), text("{} ({} to {}) in {}"),
  text("everything was stopped"), text("the gate says bad"), text("the gate says bad for {}"),
  text("{} of {} installations failed"),
  text("not enough evidence to go on: every device of this stage was judged and the test cannot say"),
  // why a device looks sick
  text("crashed"), text("slower than before"), text("expected accuracy fell"), text("its outputs drifted, by its own test"),
  text("its outputs are not those of the version before"), text("no word since it took the model"),
  text("a newer action took its place"),
  // what a gate cannot see
  text("outputs that look as before while their meaning changed (concept drift): only labels show that"),
  text("harm to few: a share below sick_if_bad looks like chance"), text("devices that do not let their health be seen"),
  text("what comes later than the verdict: a leak, a season"), text("what a model does to people: nobody acts on a shadow's outputs"),
  // what two arms are compared by; alerts
  text("accuracy"), text("confidence"), text("latency"), text("energy"), text("drift"), text("test"), text("sent"),
  // why no variant fits
  text("made for {}, this is {}"), text("made for the core {}, this is {}"), text("needs firmware >= {}, has {}"),
  text("needs firmware >= {}: kernel {}"), text("not signed yet: jatai package sign, then jatai push"),
  text("signed with sequence {}, the device has seen {}: sign it again"),
  text("the version has no variant yet: jatai push, or ask for a compilation"),
  text("of {} variants the most accurate that fits, then the fastest, then the smallest on air"),
  // what was done, in the audit
  text("first start"), text("alert tried"), text("feedback"), text("device data shown"), text("device erased"),
  text("rollout taken back"), text("rollout switched"), text("tenant changed"), text("tenant made"), text("key made"), text("key revoked"), text("job cancelled"),
  text("backup"), text("devices enrolled"), text("device enrolled"), text("device changed"), text("device given a new token"),
  text("device revoked"), text("device decommissioned"), text("code made"), text("group set"), text("version pushed"),
  text("version approved"), text("version rejected"), text("variant pushed"), text("alias set"), text("compilation asked for"),
  text("rollout made"), text("rollout started"), text("rollout approved"), text("rollout promoted"), text("rollout paused"),
  text("rollout resumed"), text("rollout aborted"), text("rollout stopped"), text("rollout finished"),
  text("everything stopped"), text("everything may go on"), text("version assigned"),
  // kinds of roll-outs, and how a device takes it
  text("staged"), text("blue_green"), text("shadow"), text("ab"), text("forced"), text("soft"), text("download"),
  // roles of keys
  text("viewer"), text("operator"), text("approver"), text("gateway"), text("admin"), text("nobody"), text("server"),
  // kinds of jobs
  text("compile"), text("delta"),
];
