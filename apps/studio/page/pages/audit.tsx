// audit.tsx: who did what, newest first.
import { useState } from "preact/hooks";
import { moment } from "../format";
import { useLive } from "../live";
import { Stale, Title, Waiting } from "../parts/basic";
import { Table } from "../parts/table";
import { to } from "../route";
import { get } from "../server";
import type { Audit } from "../shapes";
import { capital, said, text } from "../words";

const kinds: [string, string][] = [
  ["rollout ", "rollouts"],
  ["version ", "versions"],
  ["device ", "devices"],
  ["job ", "jobs"],
];

// What it was done to, and the way there.
function Target({ of: line }: { of: Audit }) {
  const kind = kinds.find(([begins]) => line.what.startsWith(begins));
  return kind ? <a href={to(kind[1], line.target)}>{line.target}</a> : <>{line.target}</>;
}

export function AuditPage() {
  const [before, setBefore] = useState("");
  const list = useLive(() => get<{ items: Audit[] }>(`/audit?limit=100&before=${before}`), [before]);
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
            { name: text("who"), cell: (a) => (a.role && a.role !== a.who ? `${a.who} (${a.role})` : a.who) },
            { name: text("what"), cell: (a) => said(a.what) },
            { name: text("of what"), cell: (a) => a.target && <Target of={a} /> },
            { name: text("note"), cell: (a) => said(a.note) },
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
