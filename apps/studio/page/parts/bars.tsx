// bars.tsx: a histogram of sixteen bins.
import { capital, text } from "../words";

export function Bars({ values, name, from, to }: { values: number[]; name: string; from: string; to: string }) {
  const most = Math.max(1, ...values);
  const all = values.reduce((sum, value) => sum + value, 0) || 1;
  const step = 320 / values.length;
  const share = (value: number) => Math.round((100 * value) / all);
  return (
    <figure>
      <figcaption>{capital(name)}</figcaption>
      <svg
        class="bars"
        viewBox="0 0 320 90"
        role="img"
        aria-label={text("{}, share of each bin in percent: {}", name, values.map(share).join(" "))}
      >
        {values.map((value, i) => (
          <rect
            key={i}
            class="mark"
            x={i * step + 1}
            width={step - 2}
            y={84 - (80 * value) / most}
            height={(80 * value) / most}
          >
            <title>{`${i + 1}: ${share(value)} %`}</title>
          </rect>
        ))}
        <line x1={0} x2={320} y1={84.5} y2={84.5} />
      </svg>
      <div class="ends">
        <span>{from}</span>
        <span>{to}</span>
      </div>
    </figure>
  );
}
