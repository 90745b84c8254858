// kinds.mjs: roll-outs of every kind, as they are seen and led on the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { enrol, follow, plan, push } from "./fleet.mjs";
import { inside, open, server } from "./world.mjs";

const everybody = [{ percent: 100, gate: false }];

// Devices in a hall of their own that run the first of two versions.
async function hall(name, count, facts = {}) {
  const [old, fresh] = await Promise.all(
    ["k1", "k2"].map((version) => push(server, { model: name, name: version, approved: true })),
  );
  const devices = await enrol(server, count, { hall: name, ...facts }, name);
  const whom = `attribute.hall == ${name}`;
  const first = await plan(server, old, { filter: whom, stages: everybody });
  await server.api("POST", `/rollouts/${first.id}/start`);
  await follow(server, devices, first);
  return { old, fresh, devices, whom };
}

async function until_all(devices, what) {
  const done = new Set();
  for (let round = 0; round < 200 && done.size < devices.length; ++round) {
    const told = await Promise.all(devices.map((device) => !done.has(device) && what(device)));
    told.forEach((yes, i) => yes && done.add(devices[i]));
    await new Promise((wake) => setTimeout(wake, 40));
  }
  assert.equal(done.size, devices.length, "not every device was offered it");
}

test("a shadow's answers stand beside those of the model in force, and nobody acted on them", async () => {
  const { old, fresh, devices, whom } = await hall("shade", 6, { shadow: "yes" });
  await Promise.all(devices.map((device) => device.tell(old, { bin: 12 })));
  const rollout = await plan(server, fresh, { name: "beside", kind: "shadow", filter: whom, stages: everybody });
  await server.api("POST", `/rollouts/${rollout.id}/start`);
  await until_all(devices, (device) => device.load());
  await Promise.all(devices.map((device) => device.tell(fresh, { bin: 4 })));
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
    return sides.length === 2 && Object.fromEntries(sides.map((side) => [side.querySelector("h4").innerText, top(side)]));
  });
  assert.deepEqual(tops, { "shadow: shade k2 · bench_m4": 4, "shade k1 · bench_m4": 12 });
  const { exposed } = await server.api("GET", "/rollouts/" + rollout.id);
  assert.equal(exposed, 0);
});

test("blue/green: all have downloaded it, nobody runs it, and a press on approve switches everybody", async () => {
  const { old, fresh, devices, whom } = await hall("blue", 5);
  const rollout = await plan(server, fresh, { name: "switch", kind: "blue_green", hold: true, filter: whom, stages: everybody });
  await server.api("POST", `/rollouts/${rollout.id}/start`);
  await until_all(devices, (device) => device.load());
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

test("a roll-out that is stopped by hand says who stopped it, and sends back who has it", async () => {
  const { old, fresh, devices, whom } = await hall("halt", 4);
  const rollout = await plan(server, fresh, { name: "halted", filter: whom, stages: [{ percent: 50, gate: false }, { percent: 100, approval: true }] });
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
  await page.until(() => [...document.querySelectorAll(".card")].some((card) => card.innerText.toLowerCase().includes("returned") && card.querySelector("dd").innerText === "2"));
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
  const version = await push(server, { model: "large", name: "l1", approved: true, variants: [{ ram_bytes: 1 << 30 }] });
  await enrol(server, 2, { hall: "narrow" }, "narrow");
  const page = await inside();
  await open(page, "#/plan?version=" + version.id);
  await page.fill("#filter", "attribute.hall == narrow");
  await page.click("button", "what would it do");
  await page.reads("needs 1073741824 bytes of RAM, has 262144");
});
