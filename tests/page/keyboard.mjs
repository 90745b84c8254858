// keyboard.mjs: no mouse: every control of every page is reached in reading order, is seen, and does what it says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { everywhere, inside, open, scene } from "./world.mjs";

// What can be reached, in the order of the document.
const reachable = () => {
  const parts = 'a[href], button:not(:disabled), input:not(:disabled), select, summary, [tabindex="0"]';
  return [...document.querySelectorAll(parts)].filter((one) => one.getClientRects().length > 0).length;
};

// Marks what has the focus; says how it is seen, and whether it came before something visited earlier.
const visit = () => {
  const here = document.activeElement;
  if (here === document.body || here === document.documentElement) return null;
  const again = here.dataset.visited !== undefined;
  if (again && here.type === "time") return { within: true }; // its hours, its minutes
  const before = [...document.querySelectorAll("[data-visited]")];
  const order = before.every((one) => one.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING);
  here.dataset.visited = "";
  const box = here.getBoundingClientRect(), look = getComputedStyle(here), rect = here.querySelector("rect");
  const ring = look.outlineStyle !== "none" || (rect !== null && parseFloat(getComputedStyle(rect).strokeWidth) >= 3);
  const place = [box.x, box.y, box.width, box.height].map(Math.round).join(" ") + (ring ? "" : ", no ring");
  const shown = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
  return { again, order, seen: ring && shown, what: `${here.tagName} ${here.id} ${here.innerText ?? ""} at ${place}` };
};

test("Tab walks every control of every page once, in reading order, and each is seen to have the focus", async () => {
  const page = await inside({});
  for (const hash of everywhere()) {
    await open(page, hash);
    await page.evaluate(() => {
      document.querySelectorAll("[data-visited]").forEach((one) => delete one.dataset.visited);
      document.activeElement.blur();
      getSelection().removeAllRanges();
      document.querySelector(".skip").focus();
    });
    const count = await page.evaluate(reachable);
    let walked = 0;
    while (walked < Math.min(count, 45)) {
      const at = await page.evaluate(visit);
      if (at?.within) {
        await page.press("Tab");
        continue;
      }
      if (at === null || at.again) break;
      assert.ok(at.order, `${hash}: ${at.what} comes out of order`);
      assert.ok(at.seen, `${hash}: ${at.what} has the focus and is not seen to`);
      ++walked;
      await page.press("Tab");
    }
    assert.ok(walked >= Math.min(count, 45) - 1, `${hash}: ${walked} of ${count} controls`);
  }
});

test("by keyboard alone a version is opened, its roll-out planned, and the draft thrown away", async () => {
  const page = await inside({});
  const tab_to = async (words) => {
    for (let i = 0; i < 60; ++i) {
      const at = await page.focused();
      if (words.test(at)) return;
      await page.press("Tab");
    }
    assert.fail("Tab never came to " + words);
  };
  await tab_to(/^A Versions/);
  await page.press("Enter");
  await page.until(() => document.querySelector("h2")?.innerText === "Versions" && document.querySelector("tbody a"));
  await tab_to(/^A v2$/);
  await page.press("Enter");
  await page.until((id) => location.hash.endsWith(id), scene.v2.id);
  await tab_to(/^A Plan a roll-out/);
  await page.press("Enter");
  await page.until(() => document.querySelector("#name"));
  const at = () => page.evaluate(() => document.activeElement.id);
  for (let i = 0; i < 20 && (await at()) !== "name"; ++i) await page.press("Tab");
  await page.send("Input.insertText", { text: "typed" });
  await page.press("Enter");
  await page.until(() => document.querySelector("h2")?.innerText === "typed");
  await tab_to(/^BUTTON Abort/);
  await page.press("Enter");
  await page.until(() => document.querySelector("dialog[open]"));
  await page.press("Escape");
  await page.until(() => !document.querySelector("dialog"));
  assert.match(await page.focused(), /abort/i);
  await page.press("Space");
  await page.until(() => document.querySelector("dialog[open]"));
  await page.press("Tab");
  await page.press("Enter");
  await page.reads("aborted by admin");
});
