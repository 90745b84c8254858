// languages.mjs: no English word is left in Portuguese, and the reverse: no word that only the other one uses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { everywhere, inside, open, pages } from "./world.mjs";

// What people and devices of the scene gave a name to.
const given = [
  "first model", "spring update", "spring", "one by one", "night shift", "challenger", "champion",
  "too many false accepts", "digest does not match", "new-firmware", "backup-", "v2-small", "nowhere",
  "which is better", "doors", "beside", "switch", "halted", "by-code", "forced", "arms", "shade", "blue", "halt",
  "large", "late", "door",
];

function catalogue() {
  const how = { cwd: new URL("../..", import.meta.url), maxBuffer: 1 << 26 };
  const { stdout, status } = spawnSync("tools/page-words", how);
  return status === 0 ? JSON.parse(String(stdout)) : null;
}

const tokens = (words) => words.toLowerCase().match(/(?<![\p{L}\p{N}])\p{L}{2,}(?![\p{L}\p{N}]|-\p{N})/gu) ?? [];
const all = (sentences) => new Set(sentences.flatMap(tokens));
const minus = (a, b) => new Set([...a].filter((word) => !b.has(word)));

// All that is read or read out: text, labels, titles; not what is code, and not the button that names the other language.
function spoken() {
  const body = document.body.cloneNode(true);
  body.querySelectorAll("code, pre, #language, script, style, noscript").forEach((node) => node.remove());
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode.data);
  for (const name of ["aria-label", "title", "alt", "data-name"])
    body.querySelectorAll(`[${name}]`).forEach((node) => found.push(node.getAttribute(name)));
  return [...found, document.title];
}

test("what the server refuses is said in Portuguese too", async () => {
  const page = await inside({ language: "pt-BR" });
  await open(page, "#/devices/nobody");
  await page.reads("nenhum dispositivo nobody");
  assert.ok(!(await page.words()).includes("jatai fleet"));
  await open(page, "#/devices");
  await page.fill("#filter", "board ==");
  await page.press("Enter");
  await page.reads("filtro, letra");
});

for (const [language, locale] of [["Portuguese", "pt-BR"], ["English", "en-GB"]]) {
  test(`no page in ${language} has a word of the other language`, async (t) => {
    const words = catalogue();
    if (words === null) return t.skip("no gettext; hint: apt-get install --no-install-recommends gettext");
    const english = all(Object.keys(words)), portuguese = all(Object.values(words));
    const foreign = locale === "pt-BR" ? minus(english, portuguese) : minus(portuguese, english);
    assert.ok(foreign.size > 300, "the catalogue is small: " + foreign.size);
    const page = await inside({ language: locale }), found = [];
    for (const hash of everywhere()) {
      await open(page, hash);
      for (const sentence of await page.evaluate(spoken)) {
        const own = given.reduce((left, name) => left.toLowerCase().replaceAll(name, " "), sentence);
        const strange = tokens(own).filter((word) => foreign.has(word));
if (strange.length > 0) found.push(`${hash}: ${strange.join(" ")} in: ${sentence}`);
      }
    }
    assert.deepEqual([...new Set(found)], []);
    pages.at(-1).complaints.forEach((complaint) => assert.fail(complaint));
  });
}
