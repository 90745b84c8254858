// enrol.tsx: lets a device in: by a one-time code, also as a picture, or at once with a token.
import { useContext, useState } from "preact/hooks";
import { moment } from "../format";
import { Section, Soft, Title } from "../parts/basic";
import { Field, Form, type Values } from "../parts/form";
import { QrPicture } from "../parts/qr_picture";
import { Whose } from "../rights";
import { asked, to } from "../route";
import { send } from "../server";
import { text } from "../words";

interface Code {
  code: string;
  expires_ms: number;
}
interface Enrolled {
  items: { id: string; token: string }[];
}

// The words that jatai fleet enroll --qr draws, too.
const scanned = (what: string, facts: Record<string, string>) => `jatai:${what}?${asked(facts)}`;

function ByCode() {
  const [made, setMade] = useState<Code | null>(null);
  const { tenant } = useContext(Whose);
  const make = async ({ device, group, hours }: Values) =>
    setMade(await send<Code>("POST", "/codes", { device, group, seconds: Math.round(3600 * Number(hours)) }));
  const address = `${location.origin}/api/v1/enroll?tenant=${tenant}`;
  return (
    <Section name={text("by a one-time code")}>
      <Form verb={text("make a code")} onSubmit={make} inline>
        <Field id="device" name={text("device, or any")} hint="mic-1" />
        <Field id="group" name={text("group, or none")} hint="lab" />
        <Field id="hours" name={text("good for hours")} type="number" value="24" needed />
      </Form>
      {made && (
        <div class="split" role="status">
          <QrPicture
            name={text("the code as a picture")}
            words={scanned("enroll", { code: made.code, server: location.origin, tenant })}
          />
          <div>
            <p>{text("Shown once. Good for one device, until {}.", moment(made.expires_ms))}</p>
            <p>
              <code id="code">{made.code}</code>
            </p>
            <p class="soft">{text("The device, or the phone beside it, sends:")}</p>
            <pre tabIndex={0}>{`POST ${address}\n{"code": "${made.code}", "id": "…"}`}</pre>
          </div>
        </div>
      )}
    </Section>
  );
}

function AtOnce() {
  const { tenant } = useContext(Whose);
  const [made, setMade] = useState<Enrolled | null>(null);
  const enrol = async ({ id, board }: Values) => setMade(await send<Enrolled>("POST", "/devices", { id, board }));
  return (
    <Section name={text("at once, with a token")}>
      <Form verb={text("enrol")} onSubmit={enrol} inline>
        <Field id="id" name={text("name")} hint="mic-1" needed />
        <Field id="board" name={text("board")} hint="nano33ble" />
      </Form>
      {made?.items.map((item) => (
        <div key={item.id} class="split" role="status">
          <QrPicture
            name={text("the token as a picture")}
            words={scanned("device", { id: item.id, token: item.token, server: location.origin, tenant })}
          />
          <p>
            <a href={to("devices", item.id)}>{item.id}</a>: {text("its token, shown once:")} <code>{item.token}</code>
          </p>
        </div>
      ))}
      <Soft>
        {text("A whole factory at once:")} <code>jatai fleet enroll --csv devices.csv --out tokens.csv</code>
      </Soft>
    </Section>
  );
}

export function EnrolPage() {
  return (
    <>
      <Title
        beside={
          <p>
            <a href={to("devices")}>{text("devices")}</a>
          </p>
        }
      >
        {text("enrol a device")}
      </Title>
      <ByCode />
      <AtOnce />
    </>
  );
}
