// overview.tsx: the fleet in numbers: how many, what they run, who is silent, what is going on.
import { ago, count } from "../format";
import { callings, versions } from "../known_versions";
import { useLive } from "../live";
import { Card, Cards, Empty, Mark, Section, Stale, Title, Waiting } from "../parts/basic";
import { Stripe } from "../parts/stripe";
import { Table } from "../parts/table";
import { to } from "../route";
import { get } from "../server";
import type { Page, Report, Rollout } from "../shapes";
import { said, text } from "../words";

const load = async () => ({
  report: await get<Report>("/report"),
  rollouts: (await get<Page<Rollout>>("/rollouts?limit=1000")).items,
  versions: await versions(),
});
type Loaded = Awaited<ReturnType<typeof load>>;

const live = ["running", "paused", "waiting"];
const shades = ["good", "mark", "wait", "other", "soft"];

function Numbers({ report, rollouts }: Loaded) {
  const running = rollouts.filter((r) => live.includes(r.state)).length;
  return (
    <Cards>
      <Card name={text("devices")} value={count(report.devices)} />
      <Card name={text("active")} value={count(report.states.active ?? 0)} as="good" />
      <Card name={text("silent")} value={count(report.silent)} as={report.silent ? "bad" : ""} />
      <Card name={text("let their health be seen")} value={count(report.consent_health)} />
      <Card name={text("roll-outs going on")} value={count(running)} as={running ? "wait" : ""} />
    </Cards>
  );
}

function InTheField({ report, versions: known }: Loaded) {
  const called = callings(known);
  const parts = Object.entries(report.versions).sort((a, b) => b[1] - a[1]);
  if (parts.length === 0) return <Empty>{text("no device yet: enrol one")}</Empty>;
  const shares = parts.slice(0, 4).map(([id, value], i) => ({ name: called(id), value, as: shades[i] }));
  const others = parts.slice(4).reduce((sum, [, value]) => sum + value, 0);
  return (
    <Stripe
      name={text("versions in the field")}
      of={others ? [...shares, { name: text("others"), value: others, as: "soft" }] : shares}
    />
  );
}

function Latest({ rollouts }: Loaded) {
  const latest = [...rollouts].reverse().slice(0, 5);
  return (
    <Table
      name={text("roll-outs")}
      of={latest}
      by={(r) => r.id}
      empty={text("no roll-out yet")}
      columns={[
        { name: text("roll-out"), cell: (r) => <a href={to("rollouts", r.id)}>{r.name || r.id}</a> },
        { name: text("state"), cell: (r) => <Mark state={r.state} /> },
        { name: text("installed"), cell: (r) => `${count(r.installed)} / ${count(r.targets)}`, number: true },
        { name: text("started"), cell: (r) => ago(r.started_ms) },
      ]}
    />
  );
}

export function OverviewPage() {
  const all = useLive(load);
  if (!all.value)
    return (
      <>
        <Title>{text("overview")}</Title>
        <Waiting live={all} />
      </>
    );
  const { report } = all.value;
  return (
    <>
      <Title>{text("overview")}</Title>
      <Stale live={all} />
      <Numbers {...all.value} />
      <Section name={text("versions in the field")}>
        <InTheField {...all.value} />
      </Section>
      {Object.keys(report.failures).length > 0 && (
        <Section name={text("failures")}>
          <Table
            name={text("failures")}
            of={Object.entries(report.failures)}
            by={([why]) => why}
            columns={[
              { name: text("reason"), cell: ([why]) => said(why) },
              { name: text("devices"), cell: ([, devices]) => count(devices), number: true },
            ]}
          />
        </Section>
      )}
      <Section name={text("latest roll-outs")}>
        <Latest {...all.value} />
      </Section>
      <Section name={text("boards")}>
        <Table
          name={text("boards")}
          of={Object.entries(report.boards)}
          by={([board]) => board}
          columns={[
            { name: text("board"), cell: ([board]) => board },
            { name: text("devices"), cell: ([, devices]) => count(devices), number: true },
          ]}
        />
      </Section>
    </>
  );
}
