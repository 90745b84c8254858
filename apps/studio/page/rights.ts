// rights.ts: what the key in use may do. The server decides; this only spares people buttons that would be refused.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Me } from "./shapes";

export type Right = "operate" | "approve" | "administer";

const roles: Record<Right, string[]> = {
  operate: ["operator", "admin"],
  approve: ["approver", "admin"],
  administer: ["admin"],
};

export const Whose = createContext<Me>({ tenant: "", name: "", role: "", scopes: [] });

export function useMay(): (right: Right) => boolean {
  const me = useContext(Whose);
  return (right) => roles[right].includes(me.role);
}
