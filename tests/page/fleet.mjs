// fleet.mjs: versions and devices made through the API, for the page to show: the devices poll, install and report.
//
//     const v1 = await push(server, { name: "v1", accuracy: 0.9, approved: true });
//     const devices = await enrol(server, 20, v1);
//     await devices[0].take();                              // what a roll-out offers it
//     await devices[0].tell({ latency_us: 9000, bin: 11 });
import { createHash } from "node:crypto";
import { cbor } from "./cbor.mjs";

export const board = "bench_m4";
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// A version with a variant per board; the first one is what the devices here can take.
export async function push(server, { model = "kws", name, parent, accuracy = 0.9, approved = false, variants = [{}] }) {
  const bytes = `package of ${model} ${name}`;
  const image = sha256(bytes);
  await server.api("PUT", "/blobs/" + image, bytes);
  const version = await server.api("POST", "/versions", {
    model,
    name,
    accuracy,
    parent: parent?.id ?? "",
    weights_hash: image,
    dataset_hash: sha256("data"),
    pipeline_hash: sha256("pipeline"),
  });
  for (const facts of variants) {
    const variant = {
      version: version.id,
      board,
      precision: "int8",
      accuracy,
      latency_us: 9000,
      ram_bytes: 21000,
      flash_bytes: 54000,
      bytes_on_air: 20000,
      image,
      artifacts: [{ name: "model.bin", sha256: image }],
      ...facts,
    };
    await server.api("POST", "/variants", variant);
  }
  if (approved) await server.api("POST", `/versions/${version.id}/approve`, {});
  return { ...version, image };
}

export class FakeDevice {
  told = 0;
  crashes = 0;

  constructor(server, id, token) {
    Object.assign(this, { server, id, token });
  }

  ask(method, path, body) {
    return this.server.device(this.id, this.token, method, path, body);
  }

  // Takes what it is offered, or refuses it with these words; says what it was: "os" (a file), "return", or nothing.
  async take(refusal = "") {
    const base = await this.ask("GET", "");
    const link = base.body._links?.deploymentBase?.href;
    if (!link) return "";
    const action = /deploymentBase\/(\d+)/.exec(link)[1];
    const { deployment } = (await this.ask("GET", "/deploymentBase/" + action)).body;
    const status = {
      execution: "closed",
      result: { finished: refusal ? "failure" : "success" },
      details: refusal ? [refusal] : [],
    };
    await this.ask("POST", `/deploymentBase/${action}/feedback`, { id: action, status });
    return deployment.chunks[0].part;
  }

  // Takes the model that is to run beside its own, or has one downloaded and not yet switched to.
  async load() {
    const link = (await this.ask("GET", "")).body._links?.deploymentBase?.href;
    if (!link) return false;
    const action = /deploymentBase\/(\d+)/.exec(link)[1];
    const status = { execution: "downloaded", result: { finished: "none" }, details: [] };
    await this.ask("POST", `/deploymentBase/${action}/feedback`, { id: action, status });
    return true;
  }

  // How it does and what it saw: health, and a histogram whose answers lie around one bin.
  async tell(version, { latency_us = 9000, bin = 12, sure = 14, crashed = false } = {}) {
    this.crashes += crashed ? 1 : 0;
    const digest = Buffer.from(version.image.slice(0, 16), "hex");
    const health = new Map([
      [0, 1],
      [1, 2],
      [2, board],
      [4, [1, digest, 0]],
      [10, 3600],
      [11, [200, 200 * latency_us, 2 * latency_us]],
      [12, [21000, 3000]],
      [13, 1900],
      [14, [1, 0]],
      [15, [0, 0, 0, 0, this.crashes]],
    ]);
    const statistics = new Map([
      [0, 1],
      [1, 3],
      [20, digest],
      [
        21,
        [
          [1, bins(bin)],
          [2, bins(sure)],
        ],
      ],
    ]);
    const reports = [health, statistics].map((report) => [++this.told, cbor(report)]);
    const answer = await this.server.post(`/default/controller/v1/${this.id}/reports`, cbor(reports), this.token);
    if (answer.status !== 200) throw new Error(`${this.id}: ${answer.status} ${answer.body}`);
  }
}

// Sixteen counts of sixteen bits, most of them near `middle`.
function bins(middle) {
  const bytes = Buffer.alloc(32);
  for (let i = 0; i < 16; ++i) bytes.writeUInt16LE(Math.round(60 * Math.exp(-((i - middle) ** 2) / 3)), 2 * i);
  return bytes;
}

export async function enrol(server, count, facts = {}, name = "mic") {
  const devices = Array.from({ length: count }, (_, i) => ({
    id: `${name}-${String(i + 1).padStart(2, "0")}`,
    board,
    core: "cortex-m4",
    firmware: i % 3 ? "1.4" : "1.3",
    ram_bytes: 262144,
    flash_bytes: 1048576,
    consent_health: true,
    consent_statistics: true,
    ...facts,
  }));
  const made = await server.api("POST", "/devices", { devices });
  return made.items.map(({ id, token }) => new FakeDevice(server, id, token));
}

// Until all that a roll-out offers has been taken: what the devices do each time they poll.
export async function follow(server, devices, rollout, each = (device) => device.take()) {
  for (let round = 0; round < 200; ++round) {
    await Promise.all(devices.map(each));
    const now = await server.api("GET", "/rollouts/" + rollout.id);
    if (now.state !== "running") return now;
    await new Promise((wake) => setTimeout(wake, 60));
  }
  throw new Error("the roll-out did not end");
}

export async function plan(server, version, plan = {}) {
  return server.api("POST", "/rollouts", {
    name: plan.name ?? "spring",
    plan: { version: version.id, stages: [{ percent: 20 }, { percent: 100 }], per_minute: 60000, ...plan },
  });
}
