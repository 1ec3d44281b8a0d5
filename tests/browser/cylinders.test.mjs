// A manager counts the shelf and a clerk books what came from the plant, with the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lookTwice, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser, page;

before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

const focused = () => page.evaluate(() => document.activeElement.name ?? "");
const type = async (...words) => {
  for (const word of words) {
    if (word) await page.keyboard.type(word);
    await page.keyboard.press("Tab");
  }
};
const shelf = async (name) => {
  const row = page.locator("tbody tr", { has: page.locator("th", { hasText: new RegExp(`^${name}$`) }) }).first();
  return (await row.locator("td").allTextContents()).slice(0, 2);
};

test("the shelf is counted: what differs wants a reason, and the caret waits there", async () => {
  await signIn(page, "lin");
  await page.goto("/cylinders");
  await lookTwice(page, "cylinders");
  await page.keyboard.press("c");
  await page.waitForURL(/\/cylinders\/count$/);
  await lookTwice(page, "cylinders-count");
  assert.equal(await focused(), "full_1");
  const before = await page.locator("tbody tr").first().locator("td.number").allTextContents();
  const [full, empty] = before.map((text) => Number(text.replace("−", "-")) + 4);
  // Full and empty of the first product, full of the second; Tab goes from count to count.
  await type(String(full), String(empty));
  assert.equal(await focused(), "full_2");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#why-note");
  assert.equal(await focused(), "note");
  await lookTwice(page, "cylinders-count-why");
  await page.keyboard.type("月底盤點");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/cylinders$/);
  assert.deepEqual(await shelf("50KG"), [String(full), String(empty)]);
});

test("what went to the plant and came back is one form", async () => {
  const [full, empty] = (await shelf("50KG")).map(Number);
  await page.keyboard.press("r");
  await page.waitForURL(/\/cylinders\/refill$/);
  await type("3", "5");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/cylinders$/);
  assert.deepEqual((await shelf("50KG")).map(Number), [full + 5, empty - 3]);
  await page.keyboard.press("h");
  await page.waitForURL(/\/cylinders\/movements$/);
  assert.match(await page.textContent("tbody tr"), /進貨.*50KG.*5.*灌裝廠 → 門市/s);
  await page.locator("tbody tr").first().locator("button").press("Enter");
  await page.waitForSelector("main > .notice");
  assert.match(await page.textContent("tbody tr"), /收回進貨/);
  await lookTwice(page, "cylinders-movements");
});
