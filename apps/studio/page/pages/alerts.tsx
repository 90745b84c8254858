// alerts.tsx: what somebody should know, newest first, and where it is sent.
import { moment } from "../format";
import { useLive } from "../live";
import { act, notify } from "../notice";
import { Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Field, Form, type Values } from "../parts/form";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { get, send } from "../server";
import type { Alert, Tenant } from "../shapes";
import { said, text } from "../words";

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

function Ways({ tenant, again }: { tenant: Tenant; again: () => void }) {
  async function keep(values: Values) {
    const emails = values.emails.split(/[\s,;]+/).filter(Boolean);
    const numbers = {
      silent_after_s: 60 * Number(values.silent),
      alert_gap_s: 60 * Number(values.gap),
      alerts_per_hour: Number(values.most),
      drift_share: Number(values.drift) / 100,
    };
    await send("PATCH", "/tenant", { webhook: values.webhook, emails, ...numbers });
    notify({ words: text("settings are kept"), bad: false });
    again();
  }
  return (
    <Form verb={text("keep")} onSubmit={keep}>
      <Field
        id="webhook"
        name={text("post them to this address; nothing: nowhere")}
        value={tenant.webhook}
        hint="https://…"
      />
      <Field
        id="emails"
        name={text("write them to these; nothing: to nobody")}
        value={tenant.emails.join(" ")}
        hint="ana@example.org"
      />
      <Field
        id="silent"
        name={text("a device is silent after … minutes; 0: nobody is told")}
        type="number"
        value={String(tenant.silent_after_s / 60)}
        needed
      />
      <Field
        id="drift"
        name={text("drift when more than … % of the reports say so")}
        type="number"
        value={String(100 * tenant.drift_share)}
        needed
      />
      <Field
        id="gap"
        name={text("the same not again for … minutes")}
        type="number"
        value={String(tenant.alert_gap_s / 60)}
        needed
      />
      <Field
        id="most"
        name={text("at most … in an hour")}
        type="number"
        value={String(tenant.alerts_per_hour)}
        needed
      />
    </Form>
  );
}

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
      {may("administer") && tenant.value && (
        <Section name={text("where they go")}>
          <Ways tenant={tenant.value} again={tenant.again} />
          <p>
            <button type="button" id="try" onClick={attempt}>
              {text("send one, to see that it arrives")}
            </button>
          </p>
          <Soft>{text("E-mail needs jatai serve --smtp; its password is in no file and no log.")}</Soft>
        </Section>
      )}
    </>
  );
}
