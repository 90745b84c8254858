// version.tsx: one version: where it came from, whether it may go out, and its variants.
import { bytes, duration_us, energy_uj, moment, percent, short } from "../format";
import { called } from "../known_versions";
import { useLive } from "../live";
import { act } from "../notice";
import type { PageProps } from "../pages";
import { Facts, Mark, Raw, Section, Stale, Title, Waiting } from "../parts/basic";
import { Ask } from "../parts/dialog";
import { Lineage } from "../parts/lineage";
import { Pareto } from "../parts/pareto";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get, part, send } from "../server";
import type { Alias, FullVersion, Page, Variant, Version } from "../shapes";
import { capital, text } from "../words";

const load = async (id: string) => {
  const version = await get<FullVersion>("/versions/" + part(id));
  const others = await get<Page<Version>>("/versions?limit=1000&model=" + part(version.model));
  const aliases = await get<Page<Alias>>("/aliases?limit=1000");
  return { version, family: family(version.id, others.items), aliases: aliases.items };
};
type Loaded = Awaited<ReturnType<typeof load>>;

// Its ancestors, and all that came of it.
function family(id: string, all: Version[]): Version[] {
  const of = new Map(all.map((v) => [v.id, v]));
  const kept = new Set<string>();
  for (let at: string = id; of.has(at) && !kept.has(at); at = of.get(at)!.parent) kept.add(at);
  const heirs = [id];
  for (const parent of heirs) {
    for (const child of all) if (child.parent === parent && !heirs.includes(child.id)) heirs.push(child.id);
  }
  return all.filter((v) => kept.has(v.id) || heirs.includes(v.id));
}

function Verbs({ version, again }: { version: FullVersion; again: () => void }) {
  const may = useMay();
  const decide = (how: string) => () => act(() => send("POST", `/versions/${part(version.id)}/${how}`, {}), again);
  return (
    <div class="row">
      {may("operate") && version.state === "approved" && (
        <a class="button" href={to("plan", "", { version: version.id })}>
          {capital(text("plan a roll-out"))}
        </a>
      )}
      {may("approve") && version.state === "proposed" && (
        <Ask verb={text("approve")} question={text("let it be rolled out?")} onYes={decide("approve")}>
          <p>{called(version)}</p>
        </Ask>
      )}
      {may("approve") && version.state !== "rejected" && (
        <Ask danger verb={text("reject")} question={text("never let it be rolled out?")} onYes={decide("reject")}>
          <p>{called(version)}</p>
        </Ask>
      )}
    </div>
  );
}

const signed = (v: Variant) =>
  v.sequence || (v.artifacts.length > 0 ? text("whole file") : <span class="wait">{text("not signed")}</span>);

const form = (v: Variant) => [v.form, v.precision, v.options].filter(Boolean).join(" ");

function Variants({ of }: { of: Variant[] }) {
  return (
    <Table
      name={text("variants")}
      of={of}
      by={(v) => v.id}
      empty={text("no variant yet: jatai push, or ask for a compilation")}
      columns={[
        { name: text("board"), cell: (v) => v.board },
        { name: text("form"), cell: form },
        { name: text("accuracy"), cell: (v) => (v.accuracy ? percent(v.accuracy) : ""), number: true },
        { name: text("latency, modelled"), cell: (v) => duration_us(v.latency_us), number: true },
        { name: text("energy, modelled"), cell: (v) => energy_uj(v.energy_uj), number: true },
        { name: "RAM", cell: (v) => bytes(v.ram_bytes), number: true },
        { name: "Flash", cell: (v) => bytes(v.flash_bytes), number: true },
        { name: text("on air"), cell: (v) => bytes(v.bytes_on_air), number: true },
        { name: text("sequence"), cell: signed, number: true },
      ]}
    />
  );
}

function Origin({ version }: { version: FullVersion }) {
  return (
    <Facts
      rows={[
        [text("made"), `${moment(version.created_ms)}, ${version.created_by}`],
        [text("decided by"), version.decided_by],
        [text("note"), version.note],
        [text("data set"), <code>{version.dataset_hash}</code>],
        [text("pipeline"), <code>{version.pipeline_hash}</code>],
        [text("weights"), <code>{version.weights_hash}</code>],
        [text("code"), version.code_version],
        ["id", <code>{version.id}</code>],
      ]}
    />
  );
}

function Shown({ version, family: relatives, aliases }: Loaded) {
  const own = aliases
    .filter((a) => a.version === version.id)
    .map((a) => a.name)
    .join(", ");
  return (
    <>
      <p>
        <Mark state={version.state} /> {own && <b>{own}</b>}{" "}
        {version.accuracy > 0 && text("accuracy {}", percent(version.accuracy))}
        {version.field_accuracy &&
          " · " +
            text(
              "in the field {}, between {} and {}",
              percent(version.field_accuracy.accuracy),
              percent(version.field_accuracy.low),
              percent(version.field_accuracy.high),
            )}
      </p>
      <Section name={text("lineage")}>
        <Lineage versions={relatives} aliases={aliases} here={version.id} />
      </Section>
      <Section name={text("variants")}>
        <Variants of={version.variants} />
        {version.variants.length > 1 && (
          <Pareto variants={version.variants} called={(v) => `${v.board} ${form(v) || short(v.id)}`} />
        )}
      </Section>
      <Section name={text("what it was made of")}>
        <Origin version={version} />
      </Section>
      <Raw value={version} />
    </>
  );
}

export function VersionPage({ id }: PageProps) {
  const all = useLive(() => load(id), [id]);
  if (!all.value)
    return (
      <>
        <Title>{text("version")}</Title>
        <Waiting live={all} />
      </>
    );
  return (
    <>
      <Title beside={<Verbs version={all.value.version} again={all.again} />} of={called(all.value.version)} />
      <Stale live={all} />
      <Shown {...all.value} />
    </>
  );
}
