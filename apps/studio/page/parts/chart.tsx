// chart.tsx: lines over time, drawn by uPlot; the last values stand beside the names, for those who cannot see lines.
//
//     <Chart name={text("devices")} times={points.map((p) => p.at_ms)} format={count}
//            lines={[{ name: text("installed"), values: …, as: "good" }]} />
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { none } from "../format";
import { capital, locale } from "../words";

export interface Line {
  name: string;
  values: (number | null)[];
  as: "good" | "bad" | "wait" | "mark" | "soft" | "other";
  dashed?: boolean;
}

interface Props {
  name: string;
  times: number[]; // ms
  lines: Line[];
  format: (value: number) => string;
  tick?: (value: number) => string; // shorter, beside the chart
  low?: number;
}

const height = 220;
const steps = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 604800, 2592000,
];
const colour = (name: string) =>
  getComputedStyle(document.documentElement)
    .getPropertyValue("--" + name)
    .trim();

function clock(seconds: number, span: number): string {
  const style: Intl.DateTimeFormatOptions =
    span > 2 * 86400
      ? { day: "2-digit", month: "2-digit" }
      : span > 600
        ? { hour: "2-digit", minute: "2-digit" }
        : { minute: "2-digit", second: "2-digit" };
  return new Date(seconds * 1000).toLocaleString(locale(), style);
}

function options({ lines, format, tick = format, low }: Props, width: number): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: colour("soft"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: {
      x: { range: (_, from, to) => [from, Math.max(to, from + 4)] },
      y: { range: (_, from, to) => [low ?? from, to > (low ?? from) ? to * 1.02 : (low ?? from) + 1] },
    },
    axes: [
      {
        ...axis,
        incrs: steps,
        space: 70,
        values: (plot, ticks) => ticks.map((t) => clock(t, plot.scales.x.max! - plot.scales.x.min!)),
      },
      { ...axis, size: 64, values: (_, ticks) => ticks.map(tick) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.name,
        stroke: colour(line.as),
        width: 2,
        dash: line.dashed ? [6, 5] : undefined,
        spanGaps: true,
        points: { show: line.values.length < 30 && !line.dashed, size: 6 },
      })),
    ],
  };
}

const data = ({ times, lines }: Props): uPlot.AlignedData => [
  times.map((t) => t / 1000),
  ...lines.map((line) => line.values),
];
const last = (line: Line) => line.values.filter((value) => value !== null).pop();

// Drawn anew when the width, the colours of the page or the lines change; otherwise only fed.
function usePlot(box: { current: HTMLDivElement | null }, props: Props) {
  const plot = useRef<uPlot | null>(null);
  const shape = props.lines.map((line) => line.name + line.as).join() + locale();
  useEffect(() => {
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(props, box.current!.clientWidth), data(props), box.current!);
    };
    draw();
    const sizes = new ResizeObserver(([entry]) => plot.current?.setSize({ width: entry.contentRect.width, height }));
    sizes.observe(box.current!);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    return () => {
      dark.removeEventListener("change", draw);
      sizes.disconnect();
      plot.current?.destroy();
    };
  }, [shape]);
  useEffect(
    () => plot.current?.setData(data(props)),
    [props.times.length, props.times.at(-1), ...props.lines.map(last)],
  );
}

export function Chart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  usePlot(box, props);
  const shown = (line: Line) => {
    const value = last(line);
    return value === undefined || value === null ? none : props.format(value);
  };
  const spoken = props.lines.map((line) => `${line.name} ${shown(line)}`).join(", ");
  return (
    <figure>
      <figcaption>{capital(props.name)}</figcaption>
      <div class="plot" ref={box} role="img" aria-label={`${props.name}: ${spoken}`} />
      <ul class="legend">
        {props.lines.map((line) => (
          <li key={line.name} class={line.as + (line.dashed ? " dashed" : "")}>
            {line.name} <b>{shown(line)}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}
