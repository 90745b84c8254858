// page_test.mjs: the page in headless Chromium, against a real server. Each name says what is true of it.
//
//     node --test tests/page/page_test.mjs            with JATAI=build/release/jatai
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Browser } from "./browser.mjs";
import { FakeDevice, enrol, plan, push } from "./fleet.mjs";
import { ask, Server } from "./server.mjs";
import { make } from "./scene.mjs";

let server, browser, scene;
const pages = [];

before(async () => {
  [server, browser] = await Promise.all([Server.start(process.env.JATAI), Browser.start()]);
  scene = await make(server);
});
after(async () => {
  await Promise.all([server.end(), browser.end()]);
});

// A page signed in with the admin's key; one of its own for another key, language or width.
let desk;
async function inside(how, key = server.key) {
  if (!how) return (desk ??= await inside({}));
  const page = await browser.page(how);
  pages.push(page);
  await page.enter(server.url, key);
  return page;
}
const open = async (page, hash) => {
  await page.evaluate((to) => (location.hash = to), hash);
  await page.until(() => document.querySelector("h2") && !document.querySelector(".waiting"));
};
const numbers = (page) => page.evaluate(() => Object.fromEntries([...document.querySelectorAll(".card")].map((card) => [card.querySelector("dt").innerText, card.querySelector("dd").innerText])));

test("a key that opens nothing is refused in words, and a good one stays in this tab only", async () => {
  const page = await browser.page();
  pages.push(page);
  await page.go(server.url);
  await page.fill("#key", "jk_wrong");
  await page.click("button", "enter");
  await page.reads("this key opens nothing");
  await page.fill("#key", server.key);
  await page.press("Enter");
  await page.reads("versions in the field");
  assert.equal(await page.evaluate(() => localStorage.length + document.cookie.length), 0);
  await page.click("#leave");
  await page.until(() => document.querySelector("#key") && sessionStorage.getItem("key") === null);
});

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

test("a version is approved after a question, and the lineage shows it", async () => {
  const page = await inside();
  await open(page, "#/versions");
  await page.click("td a", "v4");
  await page.click("button", "approve");
  await page.click("dialog button.full", "approve");
  await page.until(() => document.querySelector("main .state")?.innerText.toLowerCase() === "approved");
  assert.equal(await page.evaluate(() => document.querySelectorAll(".lineage path").length), 3);
  const v4 = (await server.api("GET", "/versions?limit=1000")).items.find((version) => version.name === "v4");
  assert.equal(v4.state, "approved");
});

test("the Pareto line joins just the variants that no other beats", async () => {
  const page = await inside();
  await open(page, "#/versions/" + scene.v2.id);
  await page.until(() => document.querySelectorAll(".pareto circle").length === 4);
  assert.equal(await page.evaluate(() => document.querySelectorAll(".pareto circle.good").length), 3); // the slow bench_m0 is beaten
  assert.equal(await page.evaluate(() => document.querySelector(".pareto polyline").getAttribute("points").split(" ").length), 3);
});

test("a roll-out planned and started on the page is seen to go on and to end", async () => {
  const fresh = await push(server, { model: "door", name: "d1", approved: true });
  const { items } = await server.api("POST", "/devices", { devices: [1, 2, 3, 4].map((n) => ({ id: "door-" + n, board: "bench_m4" })) });
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
  while (!(await devices[0].take())) if ((await Promise.all(devices.slice(1).map((device) => device.take()))).some(Boolean)) break;
  await page.until(() => [...document.querySelectorAll(".card")].some((card) => card.innerText.toLowerCase().includes("installed") && card.querySelector("dd").innerText === "1"));
  await page.click("#pause");
  await page.reads("paused by admin");
});

test("a bad roll-out shows its verdict, its evidence over time and what the gate cannot see", async () => {
  const page = await inside();
  await open(page, "#/rollouts/" + scene.bad.id);
  await page.reads("the gate says bad");
  await page.reads("concept drift");
  await page.until(() => document.querySelectorAll(".plot canvas").length === 3);
  const drawn = await page.evaluate(() => [...document.querySelectorAll(".plot canvas")].every((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((byte) => byte !== 0);
  }));
  assert.ok(drawn, "a chart is empty");
});

test("health over time has a line for each version that told", async () => {
  const page = await inside();
  await open(page, "#/health");
  await page.until(() => document.querySelectorAll(".plot canvas").length >= 3);
  const lines = await page.evaluate(() => [...document.querySelector(".legend").querySelectorAll("li")].map((line) => line.innerText));
  assert.ok(lines.some((line) => line.includes("v1")) && lines.some((line) => line.includes("v2")), lines.join());
});

test("stop everything asks first, stops, and can be undone", async () => {
  const page = await inside();
  await page.click("#stop");
  await page.until(() => document.querySelector("dialog[open]"));
  await page.press("Escape");
  await page.until(() => !document.querySelector("dialog[open]"));
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

test("a viewer is offered nothing it may not do, and the server refuses what it asks all the same", async () => {
  const page = await inside({}, scene.viewer.secret);
  await open(page, "#/versions/" + scene.v3.id);
  await page.until(() => document.querySelector(".lineage"));
  assert.equal(await page.evaluate(() => document.querySelectorAll(".title button, .title .button").length), 0);
  await page.click("#stop");
  await page.click("dialog button.full");
  await page.reads("this key may not do that");
});

test("the page speaks Portuguese to who prefers it, changes at a button, and says so in lang", async () => {
  const page = await inside({ language: "pt-BR" });
  await page.reads("versões em campo");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "pt-BR");
  await open(page, "#/rollouts/" + scene.bad.id);
  await page.reads("a porteira diz ruim");
  await page.click("#language", "English");
  await page.reads("the gate says bad");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en-GB");
});

test("every page in Portuguese is free of English sentences of the page", async () => {
  const page = await inside({ language: "pt-BR" });
  for (const hash of everywhere()) {
    await open(page, hash);
    const words = (await page.evaluate(() => {
      const main = document.querySelector("main").cloneNode(true);
      main.querySelectorAll("code, pre").forEach((written) => written.remove());
      return main.textContent.toLowerCase();
    }));
    for (const english of ["devices", "nothing here", "roll-out", "version ", "settings", "stopped", "approve"]) {
      assert.ok(!words.includes(english), `${hash}: "${english}" in\n${words}`);
    }
  }
});

test("everything is reached by keyboard alone, in the order in which it is read", async () => {
  const page = await inside({});
  await page.until(() => document.querySelectorAll(".card").length === 5);
  const walk = [];
  for (let i = 0; i < 14; ++i) {
    await page.press("Tab");
    walk.push(await page.focused());
    assert.ok(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"), "no focus is seen at " + walk.at(-1));
  }
  assert.match(walk[0], /skip to the content/i);
  const place = (words) => walk.findIndex((one) => one.toLowerCase().includes(words));
  assert.ok(0 < place("overview") && place("overview") < place("devices") && place("devices") < place("stop everything"), walk.join(" | "));
});

test("a dialog is answered by keyboard and gives the focus back", async () => {
  const page = await inside();
  await page.evaluate(() => document.querySelector("#stop:not(:disabled)")?.focus());
  await page.until(() => document.activeElement.id === "stop" || (document.querySelector("#stop:not(:disabled)")?.focus(), false));
  await page.press("Enter");
  await page.until(() => document.querySelector("dialog[open]"));
  assert.match(await page.focused(), /no, go back/i);
  await page.press("Enter");
  await page.until(() => !document.querySelector("dialog[open]") && document.activeElement.id === "stop");
});

test("the skip link leads past the navigation", async () => {
  const page = await inside({});
  await page.press("Tab");
  await page.press("Enter");
  assert.match(await page.focused(), /^MAIN/);
});

const everywhere = () => ["#/overview", "#/devices", "#/devices/mic-01", "#/groups", "#/enrol", "#/versions", "#/versions/" + scene.v2.id, "#/rollouts",
  "#/rollouts/" + scene.bad.id, "#/rollouts/" + scene.waiting.id, "#/plan", "#/health", "#/jobs", "#/jobs/" + scene.job, "#/audit", "#/settings", "#/keys"];

test("no page is wider than a phone of 320 pixels", async () => {
  const page = await inside({ width: 320, height: 640, language: "pt-BR" });
  for (const hash of everywhere()) {
    await open(page, hash);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 320, `${hash}: ${wide} pixels`);
  }
});

test("a refresh moves nothing", async () => {
  const page = await inside();
  await open(page, "#/rollouts/" + scene.good.id);
  await page.until(() => document.querySelectorAll(".plot canvas").length === 3);
  const moved = await page.evaluate(() => new Promise((done) => {
    let shift = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shift += entry.value))).observe({ type: "layout-shift" });
    setTimeout(() => done(shift), 2000);
  }));
  assert.equal(moved, 0);
});

test("markup in ids, names, reasons and attributes is shown as text", async () => {
  const evil = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
  const version = await push(server, { model: "evil", name: evil, approved: true });
  const { items: [{ id, token }] } = await server.api("POST", "/devices", { id: "evil-1", board: "bench_m4", attributes: { site: evil } });
  const rollout = await plan(server, version, { name: evil, filter: "id == evil-1", stages: [{ percent: 100, gate: false }] });
  await server.api("POST", `/rollouts/${rollout.id}/start`);
  const device = new FakeDevice(server, id, token);
  while (!(await device.take(evil)));
  const page = await inside();
  for (const hash of ["#/devices/evil-1", "#/overview", "#/rollouts/" + rollout.id, "#/versions/" + version.id, "#/versions?model=evil"]) {
    await open(page, hash);
    await page.reads("<img");
    assert.equal(await page.evaluate(() => document.querySelectorAll("img, main script").length), 0, hash);
    assert.ok(!(await page.evaluate(() => document.title)).includes("taken"), hash);
  }
});

test("the code to enrol is a QR picture that a camera's program reads", async (t) => {
  const page = await inside();
  await open(page, "#/enrol");
  await page.click("button", "make a code");
  await page.until(() => document.querySelector(".qr path"));
  const code = await page.evaluate(() => document.querySelector("#code").innerText);
  const read = await decode(page);
  if (read === null) return t.skip("no zbarimg; hint: apt-get install --no-install-recommends zbar-tools");
  assert.deepEqual(JSON.parse(read), { enroll: server.url + "/api/v1/enroll?tenant=default", code });
  const made = await ask(server.url, "POST", "/api/v1/enroll?tenant=default", {}, JSON.stringify({ code, id: "by-code" }));
  assert.equal(made.status, 201);
});

async function decode(page) {
  const { spawnSync } = await import("node:child_process");
  const file = server.folder + "/qr.png";
  await page.picture(file);
  const { stdout, error } = spawnSync("zbarimg", ["--quiet", "--raw", file]);
  return error ? null : String(stdout).trim();
}

test("the log of a job and the end of it are on its page", async () => {
  const page = await inside();
  await open(page, "#/jobs/" + scene.job);
  await page.reads("copying to");
  await page.reads("done");
});

test("a key that is revoked while in use leads back to the sign-in, with the reason", async () => {
  const { secret, id } = await server.api("POST", "/keys", { name: "short", role: "viewer" });
  const page = await inside({}, secret);
  await page.reads("versions in the field");
  await server.api("DELETE", "/keys/" + id);
  await page.reads("this key opens nothing any more");
});

test("what is not there says so, and a way on", async () => {
  const page = await inside();
  await open(page, "#/devices?filter=board%20%3D%3D%20nothing");
  await page.reads("no device matches");
  await page.evaluate(() => (location.hash = "#/devices/nobody"));
  await page.reads("try again");
});

test("nothing on any page broke the content security policy or threw", () => {
  assert.deepEqual(pages.flatMap((page) => page.complaints), []);
  assert.ok(pages.length >= 8);
});

test("the page comes with a policy that allows no inline script and no frame", async () => {
  const { headers } = await ask(server.url, "GET", "/");
  const policy = headers["content-security-policy"];
  for (const words of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(words), policy);
  assert.ok(!policy.includes("unsafe"), policy);
});
