// keys.mjs: who comes in, and what a key may do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inside, open, outside, scene, server } from "./world.mjs";

test("a key that opens nothing is refused in words, and a good one stays in this tab only", async () => {
  const page = await outside();
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

test("a viewer is offered nothing it may not do, and the server refuses what it asks all the same", async () => {
  const page = await inside({}, scene.viewer.secret);
  await open(page, "#/versions/" + scene.v3.id);
  await page.until(() => document.querySelector(".lineage"));
  assert.equal(await page.evaluate(() => document.querySelectorAll(".title button, .title .button").length), 0);
  await page.click("#stop");
  await page.click("dialog button.full");
  await page.reads("this key may not do that");
});

test("a key that is revoked while in use leads back to the sign-in, with the reason", async () => {
  const { secret, id } = await server.api("POST", "/keys", { name: "short", role: "viewer" });
  const page = await inside({}, secret);
  await page.reads("versions in the field");
  await server.api("DELETE", "/keys/" + id);
  await page.reads("this key opens nothing any more");
});
