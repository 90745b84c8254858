// unfit.tsx: devices that no variant fits, and why.
import { count } from "../format";
import type { Unfit as Row } from "../shapes";
import { said, text } from "../words";
import { Section } from "./basic";
import { Table } from "./table";

export function Unfit({ of }: { of: Row[] }) {
  if (of.length === 0) return null;
  return (
    <Section name={text("no variant fits these")}>
      <Table
        name={text("no variant fits these")}
        of={of}
        by={(row) => row.why}
        columns={[
          { name: text("devices"), cell: (row) => count(row.devices), number: true },
          { name: text("why"), cell: (row) => said(row.why) },
        ]}
      />
    </Section>
  );
}
