// known_versions.ts: names instead of ids: "kws v2" for 3f2a91c0….
import { none, short } from "./format";
import { get } from "./server";
import type { Page, Version } from "./shapes";
import { text } from "./words";

export type Called = (id: string) => string;

export async function versions(): Promise<Version[]> {
  return (await get<Page<Version>>("/versions?limit=1000")).items;
}

export function callings(of: Version[]): Called {
  const names = new Map(of.map((v) => [v.id, `${v.model} ${v.name || short(v.id)}`]));
  return (id) => (id ? (names.get(id) ?? short(id)) : text("none known"));
}

export const called = (v: Version) => `${v.model} ${v.name || short(v.id)}`.trim() || none;
