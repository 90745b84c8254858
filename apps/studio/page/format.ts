// format.ts: numbers, times and sizes as the reader writes them. What is not known is a dash.
import { locale, text } from "./words";

export const none = "–";
export const count = (n: number) => n.toLocaleString(locale());
export const decimal = (n: number, digits: number) =>
  n.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const percent = (share: number, digits = 1) => decimal(100 * share, digits) + " %";
export const short = (id: string) => (id ? id.slice(0, 8) : none);
export const or = (value: string | number | undefined) => value || none;

export function bytes(n: number): string {
  if (!n) return none;
  if (n < 10240) return count(n) + " B";
  const [size, unit] = n < 1 << 20 ? [n / 1024, " KB"] : [n / (1 << 20), " MB"];
  return decimal(size, Number.isInteger(size) ? 0 : 1) + unit;
}

export function duration_us(us: number, digits = 2): string {
  if (!us) return none;
  if (us < 1000) return decimal(us, 0) + " µs";
  return us < 1e6 ? decimal(us / 1000, digits) + " ms" : decimal(us / 1e6, digits) + " s";
}

// A span of time that people chose: "2 h", "90 s".
export function span_s(seconds: number): string {
  if (seconds >= 3600 && seconds % 360 === 0) return count(seconds / 3600) + " h";
  return seconds >= 120 && seconds % 60 === 0 ? count(seconds / 60) + " min" : count(seconds) + " s";
}

export function energy_uj(uj: number): string {
  if (!uj) return none;
  return uj < 1000 ? decimal(uj, 1) + " µJ" : decimal(uj / 1000, 2) + " mJ";
}

export function moment(ms: number): string {
  return ms ? new Date(ms).toLocaleString(locale(), { dateStyle: "short", timeStyle: "medium" }) : text("never");
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

// "3 min. ago"
export function ago(ms: number): string {
  if (!ms) return text("never");
  const seconds = Math.max(0, (Date.now() - ms) / 1000);
  const words = new Intl.RelativeTimeFormat(locale(), { style: "short", numeric: "auto" });
  const [unit, size] = steps.find((step) => seconds >= step[1]) ?? steps[3];
  return words.format(-Math.floor(seconds / size), unit);
}

const tones: Record<string, string> = {
  running: "wait",
  waiting: "wait",
  paused: "wait",
  draft: "soft",
  finished: "good",
  approved: "good",
  done: "good",
  active: "good",
  well: "good",
  good: "good",
  installed: "good",
  stopped: "bad",
  aborted: "bad",
  failed: "bad",
  better: "good",
  worse: "bad",
  same: "mark",
  rejected: "bad",
  revoked: "bad",
  sick: "bad",
  bad: "bad",
  silent: "bad",
};
export const tone = (state: string) => tones[state] ?? "soft";
