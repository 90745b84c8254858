// rollout.tsx: one roll-out as it goes: its stages, who has it, what the gate has seen, and what it cannot see.
import { count } from "../format";
import { callings, versions, type Called } from "../known_versions";
import { useLive } from "../live";
import type { PageProps } from "../pages";
import { Blind } from "../parts/blind";
import { Arms } from "../parts/arms";
import { Beside } from "../parts/beside";
import { Card, Cards, Mark, Raw, Section, Stale, Title, Waiting } from "../parts/basic";
import { Evidence, Progress } from "../parts/trail";
import { Stages } from "../parts/stages";
import { Unfit } from "../parts/unfit";
import { Stripe } from "../parts/stripe";
import { Table } from "../parts/table";
import { to } from "../route";
import { get, part } from "../server";
import type { Action, Cohort, Gate, Page, Rollout, TrailPoint } from "../shapes";
import { said, text } from "../words";
import { PlanFacts } from "./rollout_plan";
import { Verbs } from "./rollout_verbs";

const load = async (id: string) => ({
  rollout: await get<Rollout>("/rollouts/" + part(id)),
  trail: (await get<{ points: TrailPoint[] }>(`/rollouts/${part(id)}/trail`)).points,
  actions: (await get<Page<Action>>(`/actions?limit=100&rollout=${part(id)}`)).items,
  cohorts: (await get<Page<Cohort>>("/cohorts?limit=1000")).items,
  known: await versions(),
});
type Loaded = Awaited<ReturnType<typeof load>> & { called: Called };

function Numbers({ rollout: r }: Loaded) {
  const under_way = Math.max(0, r.offered - r.installed - r.failed);
  return (
    <>
      <Stripe
        name={text("devices")}
        of={[
          { name: text("installed"), value: r.installed, as: "good" },
          { name: text("failed"), value: r.failed, as: "bad" },
          { name: text("under way"), value: under_way, as: "mark" },
          { name: text("not offered yet"), value: Math.max(0, r.targets - r.offered), as: "soft" },
        ]}
      />
      <Cards>
        <Card name={text("devices")} value={count(r.targets)} />
        <Card name={text("ran it")} value={count(r.exposed)} />
        <Card name={text("installed")} value={count(r.installed)} as="good" />
        <Card name={text("failed")} value={count(r.failed)} as={r.failed ? "bad" : ""} />
        <Card name={text("returned")} value={count(r.reverted)} />
      </Cards>
    </>
  );
}

// What a roll-out of its kind has to show.
function Kind({ rollout, cohorts, called, known }: Loaded) {
  const { kind } = rollout.plan;
  if (kind === "ab")
    return (
      <Section name={text("the two arms")}>
        <Arms of={rollout} called={called} />
      </Section>
    );
  if (kind === "shadow")
    return (
      <Section name={text("the shadow beside the model in force")}>
        <Beside
          rollout={rollout}
          cohorts={cohorts}
          called={called}
          model={(id) => known.find((version) => version.id === id)?.model ?? ""}
        />
      </Section>
    );
  if (kind !== "blue_green") return null;
  return (
    <p class="soft">
      {rollout.switched
        ? text("everybody was told to switch")
        : text("devices only download; when all have it, everybody switches at once")}
    </p>
  );
}

function Tests({ rollout }: Loaded) {
  const { if_good, if_bad } = rollout.devices_to_verdict;
  const { watched, unwatched } = rollout.evidence;
  return (
    <>
      <Table
        name={text("gate")}
        of={Object.entries(rollout.gates)}
        by={([name]) => name}
        empty={text("no evidence yet in this stage")}
        columns={[
          { name: text("group"), cell: ([name]) => name || text("everybody") },
          { name: text("well"), cell: ([, gate]) => count(gate.well), number: true },
          { name: text("sick"), cell: ([, gate]) => count(gate.sick), number: true },
          { name: text("silent"), cell: ([, gate]) => count(gate.silent), number: true },
          {
            name: text("verdict"),
            cell: ([, gate]: [string, Gate]) => (gate.verdict ? <Mark state={gate.verdict} /> : text("not yet")),
          },
        ]}
      />
      <p class="soft">
        {text(
          "Devices to a verdict, on average: {} if the model is good, {} if it is bad.",
          Math.ceil(if_good),
          Math.ceil(if_bad),
        )}{" "}
        {text("{} may be watched, {} may not and are no evidence.", count(watched), count(unwatched))}
      </p>
    </>
  );
}

function Devices({ actions, called }: Loaded) {
  return (
    <Table
      name={text("devices")}
      of={actions}
      by={(a) => a.id}
      empty={text("nobody was offered it yet")}
      columns={[
        { name: text("device"), cell: (a) => <a href={to("devices", a.device)}>{a.device}</a> },
        {
          name: text("state"),
          cell: (a) => (
            <>
              <Mark state={a.state} />
              {a.revert && " " + text("back to {}", called(a.version))}
            </>
          ),
        },
        { name: text("verdict"), cell: (a) => a.verdict && <Mark state={a.verdict} /> },
        { name: text("reason"), cell: (a) => said(a.reason) },
        { name: text("stage"), cell: (a) => a.stage + 1, number: true },
      ]}
    />
  );
}

export function RolloutPage({ id }: PageProps) {
  const all = useLive(() => load(id), [id], 1500);
  if (!all.value)
    return (
      <>
        <Title>{text("roll-out")}</Title>
        <Waiting live={all} />
      </>
    );
  const { rollout, trail } = all.value;
  const called = callings(all.value.known);
  const loaded = { ...all.value, called };
  return (
    <>
      <Title beside={<Verbs rollout={rollout} again={all.again} />} of={rollout.name || rollout.id} />
      <Stale live={all} />
      <p aria-live="polite">
        <Mark state={rollout.state} /> {said(rollout.reason)}
      </p>
      <Stages of={rollout} />
      <Numbers {...loaded} />
      <Unfit of={rollout.unfit ?? []} />
      <Kind {...loaded} />
      {trail.length > 1 && (
        <Section name={text("as it went")}>
          <Progress trail={trail} targets={rollout.targets} />
        </Section>
      )}
      <Section name={text("gate")}>
        <Tests {...loaded} />
        {trail.length > 1 && <Evidence trail={trail} plan={rollout.plan.gate} />}
      </Section>
      <Blind of={rollout.cannot_see} />
      <Section name={text("devices")}>
        <Devices {...loaded} />
      </Section>
      <Section name={text("plan")}>
        <PlanFacts rollout={rollout} called={called} />
      </Section>
      <Raw value={rollout.plan} />
    </>
  );
}
