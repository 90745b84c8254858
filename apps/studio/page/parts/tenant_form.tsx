// tenant_form.tsx: what is set for everybody: numbers and words of the tenant, kept by one button. The pages of settings
// and of alerts have one each.
//
//     <TenantForm tenant={live} of={[{ field: "poll_seconds", name: text("…") }]} />
import type { Live } from "../live";
import { notify } from "../notice";
import { useMay } from "../rights";
import { send } from "../server";
import type { Tenant } from "../shapes";
import { text } from "../words";
import { Facts, Stale, Waiting } from "./basic";
import { Field, Form, type Values } from "./form";

type Kept = string | string[] | number;

export interface Setting {
  field: keyof Tenant & string;
  name: string;
  hint?: string; // without it: a number
  times?: number; // what one of the reader's units is of the server's
}

const list = (written: string) => written.split(/[\s,;]+/).filter(Boolean);

function shown(tenant: Tenant, { field, times = 1 }: Setting): string {
  const value = tenant[field] as Kept;
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "number" ? String(+(value / times).toPrecision(9)) : value;
}

function kept(tenant: Tenant, { field, hint, times = 1 }: Setting, written: string): Kept {
  if (Array.isArray(tenant[field])) return list(written);
  return hint === undefined ? Number(written) * times : written.trim();
}

function Change({ tenant, of, again }: { tenant: Tenant; of: Setting[]; again: () => void }) {
  async function change(values: Values) {
    const all = of.map((one) => [one.field, kept(tenant, one, values[one.field])]);
    await send("PATCH", "/tenant", Object.fromEntries(all));
    notify({ words: text("settings are kept"), bad: false });
    again();
  }
  return (
    <Form verb={text("keep")} onSubmit={change}>
      {of.map((one) => (
        <Field
          key={one.field}
          id={one.field}
          name={one.name}
          hint={one.hint}
          type={one.hint === undefined ? "number" : "text"}
          value={shown(tenant, one)}
          needed={one.hint === undefined}
        />
      ))}
    </Form>
  );
}

// To change for who administers, to read for everybody else.
export function TenantForm({ tenant, of }: { tenant: Live<Tenant>; of: Setting[] }) {
  const may = useMay();
  if (!tenant.value) return <Waiting live={tenant} />;
  const { value } = tenant;
  return (
    <>
      <Stale live={tenant} />
      {may("administer") ? (
        <Change tenant={value} of={of} again={tenant.again} />
      ) : (
        <Facts rows={of.map((one) => [one.name, shown(value, one)])} />
      )}
    </>
  );
}
