// new_rollout.tsx: plans a roll-out, and says beforehand what it would do. Nothing goes out by this: the plan is a draft
// until somebody starts it.
import { useState } from "preact/hooks";
import { called, versions } from "../known_versions";
import { useLive } from "../live";
import type { PageProps } from "../pages";
import { Empty, Soft, Title, Waiting } from "../parts/basic";
import { Choice, Field, Form, Tick, type Values } from "../parts/form";
import { Checked } from "../parts/verdict_time";
import { to } from "../route";
import { send } from "../server";
import type { PlanCheck, Rollout, Version } from "../shapes";
import { text } from "../words";
import { kinds } from "./rollout_plan";

const percents = (written: string) =>
  written
    .split(/[\s,;%]+/)
    .filter(Boolean)
    .map(Number);

// "01:30" → 90 minutes of the day; nothing → always.
function minute(written: string): number {
  const [hours, minutes] = written.split(":").map(Number);
  return written ? 60 * hours + (minutes || 0) : -1;
}

// What only some kinds have.
function of_kind(values: Values) {
  if (values.kind === "blue_green") return { hold: values.hold === "on" };
  if (values.kind !== "ab") return {};
  return {
    other: values.other,
    metric: values.metric,
    share: Number(values.share) / 100,
    effect: Number(values.effect),
    error: Number(values.error) / 100,
  };
}

function plan_of(values: Values) {
  return {
    name: values.name,
    plan: {
      kind: values.kind,
      version: values.version,
      filter: values.filter,
      stages: percents(values.stages).map((percent) => ({ percent })),
      per_minute: Number(values.per_minute),
      mode: values.mode,
      window_from: minute(values.from),
      window_to: minute(values.until),
      ...Object.fromEntries(
        ["confirm", "approval", "dynamic", "revert", "skip_unfit"].map((name) => [name, values[name] === "on"]),
      ),
      gate: { by: values.by, silence_s: 60 * Number(values.silence) },
      ...of_kind(values),
    },
  };
}

const modes = (): [string, string][] => [
  ["forced", text("at once")],
  ["soft", text("when it suits the device")],
  ["download", text("download only")],
];
const groups = (): [string, string][] => [
  ["", text("none: one for all")],
  ["board", text("board")],
  ["core", text("core")],
  ["firmware", "firmware"],
];
const metrics = (): [string, string][] => [
  ["accuracy", text("accuracy, from labelled feedback")],
  ["confidence", text("confidence")],
  ["latency", text("latency")],
  ["energy", text("energy")],
  ["sick", text("devices that look sick")],
];

function OfKind({ kind, approved }: { kind: string; approved: Version[] }) {
  if (kind === "blue_green") return <Tick id="hold" name={text("wait for approval before everybody switches")} />;
  if (kind !== "ab") return null;
  const stays: [string, string] = ["", text("stays as it is")];
  return (
    <fieldset>
      <legend>A/B</legend>
      <Choice
        id="other"
        name={text("arm A runs")}
        of={[stays, ...approved.map((v): [string, string] => [v.id, called(v)])]}
      />
      <Choice id="metric" name={text("compared by")} of={metrics()} />
      <Field id="share" name={text("percent of the devices in arm B")} type="number" value="50" needed />
      <Field id="effect" name={text("difference that matters")} type="number" value="0.05" needed />
      <Field id="error" name={text("chance of a wrong verdict, percent")} type="number" value="5" needed />
    </fieldset>
  );
}

// Draft or check: the button that was pressed says which.
function PlanForm({ approved, version }: { approved: Version[]; version: string }) {
  const [kind, setKind] = useState("staged");
  const [check, setCheck] = useState<PlanCheck | null>(null);
  async function plan(values: Values, verb: string) {
    if (verb === "check") return setCheck(await send<PlanCheck>("POST", "/plans/check", plan_of(values)));
    const made = await send<Rollout>("POST", "/rollouts", plan_of(values));
    location.hash = to("rollouts", made.id);
  }
  return (
    <>
      <Form verb={text("make the draft")} other={["check", text("what would it do?")]} onSubmit={plan}>
        <Field id="name" name={text("name")} hint={text("spring update")} />
        <Choice id="kind" name={text("kind")} of={kinds()} value={kind} onChange={setKind} />
        <Choice
          id="version"
          name={kind === "ab" ? text("arm B runs") : text("version")}
          of={approved.map((v) => [v.id, called(v)])}
          value={version}
        />
        <OfKind kind={kind} approved={approved} />
        <Field id="filter" name={text("whom; nothing means everybody")} hint="group == lab" />
        <Field
          id="stages"
          name={text("stages, percent of them")}
          value={kind === "staged" ? "1 10 100" : "100"}
          needed
          key={kind === "staged" ? "some" : "one"}
        />
        <Choice id="by" name={text("a test for each")} of={groups()} />
        <Field id="silence" name={text("silent after minutes")} type="number" value="120" needed />
        <Choice id="mode" name={text("how")} of={modes()} />
        <Field id="per_minute" name={text("devices a minute")} type="number" value="1000" needed />
        <div class="row">
          <Field id="from" name={text("only from (UTC)")} type="time" />
          <Field id="until" name={text("until")} type="time" />
        </div>
        <Tick id="confirm" name={text("the user of each device has to say yes")} />
        <Tick id="approval" name={text("somebody else approves the start")} />
        <Tick id="dynamic" name={text("devices that come later join")} />
        <Tick id="revert" name={text("when it is stopped, send back who has it")} on />
        <Tick id="skip_unfit" name={text("leave out devices that no variant fits")} />
      </Form>
      {check && <Checked of={check} />}
    </>
  );
}

export function NewRolloutPage({ query }: PageProps) {
  const list = useLive(versions, [], 0);
  const approved = list.value?.filter((v) => v.state === "approved").reverse();
  return (
    <>
      <Title>{text("plan a roll-out")}</Title>
      <Soft>
        {text("This makes a draft, and says which devices have no variant and why. It starts when you start it.")}
      </Soft>
      {!approved ? (
        <Waiting live={list} />
      ) : approved.length === 0 ? (
        <Empty>{text("no version is approved yet")}</Empty>
      ) : (
        <PlanForm approved={approved} version={query.get("version") ?? ""} />
      )}
    </>
  );
}
