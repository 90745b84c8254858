// pareto.tsx: accuracy against modelled latency. The line joins the variants that no other beats in both.
import { useEffect, useState } from "preact/hooks";
import { duration_us, percent } from "../format";
import type { Variant } from "../shapes";
import { capital, text } from "../words";
import { Empty } from "./basic";

const top = 24,
  bottom = 44,
  right = 16;
const wide = { width: 640, height: 300, left: 64, letters: 32 };
const narrow = { width: 330, height: 280, left: 50, letters: 18 }; // a phone's width, so that words keep their size

function useRoom() {
  const [phone] = useState(() => matchMedia("(max-width: 44rem)"));
  const [, draw] = useState(false);
  useEffect(() => {
    const changed = () => draw(phone.matches);
    phone.addEventListener("change", changed);
    return () => phone.removeEventListener("change", changed);
  }, []);
  return phone.matches ? narrow : wide;
}

// b is no worse in both and better in one.
const beats = (b: Variant, a: Variant) =>
  b.accuracy >= a.accuracy && b.latency_us <= a.latency_us && (b.accuracy > a.accuracy || b.latency_us < a.latency_us);

export const front = (of: Variant[]) =>
  of.filter((a) => !of.some((b) => beats(b, a))).sort((a, b) => a.latency_us - b.latency_us);

function ticks(from: number, to: number): number[] {
  const rough = (to - from) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * (rough / size > 5 ? 10 : rough / size > 2 ? 5 : rough / size > 1 ? 2 : 1);
  const out: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) out.push(at);
  return out;
}

export function Pareto({ variants, called }: { variants: Variant[]; called: (variant: Variant) => string }) {
  const { width, height, left, letters } = useRoom();
  const shown = variants.filter((v) => v.accuracy > 0 && v.latency_us > 0);
  if (shown.length === 0) return <Empty>{text("no variant has both an accuracy and a modelled latency yet")}</Empty>;
  const slow = Math.max(...shown.map((v) => v.latency_us)) * 1.15;
  const low = Math.max(0, Math.min(...shown.map((v) => v.accuracy)) - 0.02);
  const high = Math.min(1, Math.max(...shown.map((v) => v.accuracy)) + 0.02);
  const x = (latency: number) => left + ((width - left - right) * latency) / slow;
  const y = (accuracy: number) => height - bottom - ((height - top - bottom) * (accuracy - low)) / (high - low);
  const best = front(shown);
  return (
    <figure class="wide">
        <svg
          class="pareto"
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={text("{} variants; not beaten: {}", shown.length, best.map(called).join("; "))}
        >
          {ticks(low, high).map((at) => (
            <g key={at}>
              <line x1={left} x2={width - right} y1={y(at)} y2={y(at)} />
              <text x={left - 6} y={y(at) + 4} text-anchor="end">
                {percent(at, high - low < 0.05 ? 1 : 0)}
              </text>
            </g>
          ))}
          {ticks(0, slow * 0.97).map((at) => (
            <g key={at}>
              <line x1={x(at)} x2={x(at)} y1={top} y2={height - bottom} />
              <text x={x(at)} y={height - bottom + 16} text-anchor="middle">
                {at ? duration_us(at, 0) : "0"}
              </text>
            </g>
          ))}
          <text x={(left + width) / 2} y={height - 6} text-anchor="middle">
            {capital(text("modelled latency"))}
          </text>
          <text x={left} y={top - 6}>
            {capital(text("accuracy"))}
          </text>
          <polyline points={best.map((v) => `${x(v.latency_us)},${y(v.accuracy)}`).join(" ")} />
          {shown.map((v) => (
            <circle key={v.id} class={best.includes(v) ? "good" : "mark"} cx={x(v.latency_us)} cy={y(v.accuracy)} r={6}>
              <title>{`${called(v)}: ${percent(v.accuracy)}, ${duration_us(v.latency_us)}`}</title>
            </circle>
          ))}
          {best.map((v) => (
            <text
              key={v.id}
              x={x(v.latency_us) + (v.latency_us > slow / 2 ? -10 : 10)}
              y={y(v.accuracy) + 18}
              text-anchor={v.latency_us > slow / 2 ? "end" : "start"}
            >
              {called(v).slice(0, letters)}
            </text>
          ))}
        </svg>
      <figcaption>
        {capital(text("accuracy against modelled latency; the line joins the variants that no other beats in both"))}
      </figcaption>
    </figure>
  );
}
