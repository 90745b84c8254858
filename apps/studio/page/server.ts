// server.ts: asks /api/v1. The key stays in this tab and travels in a header: no cookie, nothing another site could use.
//
//     const report = await get<Report>("/report");
//     await send("POST", `/rollouts/${part(id)}/pause`);          // throws Refused with the server's words
const slot = "key";

export class Refused extends Error {
  constructor(
    readonly status: number,
    what: string,
    readonly hint: string,
  ) {
    super(what);
  }
}

export const hasKey = () => sessionStorage.getItem(slot) !== null;
export const keepKey = (key: string) => sessionStorage.setItem(slot, key);
export const forgetKey = () => sessionStorage.removeItem(slot);

// An id as one part of an address.
export const part = (id: string) => encodeURIComponent(id);

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch("/api/v1" + path, {
    method,
    headers: { Authorization: "Bearer " + sessionStorage.getItem(slot) },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => {
    throw new Refused(0, "", "");
  });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said as T;
  throw new Refused(answer.status, said.error ?? answer.statusText, said.hint ?? "");
}

export const get = <T>(path: string) => ask<T>("GET", path);
export const send = <T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown) =>
  ask<T>(method, path, body);
