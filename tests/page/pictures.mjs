// pictures.mjs: every page as a picture, in both languages and both widths, to be looked at.
//
//     node tests/page/pictures.mjs build/release/jatai /tmp/pictures [name…]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Browser } from "./browser.mjs";
import { every_kind } from "./halls.mjs";
import { make } from "./scene.mjs";
import { Server } from "./server.mjs";

const [, , program, folder, ...only] = process.argv;
const looks = [
  { look: "en-wide", width: 1280, height: 800, language: "en-GB" },
  { look: "pt-phone", width: 360, height: 740, language: "pt-BR" },
  { look: "pt-dark", width: 1280, height: 800, language: "pt-BR", dark: true },
];

const pages = (scene) => ({
  overview: "#/overview",
  devices: "#/devices",
  "devices-none": "#/devices?filter=board%20%3D%3D%20x",
  device: "#/devices/mic-02",
  "device-gone": "#/devices/nobody",
  groups: "#/groups",
  enrol: "#/enrol",
  versions: "#/versions",
  version: "#/versions/" + scene.v2.id,
  rollouts: "#/rollouts",
  "rollout-good": "#/rollouts/" + scene.good.id,
  "rollout-bad": "#/rollouts/" + scene.bad.id,
  "rollout-waiting": "#/rollouts/" + scene.waiting.id,
  "rollout-shadow": "#/rollouts/" + scene.shadow.id,
  "rollout-blue": "#/rollouts/" + scene.blue.id,
  "rollout-arms": "#/rollouts/" + scene.arms.id,
  plan: "#/plan",
  health: "#/health",
  feedback: "#/feedback",
  alerts: "#/alerts",
  jobs: "#/jobs",
  job: "#/jobs/" + scene.job,
  audit: "#/audit",
  settings: "#/settings",
  keys: "#/keys",
});

async function take(page, url, look, name, hash) {
  await page.go(url + "/" + hash);
  await page.until(() => document.querySelector("main") && !document.querySelector(".waiting:not(.alert)"));
  await new Promise((wake) => setTimeout(wake, 150)); // charts measure their place first
  await page.picture(join(folder, `${name}.${look}.png`));
}

// What a press shows: a question, what a plan would do, a code to scan.
async function take_pressed(page, url, look) {
  const shown = async (name) => {
    await new Promise((wake) => setTimeout(wake, 300));
    await page.picture(join(folder, `${name}.${look}.png`));
  };
  await page.go(url + "/#/plan");
  await page.click("button[value=check]");
  await page.until(() => document.querySelector("[role=status] table"));
  await shown("plan-checked");
  await page.click("#stop:not(:disabled)");
  await page.until(() => document.querySelector("dialog[open]"));
  await shown("question");
  await page.press("Escape");
  await page.go(url + "/#/enrol");
  await page.until(() => document.querySelectorAll("main form").length === 2);
  await page.click("form button.full");
  await page.until(() => document.querySelector(".qr img")?.complete);
  await shown("enrol-code");
}

mkdirSync(folder, { recursive: true });
const [server, empty, browser] = await Promise.all([Server.start(program), Server.start(program), Browser.start()]);
const scene = { ...(await make(server)), ...(await every_kind(server)) };
for (const { look, ...how } of looks) {
  const page = await browser.page(how);
  await take(page, server.url, look, "sign-in", "");
  await page.enter(server.url, server.key);
  for (const [name, hash] of Object.entries(pages(scene))) {
    if (only.length === 0 || only.includes(name)) await take(page, server.url, look, name, hash);
  }
  if (only.length === 0) await take_pressed(page, server.url, look);
  const bare = await browser.page(how);
  await bare.enter(empty.url, empty.key);
  for (const name of ["overview", "devices", "groups", "versions", "rollouts", "plan", "health", "jobs"]) {
    if (only.length === 0 || only.includes("empty")) await take(bare, empty.url, look, "empty-" + name, "#/" + name);
  }
  if (page.complaints.length > 0) console.log(look, page.complaints);
}
await browser.end();
await Promise.all([server.end(), empty.end()]);
