// rollout.tsx: one roll-out as it goes: its stages, who has it, what the gate has seen, and what it cannot see.
import { count, moment, percent, span_s } from "../format";
import { callings, versions, type Called } from "../known_versions";
import { useLive } from "../live";
import { act } from "../notice";
import type { PageProps } from "../pages";
import { Blind } from "../parts/blind";
import { Arms } from "../parts/arms";
import { Beside } from "../parts/beside";
import { Card, Cards, Facts, Mark, Raw, Section, Stale, Title, Waiting } from "../parts/basic";
import { Ask } from "../parts/dialog";
import { Evidence, Progress } from "../parts/trail";
import { Stages } from "../parts/stages";
import { Unfit } from "../parts/unfit";
import { Stripe } from "../parts/stripe";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get, part, send } from "../server";
import type { Action, Cohort, Gate, Page, Rollout, TrailPoint } from "../shapes";
import { capital, said, text } from "../words";

const load = async (id: string) => ({
  rollout: await get<Rollout>("/rollouts/" + part(id)),
  trail: (await get<{ points: TrailPoint[] }>(`/rollouts/${part(id)}/trail`)).points,
  actions: (await get<Page<Action>>(`/actions?limit=100&rollout=${part(id)}`)).items,
  cohorts: (await get<Page<Cohort>>("/cohorts?limit=1000")).items,
  called: callings(await versions()),
});
type Loaded = Awaited<ReturnType<typeof load>>;

interface Verb { verb: string; shown: string; ask?: string; right: "operate" | "approve" }

function verbs(state: string): Verb[] {
  const start: Verb = { verb: "start", shown: text("start"), right: "operate" };
  const approve: Verb = { verb: "approve", shown: text("approve"), right: "approve" };
  const pause: Verb = { verb: "pause", shown: text("pause"), right: "operate" };
  const resume: Verb = { verb: "resume", shown: text("resume"), right: "operate" };
  const abort: Verb = { verb: "abort", shown: text("abort"), ask: text("end it, and send back who has it?"), right: "operate" };
  const revert: Verb = { verb: "revert", shown: text("send everybody back"), ask: text("send back whoever runs it?"), right: "operate" };
  const of: Record<string, Verb[]> = { finished: [revert], stopped: [revert], aborted: [revert], draft: [start, abort], waiting: [approve, abort], running: [pause, abort], paused: [resume, approve, abort] };
  return of[state] ?? [];
}

function Verbs({ rollout, again }: { rollout: Rollout; again: () => void }) {
  const may = useMay();
  const tell = (verb: string) => () => act(() => send("POST", `/rollouts/${part(rollout.id)}/${verb}`), again);
  return (
    <div class="row">
      {verbs(rollout.state).filter(({ right }) => may(right)).map(({ verb, shown, ask }) =>
        ask ? <Ask key={verb} danger verb={shown} question={ask} onYes={tell(verb)} />
          : <button key={verb} type="button" id={verb} onClick={tell(verb)}>{capital(shown)}</button>)}
    </div>
  );
}

function Numbers({ rollout: r }: Loaded) {
  const under_way = Math.max(0, r.offered - r.installed - r.failed);
  return (
    <>
      <Stripe name={text("devices")} of={[
        { name: text("installed"), value: r.installed, as: "good" },
        { name: text("failed"), value: r.failed, as: "bad" },
        { name: text("under way"), value: under_way, as: "mark" },
        { name: text("not offered yet"), value: Math.max(0, r.targets - r.offered), as: "soft" },
      ]} />
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
function Kind({ rollout, cohorts, called }: Loaded) {
  const { kind } = rollout.plan;
  if (kind === "ab") return <Section name={text("the two arms")}><Arms of={rollout} called={called} /></Section>;
  if (kind === "shadow") return <Section name={text("the shadow beside the model in force")}><Beside rollout={rollout} cohorts={cohorts} called={called} /></Section>;
  if (kind !== "blue_green") return null;
  return <p class="soft">{rollout.switched ? text("everybody was told to switch") : text("devices only download; when all have it, everybody switches at once")}</p>;
}

function Tests({ rollout }: Loaded) {
  const { if_good, if_bad } = rollout.devices_to_verdict;
  const { watched, unwatched } = rollout.evidence;
  return (
    <>
      <Table name={text("gate")} of={Object.entries(rollout.gates)} by={([name]) => name} empty={text("no evidence yet in this stage")} columns={[
        { name: text("group"), cell: ([name]) => name || text("everybody") },
        { name: text("well"), cell: ([, gate]) => count(gate.well), number: true },
        { name: text("sick"), cell: ([, gate]) => count(gate.sick), number: true },
        { name: text("silent"), cell: ([, gate]) => count(gate.silent), number: true },
        { name: text("verdict"), cell: ([, gate]: [string, Gate]) => (gate.verdict ? <Mark state={gate.verdict} /> : text("not yet")) },
      ]} />
      <p class="soft">{text("Devices to a verdict, on average: {} if the model is good, {} if it is bad.", Math.ceil(if_good), Math.ceil(if_bad))} {text("{} may be watched, {} may not and are no evidence.", count(watched), count(unwatched))}</p>
    </>
  );
}

function Devices({ actions, called }: Loaded) {
  return (
    <Table name={text("devices")} of={actions} by={(a) => a.id} empty={text("nobody was offered it yet")} columns={[
      { name: text("device"), cell: (a) => <a href={to("devices", a.device)}>{a.device}</a> },
      { name: text("state"), cell: (a) => <><Mark state={a.state} />{a.revert && " " + text("back to {}", called(a.version))}</> },
      { name: text("verdict"), cell: (a) => a.verdict && <Mark state={a.verdict} /> },
      { name: text("reason"), cell: (a) => said(a.reason) },
      { name: text("stage"), cell: (a) => a.stage + 1, number: true },
    ]} />
  );
}

const minutes = (at: number) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;

function PlanFacts({ rollout, called }: { rollout: Rollout; called: Called }) {
  const { plan } = rollout;
  const { gate } = plan;
  return (
    <Facts rows={[
      [text("version"), <a href={to("versions", plan.version)}>{called(plan.version)}</a>],
      [text("goes back to"), plan.fallback && called(plan.fallback)],
      [text("kind"), said(plan.kind)],
      [text("whom"), plan.filter ? <code>{plan.filter}</code> : text("everybody")],
      [text("how"), [said(plan.mode), plan.confirm && text("the user confirms"), plan.dynamic && text("devices that come later join")].filter(Boolean).join(", ")],
      [text("a minute"), count(plan.per_minute) + (plan.growth > 1 ? ` × ${plan.growth} / ${plan.grow_every}` : "")],
      [text("hours, UTC"), plan.window_from < 0 ? text("always") : `${minutes(plan.window_from)}–${minutes(plan.window_to)}`],
      [text("chance of stopping a good model"), percent(gate.stop_good, 2)],
      [text("chance of passing a bad one"), percent(gate.pass_bad, 2)],
      [text("silent after"), span_s(gate.silence_s)],
      [text("made"), `${moment(rollout.created_ms)}, ${rollout.created_by}`],
      [text("approved by"), rollout.approved_by],
    ]} />
  );
}

export function RolloutPage({ id }: PageProps) {
  const all = useLive(() => load(id), [id], 1500);
  if (!all.value) return <><Title>{text("roll-out")}</Title><Waiting live={all} /></>;
  const { rollout, trail, called } = all.value;
  return (
    <>
      <Title beside={<Verbs rollout={rollout} again={all.again} />} of={rollout.name || rollout.id} />
      <Stale live={all} />
      <p aria-live="polite"><Mark state={rollout.state} /> {said(rollout.reason)}</p>
      <Stages of={rollout} />
      <Numbers {...all.value} />
      <Unfit of={rollout.unfit ?? []} />
      <Kind {...all.value} />
      {trail.length > 1 && <Section name={text("as it went")}><Progress trail={trail} targets={rollout.targets} /></Section>}
      <Section name={text("gate")}>
        <Tests {...all.value} />
        {trail.length > 1 && <Evidence trail={trail} plan={rollout.plan.gate} />}
      </Section>
      <Blind of={rollout.cannot_see} />
      <Section name={text("devices")}><Devices {...all.value} /></Section>
      <Section name={text("plan")}><PlanFacts rollout={rollout} called={called} /></Section>
      <Raw value={rollout.plan} />
    </>
  );
}
