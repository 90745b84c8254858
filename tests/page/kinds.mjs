// kinds.mjs: roll-outs of every kind, as they are seen and led on the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { enrol, plan, push } from "./fleet.mjs";
import { begin_arms, begin_blue_green, begin_shadow, hall, until_all } from "./halls.mjs";
import { inside, open, server } from "./world.mjs";

test("a shadow's answers stand beside those of the model in force, and nobody acted on them", async () => {
  const rollout = await begin_shadow(server, await hall(server, "shade", 6, { shadow: "yes" }));
  const page = await inside();
  await open(page, "#/rollouts/" + rollout.id);
  await page.reads("nobody acts on its outputs");
  await page.reads("shadow: shade k2 · bench_m4");
  const tops = await page.until(() => {
    const sides = [...document.querySelectorAll(".panel")].filter((panel) => /^(shadow: )?shade/.test(panel.innerText));
    const top = (panel) => {
      const bars = [...panel.querySelector(".bars").querySelectorAll("rect")];
      const high = Math.max(...bars.map((bar) => Number(bar.getAttribute("height"))));
      return bars.findIndex((bar) => Number(bar.getAttribute("height")) === high);
    };
    const name = (side) => side.querySelector("h4").innerText;
    return sides.length === 2 && Object.fromEntries(sides.map((side) => [name(side), top(side)]));
  });
  assert.deepEqual(tops, { "shadow: shade k2 · bench_m4": 4, "shade k1 · bench_m4": 12 });
  const { exposed } = await server.api("GET", "/rollouts/" + rollout.id);
  assert.equal(exposed, 0);
});

test("blue/green: all have downloaded it, nobody runs it, and a press on approve switches everybody", async () => {
  const place = await hall(server, "blue", 5);
  const { old, fresh, devices } = place;
  const rollout = await begin_blue_green(server, place);
  const page = await inside();
  await open(page, "#/rollouts/" + rollout.id);
  await page.reads("the switch waits for approval");
  const runs = async () => (await server.api("GET", "/devices/blue-01")).reported;
  assert.equal(await runs(), old.id);
  await page.click("#approve");
  await page.reads("everybody was told to switch");
  await until_all(devices, (device) => device.take());
  await page.until(() => document.querySelector("main .state").innerText.toLowerCase() === "finished");
  assert.equal(await runs(), fresh.id);
});

test("an A/B roll-out shows what each arm told and where the difference lies", async () => {
  const page = await inside();
  const rollout = await begin_arms(server, await hall(server, "arms", 80), async ({ id }) => {
    await open(page, "#/rollouts/" + id);
    await page.reads("not told apart yet");
  });
  await page.reads("better");
  await page.until(() => document.querySelector(".interval circle"));
  assert.equal((await server.api("GET", "/rollouts/" + rollout.id)).arms.verdict, "better");
});

test("health shows one model at a time, and the chosen one", async () => {
  const page = await inside();
  await open(page, "#/health");
  await page.until(() => document.querySelector("#model"));
  const named = () => page.evaluate(() => [...document.querySelectorAll("h4")].map((one) => one.innerText));
  assert.ok((await named()).every((name) => name.startsWith("kws ")), (await named()).join());
  await page.evaluate(() => {
    const choice = document.querySelector("#model");
    choice.value = "shade";
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  });
  await page.until(() => [...document.querySelectorAll("h4")].every((one) => one.innerText.startsWith("shade ")));
});

test("a roll-out that is stopped by hand says who stopped it, and sends back who has it", async () => {
  const { old, fresh, devices, whom } = await hall(server, "halt", 4);
  const stages = [
    { percent: 50, gate: false },
    { percent: 100, approval: true },
  ];
  const rollout = await plan(server, fresh, { name: "halted", filter: whom, stages });
  await server.api("POST", `/rollouts/${rollout.id}/start`);
  for (let round = 0; round < 100; ++round) {
    await Promise.all(devices.map((device) => device.take()));
    if ((await server.api("GET", "/rollouts/" + rollout.id)).installed === 2) break;
    await new Promise((wake) => setTimeout(wake, 40));
  }
  const page = await inside();
  await open(page, "#/rollouts/" + rollout.id);
  await page.click(".title button", "abort");
  await page.click("dialog button.full", "abort");
  await page.reads("aborted by admin");
  await until_back(devices, old);
  await page.until(() =>
    [...document.querySelectorAll(".card")].some(
      (card) => card.innerText.toLowerCase().includes("returned") && card.querySelector("dd").innerText === "2",
    ),
  );
});

async function until_back(devices, old) {
  for (let round = 0; round < 100; ++round) {
    await Promise.all(devices.map((device) => device.take()));
    const all = await Promise.all(devices.map((device) => server.api("GET", "/devices/" + device.id)));
    if (all.every((device) => device.reported === old.id)) return;
    await new Promise((wake) => setTimeout(wake, 40));
  }
  throw new Error("not everybody came back");
}

test("variants that fit nobody are named before the start, with what is missing", async () => {
  const variants = [{ ram_bytes: 1 << 30 }];
  const version = await push(server, { model: "large", name: "l1", approved: true, variants });
  await enrol(server, 2, { hall: "narrow" }, "narrow");
  const page = await inside();
  await open(page, "#/plan?version=" + version.id);
  await page.fill("#filter", "attribute.hall == narrow");
  await page.click("button", "what would it do");
  await page.reads("needs 1073741824 bytes of RAM, has 262144");
});
