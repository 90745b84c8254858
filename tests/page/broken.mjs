// broken.mjs: a server with nothing on it, a server that is gone, a key that ends: the page says so, and a way on.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Server } from "./server.mjs";
import { open, outside } from "./world.mjs";

let empty, page;
before(async () => {
  empty = await Server.start(process.env.JATAI);
});
after(() => empty.end());

const places =
  "overview devices groups enrol versions rollouts plan health feedback alerts jobs audit settings keys".split(" ");

test("a fleet with nothing in it says on each page what there is to do first", async () => {
  page = await outside();
  await page.enter(empty.url, empty.key);
  for (const place of places) {
    await open(page, "#/" + place);
    assert.equal(await page.evaluate(() => document.querySelectorAll("main .alert").length), 0, place);
    const said = await page.evaluate(() => [...document.querySelectorAll("main .empty, main form, main table")].length);
    assert.ok(said > 0, place + ": says nothing");
  }
  await open(page, "#/overview");
  await page.reads("no device yet: enrol one");
  await page.reads("no roll-out yet");
  await open(page, "#/versions");
  await page.reads("no version yet: jatai push");
  await open(page, "#/plan");
  await page.reads("no version is approved yet");
  await open(page, "#/health");
  await page.reads("no device has told anything yet");
});

test("while the server is gone the page keeps what it knew and says that it is not fresh, and heals by itself", async () => {
  await open(page, "#/overview");
  await page.until(() => document.querySelectorAll(".card").length === 5);
  await empty.stop();
  await page.reads("not fresh: the server cannot be reached");
  assert.equal(await page.evaluate(() => document.querySelectorAll(".card").length), 5);
  await page.evaluate(() => (location.hash = "#/devices/any"));
  await page.until(() => document.querySelector("main .alert button")?.innerText === "Try again");
  await page.click("#stop:not(:disabled)");
  await page.click("dialog button.full", "stop everything");
  await page.reads("the server cannot be reached");
  await empty.again();
  await page.evaluate(() => (location.hash = "#/overview"));
  await page.until(() => document.querySelectorAll(".card").length === 5 && !document.querySelector("main .alert"));
});

test("a key whose time is over leads back to the sign-in, with the reason", async () => {
  const guest = await outside();
  await guest.arrive(empty.url);
  const { secret } = await empty.api("POST", "/keys", { name: "short", role: "viewer", expires_ms: Date.now() + 4000 });
  await guest.use(secret);
  await guest.reads("this key opens nothing any more");
  assert.equal(await guest.evaluate(() => sessionStorage.getItem("key")), null);
});
