// halls.mjs: devices in halls of their own, each with a roll-out of another kind going on.
//
//     const { old, fresh, devices, whom } = await hall(server, "shade", 6, { shadow: "yes" });
//     const { shadow, blue, arms } = await every_kind(server);
import assert from "node:assert/strict";
import { enrol, follow, plan, push } from "./fleet.mjs";

export const everybody = [{ percent: 100, gate: false }];
const pause = (ms) => new Promise((wake) => setTimeout(wake, ms));

// They run the first of two versions.
export async function hall(server, name, count, facts = {}) {
  const old = await push(server, { model: name, name: "k1", accuracy: 0.91, approved: true });
  const fresh = await push(server, { model: name, name: "k2", parent: old, accuracy: 0.93, approved: true });
  const devices = await enrol(server, count, { hall: name, ...facts }, name);
  const whom = `attribute.hall == ${name}`;
  const first = await plan(server, old, { filter: whom, stages: everybody });
  await server.api("POST", `/rollouts/${first.id}/start`);
  await follow(server, devices, first);
  return { old, fresh, devices, whom };
}

export async function until_all(devices, what) {
  const done = new Set();
  for (let round = 0; round < 200 && done.size < devices.length; ++round) {
    const told = await Promise.all(devices.map((device) => !done.has(device) && what(device)));
    told.forEach((yes, i) => yes && done.add(devices[i]));
    await pause(40);
  }
  assert.equal(done.size, devices.length, "not every device was offered it");
}

export async function begin(server, { fresh, whom }, facts) {
  const rollout = await plan(server, fresh, { filter: whom, stages: everybody, ...facts });
  await server.api("POST", `/rollouts/${rollout.id}/start`);
  return rollout;
}

// Both models told; their answers lie in different bins.
export async function begin_shadow(server, place) {
  await Promise.all(place.devices.map((device) => device.tell(place.old, { bin: 12 })));
  const rollout = await begin(server, place, { name: "beside", kind: "shadow" });
  await until_all(place.devices, (device) => device.load());
  await Promise.all(place.devices.map((device) => device.tell(place.fresh, { bin: 4 })));
  return rollout;
}

// Everybody has it, nobody runs it.
export async function begin_blue_green(server, place) {
  const rollout = await begin(server, place, { name: "switch", kind: "blue_green", hold: true });
  await until_all(place.devices, (device) => device.load());
  return rollout;
}

// Arm B is clearly better. `undecided` sees it before anybody has said what was right.
export async function begin_arms(server, place, undecided = async () => {}) {
  const { devices } = place;
  const rollout = await begin(server, place, { name: "which is better", kind: "ab", effect: 0.1 });
  const given = async () => (await server.api("GET", `/actions?limit=1000&rollout=${rollout.id}`)).items;
  for (let i = 0; i < 100 && (await given()).length < devices.length; ++i) await pause(100);
  const in_b = new Set((await given()).filter((action) => action.arm === "b").map((action) => action.device));
  await Promise.all(devices.filter((device) => in_b.has(device.id)).map((device) => device.take()));
  await undecided(rollout);
  const items = devices.map(({ id }, i) => {
    const wrong = (in_b.has(id) ? 0 : 5) + (i % 3);
    return { device: id, right: 20 - wrong, wrong };
  });
  await server.api("POST", "/feedback", { items });
  return rollout;
}

export async function every_kind(server) {
  return {
    shadow: await begin_shadow(server, await hall(server, "shade", 6, { shadow: "yes" })),
    blue: await begin_blue_green(server, await hall(server, "blue", 5)),
    arms: await begin_arms(server, await hall(server, "arms", 80)),
  };
}
