// trail.tsx: how a roll-out went: who had it when, and what the gate knew when.
import { count, decimal } from "../format";
import type { GatePlan, TrailPoint } from "../shapes";
import { text } from "../words";
import { Chart } from "./chart";

export function Progress({ trail, targets }: { trail: TrailPoint[]; targets: number }) {
  const of = (field: "offered" | "installed" | "failed" | "reverted") => trail.map((point) => point[field]);
  return (
    <Chart
      name={text("devices, of {}", count(targets))}
      times={trail.map((p) => p.at_ms)}
      format={count}
      low={0}
      lines={[
        { name: text("offered"), values: of("offered"), as: "mark" },
        { name: text("installed"), values: of("installed"), as: "good" },
        { name: text("failed"), values: of("failed"), as: "bad" },
        { name: text("returned"), values: of("reverted"), as: "wait" },
      ]}
    />
  );
}

// Wald's lines: above the upper one the model is bad, below the lower one it is good.
export function Evidence({ trail, plan }: { trail: TrailPoint[]; plan: GatePlan }) {
  if (!trail.some((point) => point.well + point.sick + point.silent > 0)) return null;
  const bad = Math.log((1 - plan.pass_bad) / plan.stop_good);
  const good = Math.log(plan.pass_bad / (1 - plan.stop_good));
  const level = (value: number) => trail.map(() => value);
  const times = trail.map((p) => p.at_ms);
  return (
    <div class="pair">
      <Chart
        name={text("evidence: the log-likelihood ratio of bad to good")}
        times={times}
        format={(v) => decimal(v, 1)}
        low={Math.min(good, ...trail.map((p) => p.llr)) * 1.1}
        lines={[
          { name: text("evidence"), values: trail.map((p) => p.llr), as: "mark" },
          { name: text("bad above"), values: level(bad), as: "bad", dashed: true },
          { name: text("good below"), values: level(good), as: "good", dashed: true },
        ]}
      />
      <Chart
        name={text("devices that were judged, in the stage under way")}
        times={times}
        format={count}
        low={0}
        lines={[
          { name: text("well"), values: trail.map((p) => p.well), as: "good" },
          { name: text("sick"), values: trail.map((p) => p.sick), as: "bad" },
          { name: text("silent"), values: trail.map((p) => p.silent), as: "wait" },
        ]}
      />
    </div>
  );
}
