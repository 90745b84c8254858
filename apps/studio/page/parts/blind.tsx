// blind.tsx: what the gate cannot see, said wherever its verdict is shown.
import { text } from "../words";
import { Section } from "./basic";

export function Blind({ version: _ }: { version: string }) {
  return (
    <Section name={text("what the gate cannot see")}>
      <ul>
        <li>{text("concept drift: outputs that look as before while their meaning has changed. Only labels show that.")}</li>
        <li>{text("errors that are as sure of themselves as right answers: expected accuracy believes the model's own confidence.")}</li>
        <li>{text("a harm that falls on few devices: the test looks at shares, not at single ones.")}</li>
        <li>{text("devices that do not let their health be seen: they are no evidence, neither way.")}</li>
      </ul>
    </Section>
  );
}
