// notice.ts: one line at the top of the page: what was refused and what to do next, or what went well.
//
//     await act(() => send("POST", "/stop"), live.again);
import { useEffect, useState } from "preact/hooks";
import { Refused } from "./server";
import { capital, said, text } from "./words";

export interface Notice {
  words: string;
  bad: boolean;
}

let current: Notice | null = null;
let listener: (() => void) | null = null;

export function notify(notice: Notice | null) {
  current = notice;
  listener?.();
}

export function useNotice(): Notice | null {
  const [, draw] = useState(0);
  useEffect(() => {
    listener = () => draw((n) => n + 1);
    return () => void (listener = null);
  }, []);
  return current;
}

export function explain(error: unknown): string {
  if (!(error instanceof Refused)) return String(error);
  if (error.status === 0) return text("the server cannot be reached");
  if (error.status === 401) return text("this key opens nothing");
  if (error.status === 403) return text("this key may not do that: {}", said(error.message));
  if (error.status === 404) return capital(said(error.message)); // its hint names an address of the API
  return [capital(said(error.message)), said(error.hint)].filter(Boolean).join(" — ");
}

// Does it, then looks again; says why not. True when it was done.
export async function act(what: () => Promise<unknown>, then?: () => void): Promise<boolean> {
  try {
    await what();
    notify(null);
    then?.();
    return true;
  } catch (error) {
    notify({ words: explain(error), bad: true });
    return false;
  }
}
