// verdict_time.tsx: how long until the gate can speak: by how many let themselves be watched, and how often they tell.
import { count, decimal, percent, span_s } from "../format";
import type { PlanCheck, VerdictRow } from "../shapes";
import { text } from "../words";
import { Section, Soft } from "./basic";
import { Table } from "./table";
import { Unfit } from "./unfit";

function answer(row: VerdictRow): string {
  if (row.all_silent) return text("never: silent before they tell");
  if (row.verdict === "none") return text("none: {} devices needed", count(Math.ceil(row.devices_needed)));
  const hours = text("{} h", decimal(row.hours, 1));
  return row.verdict === "bad" ? text("bad in {}", hours) : text("good in {}", hours);
}

export function Checked({ of: check }: { of: PlanCheck }) {
  const sicks = [...new Set(check.time_to_verdict.map((row) => row.sick))];
  const rows = check.time_to_verdict.filter((row) => row.sick === sicks[0]);
  const like = (row: VerdictRow, sick: number) =>
    check.time_to_verdict.find(
      (other) => other.opt_in === row.opt_in && other.report_s === row.report_s && other.sick === sick,
    )!;
  return (
    <div role="status">
      <Section name={text("what this plan would do")}>
        <p>
          {text("It reaches {} devices; the first stage holds {}.", count(check.targets), count(check.first_stage))}
        </p>
      </Section>
      <Unfit of={check.unfit} />
      <Section name={text("how long until the gate can speak, modelled")}>
        <Table
          name={text("time to a verdict")}
          of={rows}
          by={(row) => `${row.opt_in} ${row.report_s}`}
          columns={[
            { name: text("let themselves be watched"), cell: (row) => percent(row.opt_in, 0) },
            { name: text("a report every"), cell: (row) => span_s(row.report_s) },
            ...sicks.map((sick) => ({
              name: text("{} look sick", percent(sick, 0)),
              cell: (row: VerdictRow) => answer(like(row, sick)),
            })),
          ]}
        />
        <Soft>
          {text("Below the number of devices needed the roll-out pauses: nothing is promoted on too little evidence.")}
        </Soft>
      </Section>
    </div>
  );
}
