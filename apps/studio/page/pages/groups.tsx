// groups.tsx: devices under one name: those a filter lets through, or those that carry the name.
import { useLive } from "../live";
import { notify } from "../notice";
import { Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Field, Form, type Values } from "../parts/form";
import { Table } from "../parts/table";
import { useMay } from "../rights";
import { to } from "../route";
import { get, part, send } from "../server";
import type { Group, Page } from "../shapes";
import { text } from "../words";

const members = (group: Group) => to("devices", "", { filter: group.filter || `group == "${group.id}"` });

export function GroupsPage() {
  const list = useLive(() => get<Page<Group>>("/groups?limit=1000"));
  const may = useMay();
  async function set({ id, filter, devices }: Values) {
    const ids = devices.split(/[\s,;]+/).filter(Boolean);
    await send("PUT", "/groups/" + part(id), { filter, devices: ids });
    notify({ words: text("group {} is set", id), bad: false });
    list.again();
  }
  return (
    <>
      <Title
        beside={
          <p>
            <a href={to("devices")}>{text("devices")}</a>
          </p>
        }
      >
        {text("groups")}
      </Title>
      <Stale live={list} />
      {!list.value ? (
        <Waiting live={list} />
      ) : (
        <Table
          name={text("groups")}
          of={list.value.items}
          by={(g) => g.id}
          columns={[
            { name: text("group"), cell: (g) => <a href={members(g)}>{g.id}</a> },
            {
              name: text("filter"),
              cell: (g) => (g.filter ? <code>{g.filter}</code> : text("those that carry its name")),
            },
          ]}
        />
      )}
      {may("operate") && (
        <Section name={text("set a group")}>
          <Form verb={text("set")} onSubmit={set}>
            <Field id="id" name={text("name")} hint="lab" needed />
            <Field id="filter" name={text("filter, or nothing")} hint="board == nano33ble" />
            <Field id="devices" name={text("devices to put in, or nothing")} hint="mic-1 mic-2" />
          </Form>
          <Soft>{text("A group with a filter holds whatever matches, devices that come later too.")}</Soft>
        </Section>
      )}
    </>
  );
}
