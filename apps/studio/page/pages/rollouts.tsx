// rollouts.tsx: every roll-out, newest first.
import { ago, count } from "../format";
import { callings, versions } from "../known_versions";
import { useLive } from "../live";
import { Mark, Stale, Title, Waiting } from "../parts/basic";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get } from "../server";
import type { Page, Rollout } from "../shapes";
import { capital, said, text } from "../words";

const load = async () => ({
  rollouts: (await get<Page<Rollout>>("/rollouts?limit=1000")).items.reverse(),
  called: callings(await versions()),
});

export function RolloutsPage() {
  const list = useLive(load);
  const may = useMay();
  return (
    <>
      <Title
        beside={
          may("operate") && (
            <a class="button" href={to("plan")}>
              {capital(text("plan a roll-out"))}
            </a>
          )
        }
      >
        {text("roll-outs")}
      </Title>
      <Stale live={list} />
      {!list.value ? (
        <Waiting live={list} />
      ) : (
        <Table
          name={text("roll-outs")}
          of={list.value.rollouts}
          by={(r) => r.id}
          empty={text("no roll-out yet")}
          columns={[
            { name: text("roll-out"), cell: (r) => <a href={to("rollouts", r.id)}>{r.name || r.id}</a> },
            { name: text("version"), cell: (r) => list.value!.called(r.plan.version) },
            { name: text("state"), cell: (r) => <Mark state={r.state} /> },
            { name: text("stage"), cell: (r) => `${r.stage + 1} / ${r.plan.stages.length}`, number: true },
            { name: text("installed"), cell: (r) => `${count(r.installed)} / ${count(r.targets)}`, number: true },
            { name: text("failed"), cell: (r) => count(r.failed), number: true },
            { name: text("returned"), cell: (r) => count(r.reverted), number: true },
            { name: text("reason"), cell: (r) => said(r.reason) },
            { name: text("started"), cell: (r) => ago(r.started_ms) },
          ]}
        />
      )}
    </>
  );
}
