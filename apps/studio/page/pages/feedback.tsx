// feedback.tsx: what the right answers were: accuracy in the field beside that of the test set. Only this shows concept drift.
import { ago, count, percent } from "../format";
import { callings, versions } from "../known_versions";
import { useLive } from "../live";
import { notify } from "../notice";
import { Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Field, Form, type Values } from "../parts/form";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get, send } from "../server";
import type { Labels, Page, Version } from "../shapes";
import { text } from "../words";

const load = async () => ({
  labels: (await get<Page<Labels>>("/feedback?limit=1000")).items,
  versions: await versions(),
});
type Loaded = Awaited<ReturnType<typeof load>>;

function lost(labels: Labels, tested: number): string {
  if (!tested) return "";
  return labels.high < tested ? "bad" : labels.low > tested ? "good" : "";
}

function Counted({ labels, versions: known }: Loaded) {
  const called = callings(known);
  const tested = new Map(known.map((v: Version) => [v.id, v.accuracy]));
  const mistakes = (row: Labels) =>
    Object.entries(row.pairs)
      .filter(([pair]) => new Set(pair.split("/")).size > 1)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 3);
  return (
    <Table
      name={text("labelled feedback")}
      of={labels}
      by={(row) => row.version + row.board}
      empty={text("nobody has said yet what the right answers were")}
      columns={[
        { name: text("version"), cell: (row) => <a href={to("versions", row.version)}>{called(row.version)}</a> },
        { name: text("board"), cell: (row) => row.board },
        { name: text("labelled"), cell: (row) => count(row.right + row.wrong), number: true },
        {
          name: text("accuracy in the field"),
          cell: (row) => <b class={lost(row, tested.get(row.version) ?? 0)}>{percent(row.accuracy)}</b>,
          number: true,
        },
        { name: text("between, 95 %"), cell: (row) => `${percent(row.low)} – ${percent(row.high)}`, number: true },
        {
          name: text("in the test set"),
          cell: (row) => (tested.get(row.version) ? percent(tested.get(row.version)!) : ""),
          number: true,
        },
        {
          name: text("most frequent mistakes: expected/predicted"),
          cell: (row) =>
            mistakes(row)
              .map(([pair, n]) => `${pair} ${n}`)
              .join(", "),
        },
        { name: text("last"), cell: (row) => ago(row.last_ms) },
      ]}
    />
  );
}

function Tell({ again }: { again: () => void }) {
  async function tell({ device, right, wrong, expected, predicted }: Values) {
    const answers = expected ? { expected, predicted } : { right: Number(right), wrong: Number(wrong) };
    await send("POST", "/feedback", { device, ...answers });
    notify({ words: text("counted; of the device nothing is kept"), bad: false });
    again();
  }
  return (
    <Section name={text("say what the right answers were")}>
      <Form verb={text("tell")} onSubmit={tell}>
        <Field id="device" name={text("device")} hint="mic-1" needed />
        <Field id="right" name={text("right answers")} type="number" value="0" />
        <Field id="wrong" name={text("wrong answers")} type="number" value="0" />
        <Field id="expected" name={text("or one answer: expected")} hint={text("yes")} />
        <Field id="predicted" name={text("and predicted")} hint={text("no")} />
      </Form>
      <Soft>
        {text("Many at once:")} <code>jatai fleet feedback --csv labels.csv</code>
      </Soft>
    </Section>
  );
}

export function FeedbackPage() {
  const all = useLive(load);
  const may = useMay();
  return (
    <>
      <Title
        beside={
          <p>
            <a href={to("health")}>{text("health")}</a>
          </p>
        }
      >
        {text("labelled feedback")}
      </Title>
      <Soft>
        {text(
          "Outputs may look as before while their meaning has changed. Only people who know the right answers can say so.",
        )}
      </Soft>
      <Stale live={all} />
      {all.value ? <Counted {...all.value} /> : <Waiting live={all} />}
      {may("operate") && <Tell again={all.again} />}
    </>
  );
}
