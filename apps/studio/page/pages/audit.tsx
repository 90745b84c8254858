// audit.tsx: who did what, newest first.
import { useState } from "preact/hooks";
import { moment } from "../format";
import { called, versions } from "../known_versions";
import { useLive } from "../live";
import { Stale, Title, Waiting } from "../parts/basic";
import { Table } from "../parts/table";
import { to } from "../route";
import { get } from "../server";
import type { Audit, Page, Rollout } from "../shapes";
import { capital, said, text } from "../words";

const kinds: [string, string][] = [
  ["rollout ", "rollouts"],
  ["version ", "versions"],
  ["device ", "devices"],
  ["job ", "jobs"],
];

// What it was done to, and the way there.
function Target({ of: line, named }: { of: Audit; named: Map<string, string> }) {
  const kind = kinds.find(([begins]) => line.what.startsWith(begins));
  const name = named.get(line.target) ?? line.target;
  return kind ? <a href={to(kind[1], line.target)}>{name}</a> : <>{name}</>;
}

// Settings and filters stand there as they were sent.
function Note({ of: line, named }: { of: Audit; named: Map<string, string> }) {
  const written = line.note.startsWith("{") || line.what === "group set";
  return written ? <code>{line.note}</code> : <>{named.get(line.note) ?? said(line.note)}</>;
}

// The server itself is no person.
function who({ who: name, role }: Audit): string {
  if (!role || role === "server") return said(name);
  return role === name ? name : `${name} (${said(role)})`;
}

// Names of what the lines call by its number.
async function names(): Promise<Map<string, string>> {
  const rollouts = (await get<Page<Rollout>>("/rollouts?limit=1000")).items;
  return new Map([
    ...rollouts.map((r): [string, string] => [r.id, r.name || r.id]),
    ...(await versions()).map((v): [string, string] => [v.id, called(v)]),
  ]);
}

const load = async (before: string) => ({
  items: (await get<{ items: Audit[] }>(`/audit?limit=100&before=${before}`)).items,
  named: await names(),
});

export function AuditPage() {
  const [before, setBefore] = useState("");
  const list = useLive(() => load(before), [before]);
  const named = list.value?.named ?? new Map();
  return (
    <>
      <Title>{text("audit")}</Title>
      <Stale live={list} />
      {!list.value ? (
        <Waiting live={list} />
      ) : (
        <Table
          name={text("audit")}
          of={list.value.items}
          by={(a) => a.id}
          columns={[
            { name: text("when"), cell: (a) => moment(a.at_ms) },
            { name: text("who"), cell: who },
            { name: text("what"), cell: (a) => said(a.what) },
            { name: text("of what"), cell: (a) => a.target && <Target of={a} named={named} /> },
            { name: text("note"), cell: (a) => a.note && <Note of={a} named={named} /> },
          ]}
        />
      )}
      <div class="row">
        {before && (
          <button type="button" onClick={() => setBefore("")}>
            {capital(text("newest"))}
          </button>
        )}
        {list.value?.items.length === 100 && (
          <button type="button" onClick={() => setBefore(list.value!.items.at(-1)!.id)}>
            {capital(text("older"))}
          </button>
        )}
      </div>
    </>
  );
}
