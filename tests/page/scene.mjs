// scene.mjs: a fleet with something on every page: two generations of a model, a roll-out that went well, one that the
// gate stopped, one that goes on, a device that failed, groups, keys, a job.
//
//     const scene = await make(server);       // scene.v2, scene.devices, scene.bad …
import { enrol, follow, plan, push } from "./fleet.mjs";

const boards = [
  { board: "bench_m4", precision: "int8", accuracy: 0.941, latency_us: 9100, flash_bytes: 54000, ram_bytes: 21000 },
  { board: "bench_m0", precision: "int8", accuracy: 0.938, latency_us: 88000, flash_bytes: 54000, ram_bytes: 21000 },
  {
    board: "bench_m4",
    precision: "float32",
    accuracy: 0.947,
    latency_us: 41000,
    flash_bytes: 214000,
    ram_bytes: 83000,
  },
  {
    board: "bench_m4",
    precision: "int8",
    options: "pruned",
    accuracy: 0.902,
    latency_us: 5200,
    flash_bytes: 31000,
    ram_bytes: 15000,
  },
];
// Gates that can judge a handful of devices.
const gate = {
  sick_if_good: 0.05,
  sick_if_bad: 0.7,
  stop_good: 0.02,
  pass_bad: 0.02,
  silence_s: 60,
  least_requests: 20,
};

async function models(server) {
  const v1 = await push(server, { name: "v1", accuracy: 0.921, approved: true });
  const v2 = await push(server, { name: "v2", parent: v1, accuracy: 0.941, approved: true, variants: boards });
  const v3 = await push(server, { name: "v3", parent: v2, accuracy: 0.94, approved: true });
  const small = await push(server, { name: "v2-small", parent: v1, accuracy: 0.902 });
  await push(server, { name: "v4", parent: v3, accuracy: 0.951 });
  await server.api("PUT", "/aliases/kws/champion", { version: v2.id });
  await server.api("PUT", "/aliases/kws/challenger", { version: v3.id });
  await server.api("POST", `/versions/${small.id}/reject`, { note: "too many false accepts" });
  return { v1, v2, v3 };
}

// Takes what is offered and says how it does with it.
const works = (server, version, how) => async (device) => {
  const took = await device.take();
  if (took) device.runs = took === "return" ? null : version;
  if (device.runs) await device.tell(device.runs, how(device));
};

// Until who ran the bad model runs the one before it again.
async function sent_back(server, { devices, bad }) {
  for (let round = 0; round < 100; ++round) {
    await Promise.all(devices.map((device) => device.take()));
    const { exposed, reverted } = await server.api("GET", "/rollouts/" + bad.id);
    if (exposed === reverted) return;
  }
  throw new Error("not everybody came back");
}

export async function make(server) {
  await server.api("PATCH", "/tenant", { cohort_min: 3, window_seconds: 1, poll_seconds: 60 });
  const scene = await models(server);
  scene.devices = await enrol(server, 24);
  const go = async (version, name, stages, how) => {
    const rollout = await plan(server, version, { name, gate, stages });
    await server.api("POST", `/rollouts/${rollout.id}/start`);
    return follow(server, scene.devices, rollout, works(server, version, how));
  };
  const number = (device) => device.id.charCodeAt(device.id.length - 1) % 5;
  scene.first = await go(scene.v1, "first model", [{ percent: 25 }, { percent: 100 }], (d) => ({
    latency_us: 9000 + 100 * number(d),
  }));
  scene.good = await go(scene.v2, "spring update", [{ percent: 25 }, { percent: 50 }, { percent: 100 }], (d) => ({
    sure: 15,
    latency_us: 8400 + 100 * number(d),
  }));
  scene.bad = await go(scene.v3, "challenger", [{ percent: 25 }, { percent: 100 }], (d) => ({
    bin: 5,
    sure: 8,
    latency_us: 15000 + 100 * number(d),
  }));
  await sent_back(server, scene);
  const [broken] = scene.devices;
  const again = await plan(server, scene.v3, {
    name: "one by one",
    filter: "id == mic-01",
    stages: [{ percent: 100, gate: false }],
  });
  await server.api("POST", `/rollouts/${again.id}/start`);
  await follow(server, [broken], again, (device) => device.take("digest does not match"));
  scene.waiting = await plan(server, scene.v3, {
    name: "night shift",
    approval: true,
    filter: "firmware >= 1.4",
    window_from: 60,
    window_to: 300,
    stages: [{ percent: 5 }, { percent: 25, approval: true }, { percent: 100 }],
  });
  await server.api("POST", `/rollouts/${scene.waiting.id}/start`);
  await server.api("PUT", "/groups/lab", { filter: "", devices: ["mic-01", "mic-02", "mic-03"] });
  await server.api("PUT", "/groups/new-firmware", { filter: "firmware >= 1.4" });
  scene.viewer = await server.api("POST", "/keys", { name: "ana", role: "viewer" });
  scene.job = (await server.api("POST", "/backup")).job;
  return scene;
}
