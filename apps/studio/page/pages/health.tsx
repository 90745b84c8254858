// health.tsx: how models do in the field, over time and by kind of board. No device is in these numbers.
import { useState } from "preact/hooks";
import { ago, count, duration_us, percent, span_s } from "../format";
import { callings, versions, type Called } from "../known_versions";
import { useLive } from "../live";
import { Bars } from "../parts/bars";
import { Empty, Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Chart, type Line } from "../parts/chart";
import { Choice } from "../parts/form";
import { to } from "../route";
import { get } from "../server";
import type { Cohort, Page, Tenant, Window } from "../shapes";
import { text } from "../words";

const load = async () => ({
  windows: (await get<Page<Window>>("/trends?limit=1000")).items,
  cohorts: (await get<Page<Cohort>>("/cohorts?limit=1000")).items,
  tenant: await get<Tenant>("/tenant"),
  versions: await versions(),
});
type Loaded = Awaited<ReturnType<typeof load>>;
type Told = { version: string; board: string };

const shades = ["mark", "good", "wait", "bad", "other", "soft"] as const;

// A line per version; where a version said nothing in a window, nothing is drawn.
function lines(windows: Window[], times: number[], called: Called, value: (w: Window) => number | null): Line[] {
  const in_order = [...windows].sort((a, b) => a.start_ms - b.start_ms);
  const ids = [...new Set(in_order.map((w) => w.version))].slice(-shades.length);
  return ids
    .map((id, i) => {
      const own = new Map(windows.filter((w) => w.version === id).map((w) => [w.start_ms, value(w)]));
      return { name: called(id), as: shades[i], values: times.map((t) => own.get(t) ?? null) };
    })
    .filter((line) => line.values.some((v) => v !== null));
}

function OverTime({ windows, called }: { windows: Window[]; called: Called }) {
  const times = [...new Set(windows.map((w) => w.start_ms))].sort((a, b) => a - b);
  const of = (value: (w: Window) => number | null) => lines(windows, times, called, value);
  const drawn = [
    {
      name: text("expected accuracy"),
      lines: of((w) => w.expected_accuracy),
      format: (v: number) => percent(v),
      tick: (v: number) => percent(v, Number.isInteger(+(100 * v).toFixed(3)) ? 0 : 1),
      low: undefined,
    },
    {
      name: text("drift: how far outputs moved from the first window"),
      lines: of((w) => w.distance),
      format: (v: number) => percent(v, 0),
      low: 0,
    },
    {
      name: text("time of an inference"),
      lines: of((w) => w.latency_us),
      format: duration_us,
      tick: (v: number) => (v ? duration_us(v, v % 1000 ? 1 : 0) : "0"),
      low: 0,
    },
    { name: text("crashes"), lines: of((w) => (w.words ? w.crashes : null)), format: count, low: 0 },
  ].filter((chart) => chart.lines.length > 0);
  if (drawn.length === 0) return <Empty>{text("no device has told anything yet that may be shown")}</Empty>;
  return (
    <div class="pair">
      {drawn.map((chart) => (
        <Chart key={chart.name} times={times} {...chart} />
      ))}
    </div>
  );
}

function CohortCard({ of: cohort, called }: { of: Cohort; called: Called }) {
  return (
    <section class="panel">
      <h4>
        {called(cohort.version)} · {cohort.board}
      </h4>
      <p class="soft">
        {text(
          "{} devices, {} reports, {} with drift",
          count(cohort.devices),
          count(cohort.reports),
          count(cohort.drifted),
        )}{" "}
        · {ago(cohort.last_ms)}
      </p>
      <p>
        {text("expected accuracy")} <b>{percent(cohort.expected_accuracy)}</b>
      </p>
      {cohort.output.length > 0 && <Bars name={text("outputs, by bin")} values={cohort.output} from="1" to="16" />}
      {cohort.confidence.length > 0 && <Bars name={text("confidence")} values={cohort.confidence} from="0" to="1" />}
    </section>
  );
}

// The choices there are, what was told of most first.
function choices(of: Cohort[], windows: Window[], name: (told: Told) => string): string[] {
  const reports = new Map<string, number>(windows.map((window) => [name(window), 0]));
  for (const cohort of of) reports.set(name(cohort), (reports.get(name(cohort)) ?? 0) + cohort.reports);
  return [...reports].sort((a, b) => b[1] - a[1]).map(([chosen]) => chosen);
}

function Pick({ id, name, of, onChange }: { id: string; name: string; of: string[]; onChange: (to: string) => void }) {
  return of.length > 1 ? <Choice id={id} name={name} of={of.map((one) => [one, one])} onChange={onChange} /> : null;
}

function Shown({ windows, cohorts, tenant, versions: known }: Loaded) {
  const called = callings(known);
  const models = new Map(known.map((version) => [version.id, version.model]));
  const model_of = (told: Told) => models.get(told.version) ?? "";
  const [model, setModel] = useState(""),
    [board, setBoard] = useState("");
  const of_models = choices(cohorts, windows, model_of);
  const this_model = (told: Told) => model_of(told) === (model || of_models[0]);
  const boards = choices(cohorts.filter(this_model), windows.filter(this_model), (told) => told.board);
  const here = (told: Told) => this_model(told) && told.board === (boards.includes(board) ? board : boards[0]);
  if (boards.length === 0) return <Empty>{text("no device has told anything yet that may be shown")}</Empty>;
  return (
    <>
      <div class="row">
        <Pick id="model" name={text("model")} of={of_models} onChange={setModel} />
        <Pick id="board" name={text("board")} of={boards} onChange={setBoard} />
      </div>
      <OverTime windows={windows.filter(here)} called={called} />
      <Section name={text("all reports together")}>
        <div class="panels">
          {cohorts
            .filter(here)
            .sort((a, b) => a.first_ms - b.first_ms)
            .map((c) => (
              <CohortCard key={c.version} of={c} called={called} />
            ))}
        </div>
      </Section>
      <Soft>
        {text("None of this shows concept drift: outputs that look as before while their meaning changed.")}{" "}
        <a href={to("feedback")}>{text("only labels show that")}</a>
      </Soft>
      <Soft>
        {text(
          "Statistics of {} devices and more; smaller cohorts are not shown. Windows of {}, kept for {} days.",
          tenant.cohort_min,
          span_s(tenant.window_seconds),
          tenant.retention_days,
        )}
      </Soft>
    </>
  );
}

export function HealthPage() {
  const all = useLive(load, [], 5000);
  return (
    <>
      <Title
        beside={
          <p>
            <a href={to("feedback")}>{text("labelled feedback")}</a>
          </p>
        }
      >
        {text("health and drift")}
      </Title>
      <Stale live={all} />
      {all.value ? <Shown {...all.value} /> : <Waiting live={all} />}
    </>
  );
}
