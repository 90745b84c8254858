// stages.tsx: the stages of a roll-out as steps: what is behind, where it stands, what is to come.
import { count, percent } from "../format";
import type { Rollout, Stage } from "../shapes";
import { said, text } from "../words";

const over = ["finished"];

function place(rollout: Rollout, index: number): "done" | "now" | "later" {
  if (over.includes(rollout.state) || index < rollout.stage) return "done";
  if (rollout.started_ms === 0) return "later";
  return index === rollout.stage ? "now" : "later";
}

function wants(stage: Stage): string {
  const all = [stage.gate ? text("gate") : text("no gate"), ...(stage.approval ? [text("approval")] : [])];
  return all.join(", ");
}

const so_many = (devices: number) => (devices === 1 ? text("1 device") : text("{} devices", count(devices)));

export function Stages({ of: rollout }: { of: Rollout }) {
  const devices = (stage: Stage) =>
    Math.min(rollout.targets, Math.max(Math.ceil((rollout.targets * stage.percent) / 100), stage.least));
  return (
    <ol class="stages">
      {rollout.plan.stages.map((stage, i) => {
        const where = place(rollout, i);
        return (
          <li
            key={i}
            class={where + (where === "now" ? " " + rollout.state : "")}
            aria-current={where === "now" ? "step" : undefined}
          >
            <b>{percent(stage.percent / 100, stage.percent % 1 ? 1 : 0)}</b>
            <span>{so_many(devices(stage))}</span>
            <span>{where === "now" ? said(rollout.state) : wants(stage)}</span>
          </li>
        );
      })}
    </ol>
  );
}
