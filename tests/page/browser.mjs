// browser.mjs: headless Chromium, spoken to over a pipe in its own DevTools protocol. Needs Node 18 and nothing else.
//
//     const browser = await Browser.start();
//     const page = await browser.page({ width: 360, height: 740 });
//     await page.go("http://127.0.0.1:8080/");
//     await page.click("button", "enter");                  // the first one shown that has these words
//     await page.until(() => document.title.startsWith("Overview"));
//     await browser.end();
//
// Waits are for what is to be seen, never for a time; until() gives up after ten seconds and says what it waited for.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const patience_ms = 10000;
const keys = { Tab: 9, Enter: 13, Escape: 27, Space: 32 };

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.folder = mkdtempSync(join(tmpdir(), "jatai-page-"));
    browser.program = spawn(
      "chromium",
      [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--disable-extensions",
        "--force-device-scale-factor=1",
        "--remote-debugging-pipe",
        "--user-data-dir=" + browser.folder,
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] },
    );
    browser.listen();
    await browser.send("Browser.getVersion");
    return browser;
  }

  waiting = new Map();
  listeners = new Map();
  last = 0;

  listen() {
    let rest = "";
    this.program.stdio[4].on("data", (bytes) => {
      const parts = (rest + bytes).split("\0");
      rest = parts.pop();
      parts.forEach((part) => this.take(JSON.parse(part)));
    });
  }

  take({ id, result, error, method, params, sessionId }) {
    if (id === undefined) return this.listeners.get(sessionId)?.(method, params);
    const { keep, refuse } = this.waiting.get(id);
    this.waiting.delete(id);
    return error ? refuse(new Error(error.message)) : keep(result);
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.last;
    this.program.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + "\0");
    return new Promise((keep, refuse) => this.waiting.set(id, { keep, refuse }));
  }

  // A window with a storage of its own: what one page keeps, no other sees.
  async page({ width = 1200, height = 900, language = "en-GB", dark = false } = {}) {
    const { browserContextId } = await this.send("Target.createBrowserContext");
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank", browserContextId });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    await page.prepare({ width, height, language, dark });
    return page;
  }

  async end() {
    const ended = new Promise((done) => this.program.once("exit", done));
    await this.send("Browser.close").catch(() => {});
    await ended;
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Page {
  complaints = []; // errors of scripts, and what the Content-Security-Policy refused

  constructor(browser, session) {
    this.browser = browser;
    this.session = session;
    browser.listeners.set(session, (method, params) => this.hear(method, params));
  }

  send(method, params) {
    return this.browser.send(method, params, this.session);
  }

  async prepare({ width, height, language, dark }) {
    await Promise.all(
      ["Page.enable", "Runtime.enable", "Log.enable", "Network.enable"].map((method) => this.send(method)),
    );
    await this.resize(width, height);
    await this.send("Emulation.setEmulatedMedia", {
      features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
    });
    await this.send("Emulation.setFocusEmulationEnabled", { enabled: true }); // many windows, each with its focus
    await this.send("Emulation.setLocaleOverride", { locale: language });
    await this.send("Network.setUserAgentOverride", { userAgent: "jatai test", acceptLanguage: language });
    await this.send("Page.addScriptToEvaluateOnNewDocument", {
      source: `addEventListener("securitypolicyviolation", (e) => console.error("CSP: " + e.violatedDirective + " " + e.blockedURI));`,
    });
  }

  resize(width, height) {
    return this.send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
  }

  hear(method, params) {
    if (method === "Runtime.exceptionThrown")
      this.complaints.push(params.exceptionDetails.exception?.description ?? "exception");
    if (method === "Runtime.consoleAPICalled" && params.type === "error")
      this.complaints.push(params.args.map((a) => a.value).join(" "));
    if (method === "Log.entryAdded" && params.entry.source === "security") this.complaints.push(params.entry.text);
  }

  go(url) {
    return this.send("Page.navigate", { url });
  }

  // Signed in with this key, at the first page.
  async enter(url, key) {
    await this.arrive(url);
    await this.use(key);
  }

  async arrive(url) {
    await this.go(url);
    await this.until(() => document.querySelector("input[type=password]"));
  }

  async use(key) {
    await this.evaluate((given) => sessionStorage.setItem("key", given), key);
    await this.send("Page.reload");
    await this.until(() => document.querySelector("nav"));
  }

  async evaluate(what, ...values) {
    const expression = `(${what})(${values.map((value) => JSON.stringify(value)).join(",")})`;
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  async until(what, ...values) {
    const end = Date.now() + patience_ms;
    for (;;) {
      const value = await this.evaluate(what, ...values).catch(() => undefined);
      if (value) return value;
      if (Date.now() > end)
        throw new Error(`waited in vain for ${what} ${JSON.stringify(values)}; the page says:\n${await this.words()}`);
      await new Promise((wake) => setTimeout(wake, 30));
    }
  }

  words() {
    return this.evaluate(() => document.body.innerText);
  }

  // Until these words are on the page, in whatever case.
  reads(words) {
    return this.until((wanted) => document.body.innerText.toLowerCase().includes(wanted.toLowerCase()), words);
  }

  // The middle of the first shown element that fits; waits for it.
  place(selector, words = "") {
    return this.until(
      (chosen, wanted) => {
        const open = document.querySelector("dialog[open]") ?? document;
        const element = [...open.querySelectorAll(chosen)].find(
          (e) =>
            e.getClientRects().length > 0 && !e.disabled && e.textContent.toLowerCase().includes(wanted.toLowerCase()),
        );
        if (!element) return null;
        element.scrollIntoView({ block: "center" });
        const box = element.getBoundingClientRect();
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      },
      selector,
      words,
    );
  }

  async click(selector, words) {
    const { x, y } = await this.place(selector, words);
    for (const type of ["mousePressed", "mouseReleased"]) {
      await this.send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    }
  }

  async fill(selector, words) {
    await this.place(selector);
    await this.evaluate((chosen) => {
      const box = document.querySelector(chosen);
      box.focus();
      box.select?.();
    }, selector);
    await this.send("Input.insertText", { text: words });
  }

  async press(key, modifiers = 0) {
    const about = { key: key === "Space" ? " " : key, code: key, windowsVirtualKeyCode: keys[key], modifiers };
    const text = key === "Enter" ? "\r" : key === "Space" ? " " : undefined;
    await this.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", text, ...about });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...about });
  }

  // What has the focus: its tag and its words.
  focused() {
    return this.evaluate(
      () =>
        `${document.activeElement.tagName} ${(document.activeElement.innerText || document.activeElement.name || "").trim()}`,
    );
  }

  // The whole page, however long.
  async picture(file) {
    const { cssContentSize } = await this.send("Page.getLayoutMetrics");
    const clip = { x: 0, y: 0, width: cssContentSize.width, height: cssContentSize.height, scale: 1 };
    const { data } = await this.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, clip });
    writeFileSync(file, Buffer.from(data, "base64"));
  }
}
