// form.tsx: fields with their names above them, and a form that says at its own place why it was refused.
//
//     <Form verb={text("make")} onSubmit={(values) => send("POST", "/keys", { name: values.name })}>
//       <Field id="name" name={text("name")} needed />
//     </Form>
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { explain } from "../notice";
import { capital } from "../words";

export type Values = Record<string, string>;

interface FormProps {
  verb: string;
  onSubmit: (values: Values, verb: string) => Promise<unknown>;
  other?: [string, string]; // a second button: its name and its words
  children: ComponentChildren;
  inline?: boolean;
}

export function Form({ verb, other, onSubmit, children, inline }: FormProps) {
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)) as Values;
    setBusy(true);
    setProblem("");
    const pressed = (event.submitter as HTMLButtonElement | null)?.value ?? "";
    await onSubmit(values, pressed).catch((error) => setProblem(explain(error)));
    setBusy(false);
  }
  return (
    <form class={inline ? "inline" : undefined} onSubmit={submit}>
      {children}
      <div class="row">
        <button type="submit" class="full" disabled={busy}>
          {capital(verb)}
        </button>
        {other && (
          <button type="submit" value={other[0]} disabled={busy}>
            {capital(other[1])}
          </button>
        )}
      </div>
      {problem && (
        <p class="alert" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

interface FieldProps {
  id: string;
  name: string;
  value?: string;
  hint?: string;
  type?: "text" | "number" | "password" | "time";
  needed?: boolean;
  focus?: boolean;
}

export function Field({ id, name, value, hint, type = "text", needed, focus }: FieldProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => void (focus && box.current?.focus()), []);
  return (
    <label>
      {capital(name)}
      <input
        ref={box}
        id={id}
        name={id}
        type={type as "text"}
        defaultValue={value}
        placeholder={hint}
        required={needed}
        autocomplete="off"
        spellcheck={false}
        min={type === "number" ? 0 : undefined}
        step="any"
      />
    </label>
  );
}

export function Choice({
  id,
  name,
  of,
  value,
  onChange,
}: {
  id: string;
  name: string;
  of: [string, string][];
  value?: string;
  onChange?: (value: string) => void;
}) {
  return (
    <label>
      {capital(name)}
      <select id={id} name={id} onChange={(event) => onChange?.(event.currentTarget.value)}>
        {of.map(([key, shown]) => (
          <option key={key} value={key} selected={key === value}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}

export const Tick = ({ id, name, on }: { id: string; name: string; on?: boolean }) => (
  <label class="tick">
    <input type="checkbox" id={id} name={id} defaultChecked={on} /> {capital(name)}
  </label>
);
