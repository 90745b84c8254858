// keys.tsx: who may do what: keys, their roles and areas. A key's secret is shown once.
import { useState } from "preact/hooks";
import { moment } from "../format";
import { useLive } from "../live";
import { act } from "../notice";
import { Mark, Section, Soft, Stale, Title, Waiting } from "../parts/basic";
import { Ask } from "../parts/dialog";
import { Choice, Field, Form, Tick, type Values } from "../parts/form";
import { Table } from "../parts/table";
import { to } from "../route";
import { get, part, send } from "../server";
import type { Key, Page } from "../shapes";
import { capital, said, text } from "../words";

const areas = (): [string, string][] => [
  ["devices", text("devices")],
  ["registry", text("registry")],
  ["rollouts", text("roll-outs")],
  ["telemetry", text("telemetry")],
  ["admin", text("administration")],
];

const roles = (): [string, string][] => [
  ["viewer", text("viewer: sees")],
  ["operator", text("operator: sees and acts")],
  ["approver", text("approver: sees and approves")],
  ["gateway", text("gateway: speaks for devices")],
  ["admin", text("admin: all")],
];

function NewKey({ again }: { again: () => void }) {
  const [secret, setSecret] = useState("");
  async function make(values: Values) {
    const days = Number(values.days);
    const made = await send<{ secret: string }>("POST", "/keys", {
      name: values.name,
      role: values.role,
      scopes: areas()
        .map(([area]) => area)
        .filter((area) => values[area] === "on"),
      expires_ms: days > 0 ? Date.now() + days * 86400000 : 0,
    });
    setSecret(made.secret);
    again();
  }
  return (
    <Section name={text("a new key")}>
      <Form verb={text("make")} onSubmit={make}>
        <Field id="name" name={text("name")} hint="ana" needed />
        <Choice id="role" name={text("role")} of={roles()} />
        <Field id="days" name={text("good for days; 0: until it is revoked")} type="number" value="0" />
        <fieldset>
          <legend>{capital(text("only for; none ticked: all of the role"))}</legend>
          {areas().map(([area, name]) => (
            <Tick key={area} id={area} name={name} />
          ))}
        </fieldset>
      </Form>
      {secret && (
        <p class="notice" role="status">
          {text("Shown once:")} <code id="secret">{secret}</code>
        </p>
      )}
      <Soft>{text("Who acts does not approve: it takes two keys.")}</Soft>
    </Section>
  );
}

export function KeysPage() {
  const list = useLive(() => get<Page<Key>>("/keys?limit=1000"));
  const revoke = (key: Key) => () => act(() => send("DELETE", "/keys/" + part(key.id)), list.again);
  return (
    <>
      <Title
        beside={
          <p>
            <a href={to("settings")}>{text("settings")}</a>
          </p>
        }
      >
        {text("keys")}
      </Title>
      <Stale live={list} />
      {!list.value ? (
        <Waiting live={list} />
      ) : (
        <>
          <Table
            name={text("keys")}
            of={list.value.items}
            by={(k) => k.id}
            columns={[
              { name: text("name"), cell: (k) => k.name },
              { name: text("role"), cell: (k) => said(k.role) },
              {
                name: text("only for"),
                cell: (k) =>
                  areas()
                    .filter(([area]) => k.scopes.includes(area))
                    .map(([, name]) => name)
                    .join(", ") || text("all"),
              },
              { name: text("made"), cell: (k) => moment(k.created_ms) },
              { name: text("good until"), cell: (k) => (k.expires_ms ? moment(k.expires_ms) : text("it is revoked")) },
              {
                name: "",
                cell: (k) =>
                  k.revoked ? (
                    <Mark state="revoked" />
                  ) : (
                    <Ask
                      danger
                      verb={text("revoke")}
                      question={text("revoke the key of {}?", k.name)}
                      onYes={revoke(k)}
                    />
                  ),
              },
            ]}
          />
          <NewKey again={list.again} />
        </>
      )}
    </>
  );
}
