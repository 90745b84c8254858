// acting.mjs: what people do on the page is done.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { FakeDevice, push } from "./fleet.mjs";
import { ask } from "./server.mjs";
import { inside, open, server } from "./world.mjs";

async function decode(page) {
  const file = server.folder + "/qr.png";
  await page.picture(file);
  const { stdout, error } = spawnSync("zbarimg", ["--quiet", "--raw", file]);
  return error ? null : String(stdout).trim();
}

test("a version is approved after a question, and the lineage shows it", async () => {
  const page = await inside();
  await open(page, "#/versions?model=kws");
  await page.click("td a", "v4");
  await page.click("button", "approve");
  await page.click("dialog button.full", "approve");
  await page.until(() => document.querySelector("main .state")?.innerText.toLowerCase() === "approved");
  assert.equal(await page.evaluate(() => document.querySelectorAll(".lineage path").length), 3);
  const v4 = (await server.api("GET", "/versions?limit=1000")).items.find((version) => version.name === "v4");
  assert.equal(v4.state, "approved");
});

test("a roll-out planned and started on the page is seen to go on and to end", async () => {
  const fresh = await push(server, { model: "door", name: "d1", approved: true });
  const { items } = await server.api("POST", "/devices", {
    devices: [1, 2, 3, 4].map((n) => ({ id: "door-" + n, board: "bench_m4" })),
  });
  const devices = items.map(({ id, token }) => new FakeDevice(server, id, token));
  const page = await inside();
  await open(page, "#/plan?version=" + fresh.id);
  await page.fill("#name", "doors");
  await page.fill("#filter", 'id >= "door-0" and id <= "door-9"');
  await page.fill("#stages", "25 100");
  await page.evaluate(() => document.querySelector("main form").requestSubmit());
  await page.reads("draft");
  await page.click("#start");
  await page.reads("running");
  const taken = () => Promise.all(devices.map((device) => device.take()));
  for (let i = 0; i < 100 && !(await taken()).some(Boolean); ++i) await new Promise((wake) => setTimeout(wake, 50));
  await page.until(() =>
    [...document.querySelectorAll(".card")].some(
      (card) => card.innerText.toLowerCase().includes("installed") && card.querySelector("dd").innerText === "1",
    ),
  );
  await page.click("#pause");
  await page.reads("paused by admin");
});

test("an alert is tried from the page, and where it went is seen", async () => {
  const page = await inside();
  await open(page, "#/alerts");
  await page.fill("#webhook", server.url + "/nowhere");
  await page.click("button", "keep");
  await page.reads("settings are kept");
  assert.equal((await server.api("GET", "/tenant")).webhook, server.url + "/nowhere");
  await page.click("#try");
  await page.reads("a test, asked for by admin");
});

test("a plan says beforehand whom it reaches and how long until its gate can speak", async () => {
  const page = await inside();
  await open(page, "#/plan");
  await page.fill("#filter", "group == lab");
  await page.click("button", "what would it do");
  await page.reads("it reaches 3 devices");
  await page.reads("let themselves be watched");
  assert.equal(await page.evaluate(() => location.hash), "#/plan");
});

test("stop everything asks first, stops, and can be undone", async () => {
  const page = await inside();
  await page.click("#stop");
  await page.until(() => document.querySelector("dialog[open]"));
  await page.press("Escape");
  await page.until(() => !document.querySelector("dialog")); // gone, not just closed: the page heard of it
  assert.equal((await server.api("GET", "/tenant")).stopped, false);
  await page.click("#stop");
  await page.click("dialog button.full", "stop everything");
  await page.reads("everything is stopped");
  assert.equal((await server.api("GET", "/tenant")).stopped, true);
  await page.click("#stop", "let things go on");
  await page.click("dialog button.full", "let things go on");
  await page.until(() => !document.body.innerText.includes("Everything is stopped"));
  assert.equal((await server.api("GET", "/tenant")).stopped, false);
});

test("the code to enrol is a QR picture that a camera's program reads", async (t) => {
  const page = await inside();
  await open(page, "#/enrol");
  await page.click("button", "make a code");
  await page.until(() => document.querySelector(".qr img")?.complete);
  const code = await page.evaluate(() => document.querySelector("#code").innerText);
  const read = await decode(page);
  if (read === null) return t.skip("no zbarimg; hint: apt-get install --no-install-recommends zbar-tools");
  assert.equal(read, `jatai:enroll?code=${code}&server=${encodeURIComponent(server.url)}&tenant=default`);
  const made = await ask(
    server.url,
    "POST",
    "/api/v1/enroll?tenant=default",
    {},
    JSON.stringify({ code, id: "by-code" }),
  );
  assert.equal(made.status, 201);
});
