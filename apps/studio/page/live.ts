// live.ts: what the server says, asked again every few seconds while somebody looks.
//
//     const report = useLive(() => get<Report>("/report"));
//     if (!report.value) return <Waiting live={report} />;
//
// Keeps    an answer that comes late is dropped when another was asked for; a refresh that fails keeps what was there.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

export interface Live<T> {
  value?: T;
  error?: Error;
  again: () => void;
}

export function useLive<T>(load: () => Promise<T>, needs: unknown[] = [], every_ms = 3000): Live<T> {
  const [state, setState] = useState<{ value?: T; error?: Error }>({});
  const latest = useRef(0);
  const ask = useCallback(() => {
    const mine = ++latest.current;
    const current = () => mine === latest.current;
    load().then(
      (value) => current() && setState({ value }),
      (error) => current() && setState((before) => ({ value: before.value, error })),
    );
  }, needs);
  useEffect(() => {
    setState({});
    ask();
    const timer = every_ms > 0 ? setInterval(() => document.hidden || ask(), every_ms) : 0;
    return () => {
      clearInterval(timer);
      ++latest.current;
    };
  }, [ask, every_ms]);
  return { ...state, again: ask };
}
