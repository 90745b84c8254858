// devices.tsx: the devices a filter lets through, a hundred at a time.
import { ago } from "../format";
import { callings, versions } from "../known_versions";
import { useLive } from "../live";
import type { PageProps } from "../pages";
import { Mark, Stale, Title, Waiting } from "../parts/basic";
import { Field, Form } from "../parts/form";
import { Table } from "../parts/table";
import { asked, to } from "../route";
import { get } from "../server";
import type { Device, Page } from "../shapes";
import { said, text } from "../words";

const load = async (filter: string, after: string) => ({
  page: await get<Page<Device>>(`/devices?limit=100&${asked({ filter, after })}`),
  called: callings(await versions()),
});

export function DevicesPage({ query }: PageProps) {
  const filter = query.get("filter") ?? "",
    after = query.get("after") ?? "";
  const list = useLive(() => load(filter, after), [filter, after]);
  const search = async (values: Record<string, string>) => {
    location.hash = to("devices", "", { filter: values.filter });
  };
  return (
    <>
      <Title
        beside={
          <p>
            <a href={to("groups")}>{text("groups")}</a> · <a href={to("enrol")}>{text("enrol a device")}</a>
          </p>
        }
      >
        {text("devices")}
      </Title>
      <Form verb={text("search")} onSubmit={search} inline key={filter}>
        <Field id="filter" name={text("filter")} value={filter} hint={"board == nano33ble and firmware >= 1.4"} />
      </Form>
      <Stale live={list} />
      {list.value ? <List {...list.value} /> : <Waiting live={list} />}
      {list.value?.page.next && (
        <p>
          <a href={to("devices", "", { filter, after: list.value.page.next })}>{text("more")}</a>
        </p>
      )}
    </>
  );
}

function List({ page, called }: Awaited<ReturnType<typeof load>>) {
  return (
    <Table
      name={text("devices")}
      of={page.items}
      by={(d) => d.id}
      empty={text("no device matches")}
      columns={[
        { name: text("device"), cell: (d) => <a href={to("devices", d.id)}>{d.id}</a> },
        { name: text("board"), cell: (d) => d.board },
        { name: text("state"), cell: (d) => <Mark state={d.state} /> },
        { name: text("version"), cell: (d) => called(d.reported) },
        { name: text("last seen"), cell: (d) => ago(d.seen_ms) },
        { name: text("last failure"), cell: (d) => said(d.reason) },
      ]}
    />
  );
}
