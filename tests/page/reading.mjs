// reading.mjs: by keyboard, on a phone, in two languages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { push } from "./fleet.mjs";
import { everywhere, inside, open, scene } from "./world.mjs";

test("the page speaks Portuguese to who prefers it, changes at a button, and says so in lang", async () => {
  const page = await inside({ language: "pt-BR" });
  await page.reads("versões em campo");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "pt-BR");
  await open(page, "#/rollouts/" + scene.bad.id);
  await page.reads("a porteira diz ruim");
  await page.click("#language", "English");
  await page.reads("the gate says bad");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en-GB");
});

test("every page in Portuguese is free of English sentences of the page", async () => {
  const page = await inside({ language: "pt-BR" });
  for (const hash of everywhere()) {
    await open(page, hash);
    const words = await page.evaluate(() => {
      const main = document.querySelector("main").cloneNode(true);
      main.querySelectorAll("code, pre").forEach((written) => written.remove());
      return main.textContent.toLowerCase();
    });
    for (const english of ["devices", "nothing here", "roll-out", "version ", "settings", "stopped", "approve"]) {
      assert.ok(!words.includes(english), `${hash}: "${english}" in\n${words}`);
    }
  }
});

test("everything is reached by keyboard alone, in the order in which it is read", async () => {
  const page = await inside({});
  await page.until(() => document.querySelectorAll(".card").length === 5);
  const walk = [];
  for (let i = 0; i < 14; ++i) {
    await page.press("Tab");
    walk.push(await page.focused());
    assert.ok(
      await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"),
      "no focus is seen at " + walk.at(-1),
    );
  }
  assert.match(walk[0], /skip to the content/i);
  const place = (words) => walk.findIndex((one) => one.toLowerCase().includes(words));
  assert.ok(
    0 < place("overview") && place("overview") < place("devices") && place("devices") < place("stop everything"),
    walk.join(" | "),
  );
});

test("a dialog is answered by keyboard and gives the focus back", async () => {
  const page = await inside();
  await page.evaluate(() => document.querySelector("#stop:not(:disabled)")?.focus());
  await page.until(
    () => document.activeElement.id === "stop" || (document.querySelector("#stop:not(:disabled)")?.focus(), false),
  );
  await page.press("Enter");
  await page.until(() => document.querySelector("dialog[open]"));
  assert.match(await page.focused(), /no, go back/i);
  await page.press("Enter");
  await page.until(() => !document.querySelector("dialog") && document.activeElement.id === "stop");
});

test("the skip link leads past the navigation", async () => {
  const page = await inside({});
  await page.press("Tab");
  await page.press("Enter");
  assert.match(await page.focused(), /^MAIN/);
});

test("no page is wider than a phone of 320 or of 375 pixels, and no words are cut off", async () => {
  const page = await inside({ width: 320, height: 640, language: "pt-BR" });
  const cut = () =>
    [...document.querySelectorAll("main *")]
      .filter((one) => !one.closest("svg, .scroll, .plot, pre, select") && one.scrollWidth > one.clientWidth + 1)
      .filter((one) => getComputedStyle(one).display !== "inline" && one.clientWidth > 0)
      .map((one) => `${one.tagName}.${one.className} ${one.innerText.slice(0, 60)}`);
  for (const hash of everywhere()) {
    await open(page, hash);
    for (const width of [320, 375]) {
      await page.resize(width, 640);
      assert.equal(await page.evaluate(() => innerWidth), width);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${hash}: ${wide} pixels`);
      assert.deepEqual(await page.evaluate(cut), [], hash);
    }
  }
});

test("a refresh moves nothing", async () => {
  const page = await inside();
  await open(page, "#/rollouts/" + scene.good.id);
  await page.until(() => document.querySelectorAll(".plot canvas").length === 3);
  const moved = await page.evaluate(
    () =>
      new Promise((done) => {
        let shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shift += entry.value))).observe({
          type: "layout-shift",
        });
        setTimeout(() => done(shift), 2000);
      }),
  );
  assert.equal(moved, 0);
});
