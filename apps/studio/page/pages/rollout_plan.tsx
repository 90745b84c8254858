// rollout_plan.tsx: the plan of a roll-out, in words.
import { count, moment, percent, span_s } from "../format";
import type { Called } from "../known_versions";
import { Facts } from "../parts/basic";
import { to } from "../route";
import type { Rollout } from "../shapes";
import { said, text } from "../words";

const minutes = (at: number) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

export const kinds = (): [string, string][] => [
  ["staged", text("in stages")],
  ["shadow", text("shadow: it runs beside, nobody acts on it")],
  ["ab", text("A/B: two versions compared")],
  ["blue_green", text("blue/green: all download, then all switch")],
];

export function PlanFacts({ rollout, called }: { rollout: Rollout; called: Called }) {
  const { plan } = rollout;
  const { gate } = plan;
  return (
    <Facts
      rows={[
        [text("version"), <a href={to("versions", plan.version)}>{called(plan.version)}</a>],
        [text("goes back to"), plan.fallback && called(plan.fallback)],
        [text("kind"), new Map(kinds()).get(plan.kind)],
        [text("whom"), plan.filter ? <code>{plan.filter}</code> : text("everybody")],
        [
          text("how"),
          [
            said(plan.mode),
            plan.confirm && text("the user confirms"),
            plan.dynamic && text("devices that come later join"),
          ]
            .filter(Boolean)
            .join(", "),
        ],
        [text("a minute"), count(plan.per_minute) + (plan.growth > 1 ? ` × ${plan.growth} / ${plan.grow_every}` : "")],
        [
          text("hours, UTC"),
          plan.window_from < 0 ? text("always") : `${minutes(plan.window_from)}–${minutes(plan.window_to)}`,
        ],
        [text("chance of stopping a good model"), percent(gate.stop_good, 2)],
        [text("chance of passing a bad one"), percent(gate.pass_bad, 2)],
        [text("silent after"), span_s(gate.silence_s)],
        [text("made"), `${moment(rollout.created_ms)}, ${rollout.created_by}`],
        [text("approved by"), rollout.approved_by],
      ]}
    />
  );
}
