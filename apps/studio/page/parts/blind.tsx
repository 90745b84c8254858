// blind.tsx: what the gate cannot see, said by the server and shown wherever its verdict is.
import { said, text } from "../words";
import { to } from "../route";
import { Section } from "./basic";

export function Blind({ of }: { of: string[] }) {
  return (
    <Section name={text("what the gate cannot see")}>
      <ul>
        {of.map((what) => (
          <li key={what}>{said(what)}</li>
        ))}
      </ul>
      <p>
        <a href={to("feedback")}>{text("say what the right answers were")}</a>
      </p>
    </Section>
  );
}
