// arms.tsx: an A/B roll-out: what each arm showed, and whether the difference says anything yet.
import { count, decimal, percent } from "../format";
import type { Called } from "../known_versions";
import type { Arm, Rollout } from "../shapes";
import { said, text } from "../words";
import { Mark } from "./basic";
import { Interval } from "./interval";
import { Table } from "./table";

const mean = (arm: Arm) => (arm.devices ? decimal(arm.sum / arm.devices, 4) : "");
const relative = (metric: string) => metric === "latency" || metric === "energy";

export function Arms({ of: rollout, called }: { of: Rollout; called: Called }) {
  const { plan, a, b, arms } = rollout;
  const rows = [
    { name: "A", runs: plan.other ? called(plan.other) : text("stays as it is"), share: 1 - plan.share, arm: a },
    { name: "B", runs: called(plan.version), share: plan.share, arm: b },
  ];
  const unit = relative(plan.metric) ? text("{}, as a share of arm A's", said(plan.metric)) : said(plan.metric);
  const tested = a.devices > 0 && b.devices > 0 && arms.high > arms.low;
  return (
    <>
      <Table
        name={text("arms")}
        of={rows}
        by={(row) => row.name}
        columns={[
          { name: text("arm"), cell: (row) => row.name },
          { name: text("runs"), cell: (row) => row.runs },
          { name: text("share"), cell: (row) => percent(row.share, 0), number: true },
          { name: text("devices that told"), cell: (row) => count(row.arm.devices), number: true },
          { name: text("mean of {}", said(plan.metric)), cell: (row) => mean(row.arm), number: true },
        ]}
      />
      <p class="spaced" aria-live="polite">
        {text("arm B is:")} {arms.verdict ? <Mark state={arms.verdict} /> : <b>{text("not told apart yet")}</b>}{" "}
        <span class="soft">
          {text("chance of a wrong verdict: {}; each arm needs 20 devices", percent(plan.error, 0))}
        </span>
      </p>
      {tested && <Interval value={arms.effect} low={arms.low} high={arms.high} sought={plan.effect} unit={unit} />}
    </>
  );
}
