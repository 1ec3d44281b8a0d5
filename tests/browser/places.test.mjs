// Second places and the passphrase, as the owner sees them: a stick is added, gets its copy, is pulled out; the sheet for the
// safe; a copy is taken away and brought along.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { look, lookTwice, makeOwner, openBrowser, openPage, openShop } from "./shop.mjs";

let outside, stick, shop, browser, page;

before(async () => {
  outside = mkdtempSync(join(tmpdir(), "luckygas-outside-"));
  stick = join(outside, "USB");
  mkdirSync(stick);
  [shop, browser] = await Promise.all([openShop(), openBrowser()]);
  page = await openPage(browser, shop);
  await makeOwner(page, shop, "gas-shop-pass-1");
});
after(async () => {
  await browser?.close();
  await shop?.close();
  rmSync(outside, { recursive: true, force: true });
});

async function backUp() {
  await page.goto("/backups");
  await page.keyboard.press("b");
  await page.waitForURL(/\/backups$/);
  await page.waitForSelector(".notice");
}

test("a stick gets its copy by itself, and the page says when it is away", { timeout: 120_000 }, async () => {
  await backUp();
  await page.goto("/backups/places");
  await lookTwice(page, "places-none");
  await page.fill("#label", "備份碟");
  await page.fill("#folder", join(outside, "沒有這個"));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".problem");
  await page.fill("#folder", stick);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".badge.delivered");
  // Two, when the night's copy was made up for meanwhile.
  const copies = readdirSync(stick).filter((name) => name.endsWith(".db")).length;
  assert.ok(1 <= copies && copies <= 2, `${copies} copies`);
  await lookTwice(page, "places");

  renameSync(stick, `${stick}-away`);
  await page.keyboard.press("b");
  await page.waitForSelector(".badge.late", { timeout: 20_000 });
  await look(page, "places-away");
  renameSync(`${stick}-away`, stick);
});

test("the passphrase is drawn, printed, and locks what leaves the house", { timeout: 120_000 }, async () => {
  await page.goto("/backups/key");
  await lookTwice(page, "key-none");
  await page.keyboard.press("g");
  await page.waitForURL(/\/backups\/key\/print/);
  assert.match(await page.locator(".passphrase").innerText(), /^[2-9a-z]{4}(-[2-9a-z]{4}){4}$/);
  await look(page, "key-print");
  await page.goto("/backups/key");
  await lookTwice(page, "key");
  await page.goto("/backups/places");
  await page.keyboard.press("b");
  await page.waitForFunction(() => document.body.innerText.includes("上了鎖"), null, { timeout: 30_000 });
  assert.deepEqual(readdirSync(stick).filter((name) => name.endsWith(".db")), []);

  await page.goto("/backups");
  await page.keyboard.press("1");
  await page.waitForSelector("a[href$='/file']");
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("d")]);
  assert.match(download.suggestedFilename(), /\.db\.age$/);
  const file = join(outside, download.suggestedFilename());
  await download.saveAs(file);

  await page.goto("/backups/upload");
  await lookTwice(page, "upload");
  await page.setInputFiles("#file", join(stick, "luckygas-place.txt"));
  await page.locator("main form button").click();
  await page.waitForSelector(".problem");
  await page.setInputFiles("#file", file);
  await page.locator("main form button").click();
  await page.waitForURL(/uploaded/);
  assert.match(await page.locator(".notice").innerText(), /帶進來了/);
  assert.deepEqual(page.complaints, []);
});
