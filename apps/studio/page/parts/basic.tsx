// basic.tsx: the small pieces every page is made of.
import type { ComponentChildren } from "preact";
import { tone } from "../format";
import type { Live } from "../live";
import { explain } from "../notice";
import { capital, said, text } from "../words";

type Children = { children?: ComponentChildren };

// `of`: the name of a thing, shown as it is written; otherwise words of ours.
export const Title = ({ children, of, beside }: { children?: string; of?: string; beside?: ComponentChildren }) => (
  <div class="title">
    <h2>{of ?? capital(children ?? "")}</h2>
    {beside}
  </div>
);

export const Section = ({ name, children }: Children & { name: string }) => (
  <section>
    <h3>{capital(name)}</h3>
    {children}
  </section>
);

export const Mark = ({ state }: { state: string }) => <span class={"state " + tone(state)}>{said(state)}</span>;

export const Cards = ({ children }: Children) => <dl class="cards">{children}</dl>;

export const Card = ({ value, name, as = "" }: { value: ComponentChildren; name: string; as?: string }) => (
  <div class="card">
    <dt>{capital(name)}</dt>
    <dd class={as}>{value}</dd>
  </div>
);

export const Empty = ({ children }: Children) => (
  <p class="empty">
    {typeof children === "string" ? capital(children) : (children ?? capital(text("nothing here yet")))}
  </p>
);

export const Soft = ({ children }: Children) => <p class="soft">{children}</p>;

// What stands there until the answer comes, as high as what will stand there; or why none came.
export function Waiting({ live }: { live: Live<unknown> }) {
  if (!live.error) return <div class="waiting" aria-busy="true" aria-label={text("loading")} />;
  return (
    <div class="alert" role="alert">
      {explain(live.error)}{" "}
      <button type="button" onClick={live.again}>
        {capital(text("try again"))}
      </button>
    </div>
  );
}

// A refresh failed: what is shown is older than it looks.
export const Stale = ({ live }: { live: Live<unknown> }) =>
  live.value && live.error ? <p class="alert">{text("not fresh: {}", explain(live.error))}</p> : null;

// Names and values, one under the other.
export const Facts = ({ rows }: { rows: [string, ComponentChildren][] }) => (
  <dl class="facts">
    {rows.map(([name, value]) => (
      <div key={name}>
        <dt>{capital(name)}</dt>
        <dd>{value === "" || value === undefined || value === null ? "–" : value}</dd>
      </div>
    ))}
  </dl>
);

export const Raw = ({ value }: { value: unknown }) => (
  <details>
    <summary>JSON</summary>
    <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
  </details>
);
