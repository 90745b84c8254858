// settings.tsx: how often devices ask, what may be shown of them, how long it is kept.
import { useLive } from "../live";
import { notify } from "../notice";
import { Facts, Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Field, Form, type Values } from "../parts/form";
import { useMay } from "../rights";
import { to } from "../route";
import { get, send } from "../server";
import type { Tenant } from "../shapes";
import { text } from "../words";

const numbers = ["poll_seconds", "cohort_min", "retention_days", "window_seconds"];

function Change({ tenant, again }: { tenant: Tenant; again: () => void }) {
  async function change(values: Values) {
    await send(
      "PATCH",
      "/tenant",
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, numbers.includes(name) ? Number(value) : value]),
      ),
    );
    notify({ words: text("settings are kept"), bad: false });
    again();
  }
  return (
    <Form verb={text("keep")} onSubmit={change}>
      <Field
        id="poll_seconds"
        name={text("devices ask every … seconds")}
        type="number"
        value={String(tenant.poll_seconds)}
        needed
      />
      <Field
        id="cohort_min"
        name={text("show statistics of at least … devices")}
        type="number"
        value={String(tenant.cohort_min)}
        needed
      />
      <Field
        id="window_seconds"
        name={text("health over time in windows of … seconds")}
        type="number"
        value={String(tenant.window_seconds)}
        needed
      />
      <Field
        id="retention_days"
        name={text("erase reports after … days")}
        type="number"
        value={String(tenant.retention_days)}
        needed
      />
    </Form>
  );
}

function Shown({ tenant }: { tenant: Tenant }) {
  return (
    <Facts
      rows={[
        [text("devices ask every … seconds"), tenant.poll_seconds],
        [text("show statistics of at least … devices"), tenant.cohort_min],
        [text("health over time in windows of … seconds"), tenant.window_seconds],
        [text("erase reports after … days"), tenant.retention_days],
      ]}
    />
  );
}

export function SettingsPage() {
  const may = useMay();
  const tenant = useLive(() => get<Tenant>("/tenant"), [], 0);
  const admin = may("administer");
  return (
    <>
      <Title
        beside={
          admin && (
            <p>
              <a href={to("keys")}>{text("keys")}</a>
            </p>
          )
        }
      >
        {text("settings")}
      </Title>
      <Stale live={tenant} />
      {!tenant.value ? (
        <Waiting live={tenant} />
      ) : admin ? (
        <Change tenant={tenant.value} again={tenant.again} />
      ) : (
        <Shown tenant={tenant.value} />
      )}
      {tenant.value && (
        <Section name={text("signing")}>
          <Soft>
            {text(
              "The next package is to be signed with the sequence number {} or more. This server holds no signing key.",
              tenant.value.next_sequence,
            )}
          </Soft>
        </Section>
      )}
    </>
  );
}
