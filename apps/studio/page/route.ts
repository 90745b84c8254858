// route.ts: which page is shown: "#/devices/mic-1?filter=…" is page devices, id mic-1.
//
//     const route = useRoute();
//     <a href={to("devices", "mic-1")}>
import { useEffect, useState } from "preact/hooks";

export interface Route {
  page: string;
  id: string;
  query: URLSearchParams;
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parse(hash: string): Route {
  const [path, query] = hash.replace(/^#\/?/, "").split("?", 2);
  const [page, ...rest] = path.split("/");
  return { page: page || "overview", id: unescaped(rest.join("/")), query: new URLSearchParams(query ?? "") };
}

// "filter=board%20%3D%3D%20x"; what is empty is left out. A space is %20: not every reader takes + for one.
export function asked(query: Record<string, string>): string {
  const given = Object.entries(query).filter(([, value]) => value);
  return given.map(([name, value]) => name + "=" + encodeURIComponent(value)).join("&");
}

export function to(page: string, id = "", query: Record<string, string> = {}): string {
  const how = asked(query);
  return `#/${page}${id ? "/" + encodeURIComponent(id) : ""}${how ? "?" + how : ""}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parse(location.hash));
  useEffect(() => {
    const changed = () => setRoute(parse(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}
