// device.tsx: one device: what it is, what it runs and should run, how it does, and what it was given.
import { ago, bytes, count, duration_us, energy_uj, moment } from "../format";
import { callings, versions } from "../known_versions";
import { useLive } from "../live";
import { act } from "../notice";
import type { PageProps } from "../pages";
import { Card, Cards, Empty, Facts, Mark, Raw, Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Ask } from "../parts/dialog";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get, part, send } from "../server";
import type { Action, Device, Page, Rollout } from "../shapes";
import { said, text } from "../words";

const load = async (id: string) => ({
  device: await get<Device>("/devices/" + part(id)),
  actions: (await get<Page<Action>>("/actions?device=" + part(id))).items,
  called: callings(await versions()),
  named: new Map((await get<Page<Rollout>>("/rollouts?limit=1000")).items.map((r) => [r.id, r.name || r.id])),
});
type Loaded = Awaited<ReturnType<typeof load>>;

function Numbers({ device, called }: Loaded) {
  const late = device.desired !== "" && device.desired !== device.reported;
  return (
    <Cards>
      <Card name={text("state")} value={said(device.state)} />
      <Card name={text("board")} value={device.board || "–"} />
      <Card name={text("runs")} value={called(device.reported)} />
      <Card name={text("should run")} value={device.desired ? called(device.desired) : "–"} as={late ? "wait" : ""} />
      <Card name={text("last seen")} value={ago(device.seen_ms)} />
    </Cards>
  );
}

function HowItDoes({ device }: Loaded) {
  const { health, before } = device;
  if (!device.consent_health) return <Empty>{text("this device does not let its health be seen")}</Empty>;
  if (!health.at_ms) return <Empty>{text("it has not said yet how it does")}</Empty>;
  const rows: [string, (h: typeof health) => string][] = [
    [text("inferences"), (h) => count(h.requests)],
    [text("time of one"), (h) => duration_us(h.latency_us)],
    [text("energy, modelled"), (h) => energy_uj(h.energy_uj)],
    [text("memory"), (h) => bytes(h.memory_bytes)],
    [text("crashes"), (h) => count(h.crashes)],
    [text("starts"), (h) => count(h.starts)],
    [text("told"), (h) => ago(h.at_ms)],
  ];
  return (
    <Table
      name={text("health")}
      of={rows}
      by={([name]) => name}
      columns={[
        { name: "", cell: ([name]) => name },
        { name: text("now"), cell: ([, show]) => show(health), number: true },
        {
          name: text("under the version before"),
          cell: ([, show]) => (before.at_ms ? show(before) : ""),
          number: true,
        },
      ]}
    />
  );
}

function Given({ actions, called, named }: Loaded) {
  return (
    <Table
      name={text("what it was given")}
      of={[...actions].reverse()}
      by={(a) => a.id}
      empty={text("it was given nothing yet")}
      columns={[
        {
          name: text("roll-out"),
          cell: (a) => a.rollout && <a href={to("rollouts", a.rollout)}>{named.get(a.rollout) ?? a.rollout}</a>,
        },
        { name: text("version"), cell: (a) => called(a.version) + (a.revert ? " (" + text("back") + ")" : "") },
        { name: text("state"), cell: (a) => <Mark state={a.state} /> },
        { name: text("verdict"), cell: (a) => a.verdict && <Mark state={a.verdict} /> },
        { name: text("reason"), cell: (a) => said(a.reason) },
        { name: text("offered"), cell: (a) => moment(a.offered_ms) },
      ]}
    />
  );
}

function Inventory({ device, called }: Loaded) {
  return (
    <Facts
      rows={[
        [text("core"), device.core],
        [text("firmware"), device.firmware],
        ["RAM", bytes(device.ram_bytes)],
        ["Flash", bytes(device.flash_bytes)],
        [text("kernels"), device.kernels.join(", ")],
        [text("peripherals"), device.peripherals.join(", ")],
        [text("groups"), device.groups.join(", ")],
        [
          text("attributes"),
          Object.entries(device.attributes)
            .map(([name, value]) => `${name} = ${value}`)
            .join(", "),
        ],
        [text("highest sequence number"), device.sequence || ""],
        [text("lets its health be seen"), device.consent_health ? text("yes") : text("no")],
        [text("gives statistics"), device.consent_statistics ? text("yes") : text("no")],
        [text("runs beside it"), device.shadow && called(device.shadow)],
        [text("agrees to every later update"), device.auto_confirm ? text("yes") : text("no")],
        [text("enrolled"), moment(device.created_ms)],
      ]}
    />
  );
}

function Verbs({ device, again }: { device: Device; again: () => void }) {
  const may = useMay();
  if (!may("operate") || device.state === "decommissioned") return null;
  const tell = (verb: string) => () => act(() => send("POST", `/devices/${part(device.id)}/${verb}`), again);
  return (
    <div class="row">
      {device.state === "active" && (
        <Ask danger verb={text("revoke")} question={text("lock {} out?", device.id)} onYes={tell("revoke")}>
          <p>{text("Its token opens nothing any more; it stays in the list.")}</p>
        </Ask>
      )}
      <Ask
        danger
        verb={text("decommission")}
        question={text("take {} out of service?", device.id)}
        onYes={tell("decommission")}
      >
        <p>{text("Its token opens nothing any more, and what it told is erased.")}</p>
      </Ask>
    </div>
  );
}

export function DevicePage({ id }: PageProps) {
  const all = useLive(() => load(id), [id]);
  if (!all.value)
    return (
      <>
        <Title of={id} />
        <Waiting live={all} />
      </>
    );
  const { device } = all.value;
  return (
    <>
      <Title beside={<Verbs device={device} again={all.again} />} of={device.id} />
      <Stale live={all} />
      <Numbers {...all.value} />
      {device.reason && (
        <Soft>
          {text("last failure")}: <span class="bad">{said(device.reason)}</span>
        </Soft>
      )}
      <Section name={text("health")}>
        <HowItDoes {...all.value} />
      </Section>
      <Section name={text("what it was given")}>
        <Given {...all.value} />
      </Section>
      <Section name={text("inventory")}>
        <Inventory {...all.value} />
      </Section>
      <Raw value={device} />
    </>
  );
}
