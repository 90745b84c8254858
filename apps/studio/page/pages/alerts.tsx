// alerts.tsx: what somebody should know, newest first, and where it is sent.
import { moment } from "../format";
import { useLive } from "../live";
import { act } from "../notice";
import { Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Table } from "../parts/table";
import { TenantForm, type Setting } from "../parts/tenant_form";
import { useMay } from "../rights";
import { get, send } from "../server";
import type { Alert, Tenant } from "../shapes";
import { capital, said, text } from "../words";

function Raised({ of }: { of: Alert[] }) {
  return (
    <Table
      name={text("alerts")}
      of={of}
      by={(a) => a.id}
      empty={text("nothing to tell yet")}
      columns={[
        { name: text("when"), cell: (a) => moment(a.at_ms) },
        { name: text("kind"), cell: (a) => said(a.kind) },
        { name: text("what"), cell: (a) => said(a.what) },
        { name: "webhook", cell: (a) => said(a.webhook) },
        { name: text("e-mail"), cell: (a) => said(a.email) },
        { name: text("not sent before it"), cell: (a) => a.unsent_before || "", number: true },
      ]}
    />
  );
}

const ways = (): Setting[] => [
  { field: "webhook", name: text("post them to this address; nothing: nowhere"), hint: "https://…" },
  { field: "emails", name: text("write them to these; nothing: to nobody"), hint: "ana@example.org" },
  { field: "silent_after_s", name: text("a device is silent after … minutes; 0: nobody is told"), times: 60 },
  { field: "drift_share", name: text("drift when more than … % of the reports say so"), times: 0.01 },
  { field: "alert_gap_s", name: text("the same not again for … minutes"), times: 60 },
  { field: "alerts_per_hour", name: text("at most … in an hour") },
];

export function AlertsPage() {
  const may = useMay();
  const list = useLive(() => get<{ items: Alert[] }>("/alerts?limit=100"));
  const tenant = useLive(() => get<Tenant>("/tenant"), [], 0);
  const attempt = () => act(() => send("POST", "/alerts/test"), list.again);
  return (
    <>
      <Title>{text("alerts")}</Title>
      <Stale live={list} />
      {list.value ? <Raised of={list.value.items} /> : <Waiting live={list} />}
      <Section name={text("where they go")}>
        <TenantForm tenant={tenant} of={ways()} />
        {may("administer") && (
          <p>
            <button type="button" id="try" onClick={attempt}>
              {capital(text("send one, to see that it arrives"))}
            </button>
          </p>
        )}
        <Soft>{text("E-mail needs jatai serve --smtp; its password is in no file and no log.")}</Soft>
      </Section>
    </>
  );
}
