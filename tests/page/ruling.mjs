// ruling.mjs: groups, devices, keys, settings, jobs, and the audit of it all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { plan, push } from "./fleet.mjs";
import { ask } from "./server.mjs";
import { inside, open, server } from "./world.mjs";

const last_audit = async () => (await server.api("GET", "/audit?limit=1")).items[0];

test("a group that is set on the page holds what its filter lets through", async () => {
  const page = await inside();
  await open(page, "#/groups");
  await page.fill("#id", "third");
  await page.fill("#filter", 'id >= "mic-07" and id <= "mic-09"');
  await page.press("Enter");
  await page.reads("group third is set");
  await page.click("td a", "third");
  await page.until(() => document.querySelector("h2").innerText === "Devices");
  await page.until(() => document.querySelectorAll("tbody tr").length === 3);
});

test("a version that proved bad is rejected after its approval, and cannot go out any more", async () => {
  const version = await push(server, { model: "late", name: "k1", approved: true });
  const page = await inside();
  await open(page, "#/versions/" + version.id);
  await page.click(".title button", "reject");
  await page.click("dialog button.full", "reject");
  await page.until(() => document.querySelector("main .state")?.innerText.toLowerCase() === "rejected");
  await page.until(() => document.querySelectorAll(".title button, .title .button").length === 0);
  await assert.rejects(plan(server, version), /409|400/);
  await assert.rejects(server.api("POST", `/versions/${version.id}/approve`, {}), /409/);
});

test("a device that is revoked on the page is let in no more, and the audit says who did it", async () => {
  const { items } = await server.api("POST", "/devices", { devices: [{ id: "stolen-1", board: "bench_m4" }] });
  const poll = () => server.device("stolen-1", items[0].token, "GET", "");
  assert.equal((await poll()).status, 200);
  const page = await inside();
  await open(page, "#/devices/stolen-1");
  await page.click(".title button", "revoke");
  await page.click("dialog button.full", "revoke");
  await page.reads("revoked");
  assert.equal((await poll()).status, 401);
  await open(page, "#/audit");
  await page.until(() =>
    [...document.querySelectorAll("tbody tr")].some((row) => /admin\s+device revoked\s+stolen-1/.test(row.innerText)),
  );
  await page.click("td a", "stolen-1");
  await page.until(() => document.querySelector("h2").innerText === "stolen-1");
});

test("a key that is made on the page is shown once, opens what it may, and opens nothing once revoked", async () => {
  const page = await inside();
  await open(page, "#/keys");
  await page.fill("#name", "bruno");
  await page.click("button", "make");
  const secret = await page.until(() => document.querySelector("#secret")?.innerText);
  const enter = () => ask(server.url, "GET", "/api/v1/tenant", { Authorization: "Bearer " + secret });
  assert.equal((await enter()).status, 200);
  await page.until(() => {
    const row = [...document.querySelectorAll("tbody tr")].find((one) => one.innerText.includes("bruno"));
    row?.querySelector("button").click();
    return Boolean(row);
  });
  await page.click("dialog button.full", "revoke");
  await page.until(() =>
    [...document.querySelectorAll("tbody tr")].some(
      (row) => row.innerText.includes("bruno") && row.querySelector(".state"),
    ),
  );
  assert.equal((await enter()).status, 401);
  await open(page, "#/overview");
  await open(page, "#/keys");
  assert.ok(!(await page.words()).includes(secret));
});

test("settings that are kept are the server's, and a number out of range is refused at the form", async () => {
  const page = await inside();
  await open(page, "#/settings");
  await page.until(() => document.querySelector("#retention_days"));
  await page.fill("#retention_days", "45");
  await page.press("Enter");
  await page.reads("settings are kept");
  assert.equal((await server.api("GET", "/tenant")).retention_days, 45);
  assert.equal((await last_audit()).what, "tenant changed");
  await page.fill("#retention_days", "-3");
  await page.press("Enter");
  assert.ok(await page.evaluate(() => !document.querySelector("#retention_days").checkValidity()));
  assert.equal((await server.api("GET", "/tenant")).retention_days, 45);
});

test("who may not administer reads the settings and cannot change them", async () => {
  const { secret } = await server.api("POST", "/keys", { name: "clara", role: "operator" });
  const page = await inside({}, secret);
  await open(page, "#/settings");
  await page.until(() => document.querySelector(".facts"));
  assert.equal(await page.evaluate(() => document.querySelectorAll("main form, main .title a").length), 0);
});

// The worker is one: sixty copies stand in line, the last of them has time to be cancelled.
test("a job that waits is cancelled from its page", async () => {
  const page = await inside();
  await open(page, "#/jobs");
  for (let attempt = 0; ; ++attempt) {
    const jobs = await Promise.all(Array.from({ length: 60 }, () => server.api("POST", "/backup")));
    const id = jobs.map(({ job }) => job).sort((a, b) => Number(a) - Number(b)).at(-1);
    await open(page, "#/jobs/" + id);
    server.program.kill("SIGSTOP"); // the line stands while the question is answered
    const seen = await page.evaluate(() => Boolean(document.querySelector(".title button")));
    if (seen) {
      await page.click(".title button", "cancel");
      await page.click("dialog button.full", "cancel");
    }
    server.program.kill("SIGCONT");
    if (seen) break;
    assert.ok(attempt < 5, "the job was always too quick");
  }
  await page.until(() => document.querySelector("main .state")?.innerText.toLowerCase() === "cancelled");
  await page.until(() => !document.querySelector(".title button"));
});
