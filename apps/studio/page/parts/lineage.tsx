// lineage.tsx: which version came of which, drawn: generations from left to right, one row for each that has no heir.
import { useEffect, useRef } from "preact/hooks";
import { percent, short, tone } from "../format";
import { to } from "../route";
import type { Alias, Version } from "../shapes";
import { said, text } from "../words";

interface Place {
  version: Version;
  x: number;
  y: number;
}

const wide = 168,
  high = 64,
  gap_x = 44,
  gap_y = 16;

// Children follow their parent in the next column; a parent stands beside its first child.
export function places(versions: Version[]): Place[] {
  const known = new Set(versions.map((v) => v.id));
  const seen = new Set<string>();
  const out: Place[] = [];
  let row = 0;
  const put = (version: Version, depth: number): number => {
    seen.add(version.id);
    const children = versions.filter((v) => v.parent === version.id && !seen.has(v.id));
    const rows = children.map((child) => put(child, depth + 1));
    const at = rows.length > 0 ? rows[0] : row++;
    out.push({ version, x: depth * (wide + gap_x), y: at * (high + gap_y) });
    return at;
  };
  const oldest = [...versions].sort((a, b) => a.created_ms - b.created_ms);
  oldest.filter((v) => !known.has(v.parent)).forEach((v) => put(v, 0));
  oldest.filter((v) => !seen.has(v.id)).forEach((v) => seen.has(v.id) || put(v, 0));
  return out;
}

function Box({ at, here, names }: { at: Place; here: boolean; names: string }) {
  const { version, x, y } = at;
  const accuracy = version.accuracy ? " · " + percent(version.accuracy) : "";
  return (
    <a href={to("versions", version.id)} aria-current={here ? "true" : undefined}>
      <g class={"node " + tone(version.state)} transform={`translate(${x + 2} ${y + 2})`}>
        <rect width={wide} height={high} rx={8} />
        <text x={12} y={22} class="strong">
          {(version.name || short(version.id)).slice(0, 18)}
        </text>
        <text x={12} y={39}>
          {said(version.state) + accuracy}
        </text>
        <text x={12} y={55} class="names">
          {names.slice(0, 24)}
        </text>
      </g>
    </a>
  );
}

export function Lineage({ versions, aliases, here }: { versions: Version[]; aliases: Alias[]; here?: string }) {
  const all = places(versions);
  const of = new Map(all.map((place) => [place.version.id, place]));
  const width = Math.max(...all.map((p) => p.x)) + wide + 4;
  const height = Math.max(...all.map((p) => p.y)) + high + 4;
  const names = (id: string) =>
    aliases
      .filter((alias) => alias.version === id)
      .map((alias) => alias.name)
      .join(", ");
  const arrow = (parent: Place, child: Place) => {
    const x1 = parent.x + wide + 2,
      y1 = parent.y + high / 2 + 2,
      x2 = child.x + 2,
      y2 = child.y + high / 2 + 2;
    return `M${x1} ${y1}C${x1 + gap_x / 2} ${y1} ${x2 - gap_x / 2} ${y2} ${x2} ${y2}`;
  };
  const box = useRef<HTMLDivElement>(null);
  const at = here === undefined ? undefined : of.get(here)?.x;
  useEffect(() => void (at !== undefined && box.current && (box.current.scrollLeft = at - gap_x)), [at]);
  return (
    <div class="scroll" ref={box} tabIndex={0} role="region" aria-label={text("lineage")}>
      <svg class="lineage" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {all.map((child) => {
          const parent = of.get(child.version.parent);
          return parent && <path key={child.version.id} d={arrow(parent, child)} />;
        })}
        {all.map((at) => (
          <Box key={at.version.id} at={at} here={at.version.id === here} names={names(at.version.id)} />
        ))}
      </svg>
    </div>
  );
}
