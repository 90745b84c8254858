// app.tsx: the frame of every page: where one can go, the language, and the button that stops everything.
import { useEffect, useRef, useState } from "preact/hooks";
import { useLive } from "./live";
import { act, notify, useNotice } from "./notice";
import { pages } from "./pages";
import { Ask } from "./parts/dialog";
import { Whose } from "./rights";
import { to, useRoute } from "./route";
import { Refused, forgetKey, get, hasKey, send } from "./server";
import type { Me, Tenant } from "./shapes";
import { SignIn } from "./sign_in";
import { capital, choose, language, locale, text } from "./words";

function Notices() {
  const notice = useNotice();
  return (
    <div aria-live="assertive">
      {notice && (
        <p class={notice.bad ? "alert" : "notice"}>
          {notice.words}{" "}
          <button type="button" onClick={() => notify(null)}>
            {capital(text("close"))}
          </button>
        </p>
      )}
    </div>
  );
}

function Navigation({ here }: { here: string }) {
  return (
    <nav aria-label={text("pages")}>
      {Object.entries(pages)
        .filter(([, page]) => page.listed)
        .map(([name, page]) => (
          <a key={name} href={to(name)} aria-current={name === here ? "page" : undefined}>
            {capital(page.name())}
          </a>
        ))}
    </nav>
  );
}

// Always there. A viewer's key cannot press it, and is told so by the server.
function StopButton({ tenant, again }: { tenant: Tenant; again: () => void }) {
  if (tenant.stopped) {
    return (
      <Ask
        id="stop"
        verb={text("let things go on")}
        question={text("offer updates again?")}
        onYes={() => act(() => send("POST", "/go"), again)}
      />
    );
  }
  return (
    <Ask
      id="stop"
      danger
      verb={text("stop everything")}
      question={text("really stop everything?")}
      onYes={() => act(() => send("POST", "/stop"), again)}
    >
      <p>
        {text(
          "Running roll-outs pause, and what was offered and not yet taken is withheld. Nothing is lost, and you can let things go on afterwards.",
        )}
      </p>
    </Ask>
  );
}

interface FrameProps {
  onLanguage: () => void;
  onLeave: (why?: string) => void;
}

function Frame({ onLanguage, onLeave }: FrameProps) {
  const route = useRoute();
  const tenant = useLive(() => get<Tenant>("/tenant"));
  const me = useLive(() => get<Me>("/me"), [], 0);
  const main = useRef<HTMLElement>(null);
  const page = pages[route.page] ?? pages.overview;
  const refused = tenant.error instanceof Refused && tenant.error.status === 401;
  useEffect(() => {
    if (refused) onLeave(text("this key opens nothing any more"));
  }, [refused]);
  useArrival(main, route.page + "/" + route.id, page.name());
  return (
    <Whose.Provider value={me.value ?? { tenant: "", name: "", role: "", scopes: [] }}>
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {capital(text("skip to the content"))}
      </a>
      <header>
        <h1>
          <a href={to("overview")}>Jataí</a>
        </h1>
        <Navigation here={page.under ?? route.page} />
        <div class="row">
          <button type="button" id="language" lang={language() === "pt" ? "en" : "pt-BR"} onClick={onLanguage}>
            {language() === "pt" ? "English" : "Português"}
          </button>
          <button type="button" id="leave" onClick={() => onLeave()}>
            {capital(text("leave"))}
          </button>
          {tenant.value ? (
            <StopButton tenant={tenant.value} again={tenant.again} />
          ) : (
            <button type="button" class="danger" disabled>
              {capital(text("stop everything"))}
            </button>
          )}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {tenant.value?.stopped && (
          <p class="alert" role="status">
            {text("Everything is stopped: no device is offered anything.")}
          </p>
        )}
        <Notices />
        <page.Show key={route.page + "/" + route.id} id={route.id} query={route.query} />
      </main>
    </Whose.Provider>
  );
}

// Coming to another page: its name in the tab, the focus at its start, no word of the page before.
function useArrival(main: { current: HTMLElement | null }, place: string, name: string) {
  const first = useRef(true);
  useEffect(() => {
    if (first.current) first.current = false;
    else main.current?.focus();
    notify(null);
  }, [place]);
  useEffect(() => void (document.title = `${capital(name)} · Jataí`));
}

export function App() {
  const [, draw] = useState(0);
  const [inside, setInside] = useState(hasKey());
  const [why, setWhy] = useState("");
  document.documentElement.lang = locale();
  const other = () => {
    choose(language() === "pt" ? "en" : "pt");
    draw((n) => n + 1);
  };
  const leave = (reason = "") => {
    forgetKey();
    setWhy(reason);
    setInside(false);
  };
  if (!inside) return <SignIn why={why} onLanguage={other} onEnter={() => setInside(true)} />;
  return <Frame onLanguage={other} onLeave={leave} />;
}
