// safety.mjs: clever names, and the policy of the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDevice, plan, push } from "./fleet.mjs";
import { ask } from "./server.mjs";
import { inside, open, pages, server } from "./world.mjs";

test("markup in ids, names, reasons and attributes is shown as text", async () => {
  const evil = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;
  const version = await push(server, { model: "evil", name: evil, approved: true });
  const {
    items: [{ id, token }],
  } = await server.api("POST", "/devices", { id: "evil-1", board: "bench_m4", attributes: { site: evil } });
  const rollout = await plan(server, version, {
    name: evil,
    filter: "id == evil-1",
    stages: [{ percent: 100, gate: false }],
  });
  await server.api("POST", `/rollouts/${rollout.id}/start`);
  const device = new FakeDevice(server, id, token);
  for (let i = 0; i < 100 && !(await device.take(evil)); ++i) await new Promise((wake) => setTimeout(wake, 50));
  const page = await inside();
  for (const hash of [
    "#/devices/evil-1",
    "#/overview",
    "#/rollouts/" + rollout.id,
    "#/versions/" + version.id,
    "#/versions?model=evil",
  ]) {
    await open(page, hash);
    await page.reads("<img");
    assert.equal(await page.evaluate(() => document.querySelectorAll("img, main script").length), 0, hash);
    assert.ok(!(await page.evaluate(() => document.title)).includes("taken"), hash);
  }
});

test("the page comes with a policy that allows no inline script and no frame", async () => {
  const { headers } = await ask(server.url, "GET", "/");
  const policy = headers["content-security-policy"];
  for (const words of [
    "default-src 'none'",
    "script-src 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ])
    assert.ok(policy.includes(words), policy);
  assert.ok(!policy.includes("unsafe"), policy);
});

test("nothing on any page broke the content security policy or threw", () => {
  assert.deepEqual(
    pages.flatMap((page) => page.complaints),
    [],
  );
  assert.ok(pages.length >= 8);
});
