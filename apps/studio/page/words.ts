// words.ts: what people read, in their language.
//
//     text("{} of {} devices", 3, 12)          "3 of 12 devices", or "3 de 12 dispositivos"
//     said("paused by ana")                    a sentence of the server, which speaks English
//
// The English sentence is the key. words/pt.po is the one catalogue; tools/page-words takes from it what is used here.
import portuguese from "./words.pt.json";
import { sentences } from "./known";
import { of_names, refusals } from "./known_refusals";

export type Language = "en" | "pt";

const catalogue = portuguese as Record<string, string>;
let chosen: Language = first();

function first(): Language {
  const kept = localStorage.getItem("language");
  if (kept === "en" || kept === "pt") return kept;
  return navigator.language.startsWith("pt") ? "pt" : "en";
}

export const language = () => chosen;
export const locale = () => (chosen === "pt" ? "pt-BR" : "en-GB");

export function choose(next: Language) {
  chosen = next;
  localStorage.setItem("language", next);
}

function fill(sentence: string, values: unknown[]): string {
  let next = 0;
  return sentence.replace(/\{\}/g, () => String(values[next++]));
}

export function text(sentence: string, ...values: unknown[]): string {
  return fill(chosen === "pt" ? (catalogue[sentence] ?? sentence) : sentence, values);
}

// As a sentence, a title or a button begins.
export const capital = (words: string) => words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1);

const escaped = (part: string) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const patterns = [...sentences, ...refusals].map((sentence) => ({
  sentence,
  form: new RegExp("^" + sentence.split("{}").map(escaped).join("(.+)") + "$"),
}));

// "+0.25" as the reader writes it.
const number = (value: string) => (/^[+-]?\d+\.\d+$/.test(value) ? value.replace(".", ",") : said(value));

// A sentence that is not known stays as it came.
export function said(sentence: string): string {
  if (chosen === "en" || !sentence) return sentence;
  for (const { sentence: known, form } of patterns) {
    const match = form.exec(sentence);
    if (match) return text(known, ...match.slice(1).map((value) => (of_names.includes(known) ? value : number(value))));
  }
  return sentence;
}
