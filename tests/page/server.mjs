// server.mjs: a real `jatai serve` in a folder of its own, and its API with the admin's key.
//
//     const server = await Server.start("build/release/jatai");
//     await server.api("POST", "/devices", { id: "mic-1", board: "nano33ble" });
//     await server.end();
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

// One request; { status, body }, the body as JSON when it is JSON.
export function ask(url, method, path, headers = {}, body = undefined) {
  return new Promise((keep, refuse) => {
    const call = request(url + path, { method, headers }, (answer) => {
      let said = "";
      answer.on("data", (bytes) => (said += bytes));
      answer.on("end", () => {
        const json = (answer.headers["content-type"] ?? "").includes("json");
        keep({ status: answer.statusCode, headers: answer.headers, body: json && said ? JSON.parse(said) : said });
      });
    });
    call.on("error", refuse);
    call.end(body);
  });
}

export class Server {
  static async start(program) {
    const server = new Server();
    server.file = program;
    server.folder = mkdtempSync(join(tmpdir(), "jatai-fleet-"));
    const line = await server.run("127.0.0.1:0");
    server.url = line.url;
    server.key = line.admin_key;
    return server;
  }

  // What it says once it is there.
  run(listen) {
    const flags = ["serve", "--data", join(this.folder, "fleet"), "--listen", listen, "--json"];
    this.program = spawn(this.file, flags, { stdio: ["ignore", "pipe", "ignore"] });
    return new Promise((keep, refuse) => {
      const lines = createInterface({ input: this.program.stdout });
      const said = [];
      lines.on("line", (one) => {
        said.push(one);
        try {
          keep(JSON.parse(said.join("\n")));
        } catch {
          /* more lines to come */
        }
      });
      this.program.once("exit", () => refuse(new Error("jatai serve ended: " + said.join("\n"))));
    });
  }

  async stop() {
    const ended = new Promise((done) => this.program.once("exit", done));
    this.program.kill("SIGTERM");
    await ended;
  }

  // After stop(), at the same address, with the same keys.
  again() {
    return this.run(new URL(this.url).host);
  }

  // Throws when it is refused.
  async api(method, path, body = undefined, key = this.key) {
    const answer = await ask(
      this.url,
      method,
      "/api/v1" + path,
      { Authorization: "Bearer " + key },
      body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    );
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  // As a device speaks: hawkBit's DDI.
  device(id, token, method, path, body = undefined) {
    const headers = {
      Authorization: "TargetToken " + token,
      "Content-Type": "application/json",
      Accept: "application/json",
    };
    return ask(this.url, method, `/default/controller/v1/${id}${path}`, headers, body && JSON.stringify(body));
  }

  // A device's reports: CBOR.
  post(path, bytes, token) {
    return ask(
      this.url,
      "POST",
      path,
      { Authorization: "TargetToken " + token, "Content-Type": "application/cbor" },
      bytes,
    );
  }

  async end() {
    if (this.program.exitCode === null) await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
