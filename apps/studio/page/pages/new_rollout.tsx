// new_rollout.tsx: plans a roll-out. Nothing goes out by this: the plan is a draft until somebody starts it.
import { useLive } from "../live";
import { called, versions } from "../known_versions";
import type { PageProps } from "../pages";
import { Empty, Soft, Title, Waiting } from "../parts/basic";
import { Choice, Field, Form, Tick, type Values } from "../parts/form";
import { to } from "../route";
import { send } from "../server";
import type { Rollout, Version } from "../shapes";
import { text } from "../words";

const percents = (written: string) => written.split(/[\s,;%]+/).filter(Boolean).map(Number);

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
      approval: values.approval === "on",
      dynamic: values.dynamic === "on",
      revert: values.revert === "on",
      skip_unfit: values.skip_unfit === "on",
      gate: { by: values.by, silence_s: 60 * Number(values.silence) },
    },
  };
}

function PlanForm({ approved, version }: { approved: Version[]; version: string }) {
  async function plan(values: Values) {
    const made = await send<Rollout>("POST", "/rollouts", plan_of(values));
    location.hash = to("rollouts", made.id);
  }
  return (
    <Form verb={text("plan")} onSubmit={plan}>
      <Field id="name" name={text("name")} hint={text("spring update")} />
      <Choice id="version" name={text("version")} of={approved.map((v) => [v.id, called(v)])} value={version} />
      <Field id="filter" name={text("whom; nothing means all")} hint="group == lab" />
      <Field id="stages" name={text("stages, percent of them")} value="1 10 100" needed />
      <Choice id="kind" name={text("kind")} of={[["staged", text("in stages")], ["blue_green", text("all download, then all switch")]]} />
      <Choice id="mode" name={text("how")} of={[["forced", text("at once")], ["soft", text("when it suits the device")], ["download", text("download only")]]} />
      <Choice id="by" name={text("a test for each")} of={[["", text("none: one for all")], ["board", text("board")], ["core", text("core")], ["firmware", "firmware"]]} />
      <Field id="per_minute" name={text("devices a minute")} type="number" value="1000" needed />
      <Field id="silence" name={text("silent after minutes")} type="number" value="120" needed />
      <Tick id="approval" name={text("somebody else approves the start")} />
      <Tick id="dynamic" name={text("devices that come later join")} />
      <Tick id="revert" name={text("when it is stopped, send back who has it")} on />
      <Tick id="skip_unfit" name={text("leave out devices that no variant fits")} />
    </Form>
  );
}

export function NewRolloutPage({ query }: PageProps) {
  const list = useLive(versions, [], 0);
  const approved = list.value?.filter((v) => v.state === "approved").reverse();
  return (
    <>
      <Title>{text("plan a roll-out")}</Title>
      <Soft>{text("This makes a draft, and says which devices have no variant and why. It starts when you start it.")}</Soft>
      {!approved ? <Waiting live={list} /> : approved.length === 0 ? <Empty>{text("no version is approved yet")}</Empty>
        : <PlanForm approved={approved} version={query.get("version") ?? ""} />}
    </>
  );
}
