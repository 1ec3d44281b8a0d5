// When something is wrong: the owner opens the page with two keys, reads out six sentences and a code, and saves the file
// for whoever helps with one key.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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

test("two keys lead to six sentences and a code", async () => {
  await page.keyboard.press("Alt+8");
  await page.waitForURL(/\/data$/);
  await lookTwice(page, "health-01-room");
  await page.keyboard.press("h");
  await page.waitForURL(/\/data\/health$/);
  const sentences = await page.locator("ol.health > li b").allInnerTexts();
  assert.deepEqual(sentences.map((sentence) => sentence.slice(0, 2)), ["1.", "2.", "3.", "4.", "5.", "6."]);
  assert.match(await page.locator(".say-code").innerText(), /^[A-Z]\d-\d{3}-\d[A-Z]$/);
  await lookTwice(page, "health-02-page");
});

test("one key saves the file, and no one of the shop is named in it", async () => {
  const name = await page.locator(".bar-tools a[href='/me']").innerText();
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("s")]);
  assert.match(download.suggestedFilename(), /^luckygas-support-\d{8}-\d{4}\.txt$/);
  const text = readFileSync(await download.path(), "utf8");
  assert.match(text, /^luckygas support file/);
  for (const part of ["== sentences", "== metrics", "== schema"]) assert.ok(text.includes(part), part);
  for (const person of [name, "小惠", "阿明", "0900"]) assert.ok(!text.includes(person), person);
});

test("the same sentences stand above the copies", async () => {
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/data$/);
  await page.keyboard.press("k");
  await page.waitForURL(/\/backups$/);
  assert.equal(await page.locator("ol.health > li").count(), 6);
  await lookTwice(page, "health-03-backups");
});
