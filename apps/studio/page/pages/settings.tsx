// settings.tsx: how often devices ask, what may be shown of them, how long it is kept.
import { useLive } from "../live";
import { Section, Soft, Title } from "../parts/basic";
import { TenantForm, type Setting } from "../parts/tenant_form";
import { useMay } from "../rights";
import { to } from "../route";
import { get } from "../server";
import type { Tenant } from "../shapes";
import { text } from "../words";

const settings = (): Setting[] => [
  { field: "poll_seconds", name: text("devices ask every … seconds") },
  { field: "cohort_min", name: text("show statistics of at least … devices") },
  { field: "window_seconds", name: text("health over time in windows of … seconds") },
  { field: "retention_days", name: text("erase reports after … days") },
];

function Keys() {
  return (
    <p>
      <a href={to("keys")}>{text("keys")}</a>
    </p>
  );
}

export function SettingsPage() {
  const may = useMay();
  const tenant = useLive(() => get<Tenant>("/tenant"), [], 0);
  return (
    <>
      <Title beside={may("administer") && <Keys />}>{text("settings")}</Title>
      <TenantForm tenant={tenant} of={settings()} />
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
