// interval.tsx: where a difference lies, but for a stated error: a point, its interval, zero, and what is looked for.
import { decimal } from "../format";
import { text } from "../words";

interface Props {
  value: number;
  low: number;
  high: number;
  sought: number;
  unit: string;
}

const width = 600,
  height = 74,
  middle = 28;

export function Interval({ value, low, high, sought, unit }: Props) {
  const reach = 1.15 * Math.max(Math.abs(low), Math.abs(high), sought);
  const x = (at: number) => width / 2 + (at / reach) * (width / 2 - 10);
  const shown = (at: number) => (at > 0 ? "+" : "") + decimal(at, 3);
  return (
    <figure>
      <svg
        class="interval"
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={text("B less A: {}, between {} and {} ({})", shown(value), shown(low), shown(high), unit)}
      >
        <rect class="soft" x={x(-sought)} width={x(sought) - x(-sought)} y={8} height={40} />
        <line x1={x(0)} x2={x(0)} y1={4} y2={52} />
        <rect
          class={low > 0 || high < 0 ? "wait" : "mark"}
          x={x(low)}
          width={Math.max(2, x(high) - x(low))}
          y={middle - 3}
          height={6}
        />
        <circle class={low > 0 || high < 0 ? "wait" : "mark"} cx={x(value)} cy={middle} r={7} />
        <text x={x(0)} y={70} text-anchor="middle">
          0
        </text>
        <text x={Math.min(width - 30, Math.max(30, x(value)))} y={70} text-anchor="middle">
          {Math.abs(x(value) - x(0)) > 40 ? shown(value) : ""}
        </text>
      </svg>
      <figcaption>
        {text(
          "B less A in {}: {}, between {} and {}; grey: too small to matter",
          unit,
          shown(value),
          shown(low),
          shown(high),
        )}
      </figcaption>
    </figure>
  );
}
