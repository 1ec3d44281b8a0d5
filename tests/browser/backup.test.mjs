// The owner makes a copy with one key, sees that it was proved, and looks at what is in it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lookTwice, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser, page;

before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  await signIn(page, "boss");
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

test("B makes a copy, and the list says that it was proved", async () => {
  await page.goto("/backups");
  await page.getByText("還沒有備份", { exact: true }).waitFor();
  await page.keyboard.press("b");
  // The page of its progress goes on to the list by itself.
  await page.waitForURL((url) => url.pathname === "/backups", { timeout: 60_000 });
  const notice = await page.locator(".notice").textContent();
  assert.match(notice, /備份好了：3\d\d,\d{3} 筆配送、13,295 位客戶，驗過。/);
  const row = page.locator("table.list tbody tr").first();
  assert.match(await row.textContent(), /手動.*驗過.*MB/s);
  await lookTwice(page, "backups");
});

test("1 opens it, V reads it again, Esc goes back", async () => {
  await page.keyboard.press("1");
  await page.waitForURL(/\/backups\/luckygas-\d{8}-\d{6}-manual\.db$/);
  assert.match(await page.locator("main").textContent(), /13,295 位/);
  await lookTwice(page, "backup-one");
  await page.keyboard.press("v");
  await page.getByText("從頭到尾驗過，是好的。").waitFor({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => url.pathname === "/backups");
});

test("T leads to the times, and C to the card for beside the PC", async () => {
  await page.keyboard.press("t");
  await page.waitForURL(/\/backups\/settings$/);
  await lookTwice(page, "backup-settings");
  await page.fill("#keep_daily", "300");
  await page.keyboard.press("Enter");
  await page.getByText("填 0 到 200 之間的數字。").waitFor();
  await page.fill("#keep_daily", "20");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/backups");
  assert.match(await page.locator("main").textContent(), /每天 20 份/);
  await page.keyboard.press("c");
  await page.waitForURL(/\/backups\/card$/);
  assert.equal(await page.locator(".six li").count(), 6);
  await lookTwice(page, "backup-card");
});

test("the first page says when the shop was last copied", async () => {
  await page.goto("/");
  assert.match(await page.locator("main").textContent(), /最後備份今天 15:3\d，驗過/);
});
