// versions.tsx: every version, where each came from, and what its variants cost.
import { ago, percent, short } from "../format";
import { called } from "../known_versions";
import { useLive } from "../live";
import type { PageProps } from "../pages";
import { Empty, Mark, Section, Stale, Title, Waiting } from "../parts/basic";
import { Choice } from "../parts/form";
import { Lineage } from "../parts/lineage";
import { Pareto } from "../parts/pareto";
import { Table } from "../parts/table";
import { to } from "../route";
import { get } from "../server";
import type { Alias, Page, Variant, Version } from "../shapes";
import { text } from "../words";

const load = async () => ({
  versions: (await get<Page<Version>>("/versions?limit=1000")).items,
  variants: (await get<Page<Variant>>("/variants?limit=1000")).items,
  aliases: (await get<Page<Alias>>("/aliases?limit=1000")).items,
});
type Loaded = Awaited<ReturnType<typeof load>>;

// One model at a time: lineages of different models have nothing to do with each other.
function narrowed(all: Loaded, model: string): Loaded {
  const versions = all.versions.filter((v) => v.model === model).sort((a, b) => b.created_ms - a.created_ms);
  const ids = new Set(versions.map((v) => v.id));
  return {
    versions,
    variants: all.variants.filter((v) => ids.has(v.version)),
    aliases: all.aliases.filter((a) => ids.has(a.version)),
  };
}

function Shown({ versions, variants, aliases }: Loaded) {
  const of = new Map(versions.map((v) => [v.id, v]));
  const names = (id: string) =>
    aliases
      .filter((a) => a.version === id)
      .map((a) => a.name)
      .join(", ");
  return (
    <>
      <Section name={text("lineage")}>
        <Lineage versions={versions} aliases={aliases} />
      </Section>
      <Table
        name={text("versions")}
        of={versions}
        by={(v) => v.id}
        columns={[
          { name: text("version"), cell: (v) => <a href={to("versions", v.id)}>{v.name || short(v.id)}</a> },
          { name: text("state"), cell: (v) => <Mark state={v.state} /> },
          { name: text("alias"), cell: (v) => names(v.id) },
          { name: text("accuracy"), cell: (v) => (v.accuracy ? percent(v.accuracy) : ""), number: true },
          { name: text("variants"), cell: (v) => variants.filter((x) => x.version === v.id).length, number: true },
          { name: text("made"), cell: (v) => ago(v.created_ms) },
        ]}
      />
      <Section name={text("accuracy and cost of the variants")}>
        <Pareto variants={variants} called={(x) => `${called(of.get(x.version)!)} ${x.board} ${x.precision}`} />
      </Section>
    </>
  );
}

export function VersionsPage({ query }: PageProps) {
  const all = useLive(load);
  if (!all.value)
    return (
      <>
        <Title>{text("versions")}</Title>
        <Waiting live={all} />
      </>
    );
  const models = [...new Set(all.value.versions.map((v) => v.model))].sort();
  const model = query.get("model") ?? models[0];
  const pick = models.length > 1 && (
    <Choice
      id="model"
      name={text("model")}
      of={models.map((m) => [m, m])}
      value={model}
      onChange={(m) => (location.hash = to("versions", "", { model: m }))}
    />
  );
  return (
    <>
      <Title beside={pick}>{text("versions")}</Title>
      <Stale live={all} />
      {models.length === 0 ? (
        <Empty>{text("no version yet: jatai push")}</Empty>
      ) : (
        <Shown {...narrowed(all.value, model)} />
      )}
    </>
  );
}
