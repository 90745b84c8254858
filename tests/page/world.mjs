// world.mjs: what all tests of the page share: one server with a fleet on it, one browser.
//
//     const page = await inside();                       // signed in; the same one each time
//     const phone = await inside({ width: 320 });        // one of its own
//     await open(page, "#/devices");
import { after, before } from "node:test";
import { Browser } from "./browser.mjs";
import { make } from "./scene.mjs";
import { Server } from "./server.mjs";

export let server, browser, scene;
export const pages = [];

before(async () => {
  [server, browser] = await Promise.all([Server.start(process.env.JATAI), Browser.start()]);
  scene = await make(server);
});
after(async () => {
  await Promise.all([server.end(), browser.end()]);
});

let desk;
export async function inside(how, key = server.key) {
  if (!how) return (desk ??= await inside({}));
  const page = await outside(how);
  await page.enter(server.url, key);
  return page;
}

// A window nobody signed in to.
export async function outside(how = {}) {
  const page = await browser.page(how);
  pages.push(page);
  return page;
}

// Until the page is there: another title than that of the page before, and the focus at its start.
export async function open(page, hash) {
  await page.evaluate((to) => {
    const path = (of) => (of.split("?")[0] || "#/overview").replace(/\/$/, "");
    window.moved = path(location.hash) !== path(to);
    if (window.moved) document.querySelectorAll("h2").forEach((title) => (title.dataset.left = ""));
    if (window.moved) document.activeElement.blur();
    location.hash = to;
  }, hash);
  await page.until(() => {
    const title = document.querySelector("h2");
    const arrived = !window.moved || document.activeElement.id === "main";
    return title && title.dataset.left === undefined && arrived && !document.querySelector(".waiting");
  });
}

export const everywhere = () => [
  "#/overview",
  "#/devices",
  "#/devices/mic-01",
  "#/groups",
  "#/enrol",
  "#/versions",
  "#/versions/" + scene.v2.id,
  "#/rollouts",
  "#/rollouts/" + scene.bad.id,
  "#/rollouts/" + scene.waiting.id,
  "#/plan",
  "#/health",
  "#/feedback",
  "#/alerts",
  "#/jobs",
  "#/jobs/" + scene.job,
  "#/audit",
  "#/settings",
  "#/keys",
];
