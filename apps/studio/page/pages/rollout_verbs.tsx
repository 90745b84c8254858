// rollout_verbs.tsx: what one can do to a roll-out in the state it is in.
import { act } from "../notice";
import { Ask } from "../parts/dialog";
import { useMay } from "../rights";
import { part, send } from "../server";
import type { Rollout } from "../shapes";
import { capital, text } from "../words";

interface Verb {
  verb: string;
  shown: string;
  ask?: string;
  right: "operate" | "approve";
}

function verbs(state: string): Verb[] {
  const start: Verb = { verb: "start", shown: text("start"), right: "operate" };
  const approve: Verb = { verb: "approve", shown: text("approve"), right: "approve" };
  const pause: Verb = { verb: "pause", shown: text("pause"), right: "operate" };
  const resume: Verb = { verb: "resume", shown: text("resume"), right: "operate" };
  const abort: Verb = {
    verb: "abort",
    shown: text("abort"),
    ask: text("end it, and send back who has it?"),
    right: "operate",
  };
  const revert: Verb = {
    verb: "revert",
    shown: text("send everybody back"),
    ask: text("send back whoever runs it?"),
    right: "operate",
  };
  const of: Record<string, Verb[]> = {
    finished: [revert],
    stopped: [revert],
    aborted: [revert],
    draft: [start, abort],
    waiting: [approve, abort],
    running: [pause, abort],
    paused: [resume, approve, abort],
  };
  return of[state] ?? [];
}

export function Verbs({ rollout, again }: { rollout: Rollout; again: () => void }) {
  const may = useMay();
  const tell = (verb: string) => () => act(() => send("POST", `/rollouts/${part(rollout.id)}/${verb}`), again);
  return (
    <div class="row">
      {verbs(rollout.state)
        .filter(({ right }) => may(right))
        .map(({ verb, shown, ask }) =>
          ask ? (
            <Ask key={verb} danger verb={shown} question={ask} onYes={tell(verb)} />
          ) : (
            <button key={verb} type="button" id={verb} onClick={tell(verb)}>
              {capital(shown)}
            </button>
          ),
        )}
    </div>
  );
}
