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
  called: callings(await versions()),
});
type Loaded = Awaited<ReturnType<typeof load>>;

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

function Shown({ windows, cohorts, tenant, called }: Loaded) {
  const boards = [...new Set([...windows.map((w) => w.board), ...cohorts.map((c) => c.board)])].sort();
  const [board, setBoard] = useState("");
  const here = board || boards[0];
  if (boards.length === 0) return <Empty>{text("no device has told anything yet that may be shown")}</Empty>;
  return (
    <>
      {boards.length > 1 && (
        <Choice id="board" name={text("board")} of={boards.map((b) => [b, b])} value={here} onChange={setBoard} />
      )}
      <OverTime windows={windows.filter((w) => w.board === here)} called={called} />
      <Section name={text("all reports together")}>
        <div class="panels">
          {cohorts
            .filter((c) => c.board === here)
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
