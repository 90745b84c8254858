// seeing.mjs: what the pages show is what the server knows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inside, open, scene, server } from "./world.mjs";

const numbers = (page) =>
  page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll(".card")].map((card) => [
        card.querySelector("dt").innerText,
        card.querySelector("dd").innerText,
      ]),
    ),
  );

test("the overview says what the server counts", async () => {
  const report = await server.api("GET", "/report");
  const page = await inside();
  await open(page, "#/overview");
  await page.until(() => document.querySelectorAll(".card").length === 5);
  const shown = await numbers(page);
  assert.equal(Number(shown.Devices), report.devices);
  assert.equal(Number(shown.Active), report.states.active);
  assert.equal(Number(shown["Let their health be seen"]), report.consent_health);
  await page.reads("kws v2");
  await page.reads("digest does not match");
});

test("a filter leaves the devices that match, and a bad one says what is wrong", async () => {
  const page = await inside();
  await open(page, "#/devices");
  await page.until(() => document.querySelectorAll("tbody tr").length >= 24);
  await page.fill("#filter", "group == lab");
  await page.press("Enter");
  await page.until(() => document.querySelectorAll("tbody tr").length === 3);
  await page.fill("#filter", "board ==");
  await page.press("Enter");
  await page.until(() => document.querySelector("main .alert")?.innerText.length > 10);
});

test("a device page shows what it runs, how it does and what it was given", async () => {
  const page = await inside();
  const [{ device }] = (await server.api("GET", "/actions?rollout=" + scene.bad.id)).items;
  await open(page, "#/devices/" + device);
  for (const words of ["kws v2", "under the version before", "highest sequence number"]) await page.reads(words);
  await page.until((id) => document.querySelector(`a[href="#/rollouts/${id}"]`), scene.bad.id);
});

test("the Pareto line joins just the variants that no other beats", async () => {
  const page = await inside();
  await open(page, "#/versions/" + scene.v2.id);
  await page.until(() => document.querySelectorAll(".pareto circle").length === 4);
  assert.equal(await page.evaluate(() => document.querySelectorAll(".pareto circle.good").length), 3); // the slow bench_m0 is beaten
  assert.equal(
    await page.evaluate(() => document.querySelector(".pareto polyline").getAttribute("points").split(" ").length),
    3,
  );
});

test("a bad roll-out shows its verdict, its evidence over time and what the gate cannot see", async () => {
  const page = await inside();
  await open(page, "#/rollouts/" + scene.bad.id);
  await page.reads("the gate says bad");
  await page.reads("concept drift");
  await page.until(() => document.querySelectorAll(".plot canvas").length === 3);
  const drawn = await page.evaluate(() =>
    [...document.querySelectorAll(".plot canvas")].every((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.some((byte) => byte !== 0);
    }),
  );
  assert.ok(drawn, "a chart is empty");
});

test("labelled feedback given on the page is counted beside the accuracy of the test set", async () => {
  const page = await inside();
  await open(page, "#/feedback");
  await page.fill("#device", "mic-02");
  await page.fill("#right", "17");
  await page.fill("#wrong", "3");
  await page.click("button", "tell");
  await page.reads("of the device nothing is kept");
  await page.reads("85.0 %");
  await page.reads("94.1 %");
});

test("health over time has a line for each version that told", async () => {
  const page = await inside();
  await open(page, "#/health");
  await page.until(() => document.querySelectorAll(".plot canvas").length >= 3);
  const lines = await page.evaluate(() =>
    [...document.querySelector(".legend").querySelectorAll("li")].map((line) => line.innerText),
  );
  assert.ok(lines.some((line) => line.includes("v1")) && lines.some((line) => line.includes("v2")), lines.join());
});

test("the log of a job and the end of it are on its page", async () => {
  const page = await inside();
  await open(page, "#/jobs/" + scene.job);
  await page.reads("copying to");
  await page.reads("done");
});

test("what is not there says so, and a way on", async () => {
  const page = await inside();
  await open(page, "#/devices?filter=board%20%3D%3D%20nothing");
  await page.reads("no device matches");
  await page.evaluate(() => (location.hash = "#/devices/nobody"));
  await page.reads("try again");
});
