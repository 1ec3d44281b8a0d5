// The owner of a new shop says what things cost, with the keyboard alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { lookTwice, openBrowser, openPage, openShop } from "./shop.mjs";

let shop, browser, page;

before(async () => {
  [shop, browser] = await Promise.all([openShop(["serve"]), openBrowser()]);
  page = await openPage(browser, shop);
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

const focused = () => page.evaluate(() => document.activeElement.name ?? "");

test("prices are asked for before the first customer", async () => {
  const code = /[A-Z0-9]{4}-[A-Z0-9]{4}/.exec(shop.said)[0];
  await page.goto(`/setup/owner?code=${code}&start=new`);
  for (const word of ["範例煤氣行", "老闆", "boss", "a-good-password", "a-good-password"]) {
    await page.keyboard.type(word);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/products\/prices\?first=1$/);
  await lookTwice(page, "prices-first");
  // Tab goes from price to price, and nowhere between.
  assert.equal(await focused(), "price_1");
  for (const price of ["2000", "850", "700"]) {
    await page.keyboard.type(price);
    await page.keyboard.press("Tab");
  }
  assert.equal(await focused(), "price_4");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/products\/prices\/preview/);
  await lookTwice(page, "prices-preview");
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/products\/prices\?/);
  assert.equal(await page.inputValue("[name=price_2]"), "850", "one step back has what was typed");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/products\/prices\/preview/);
  await page.keyboard.press("Enter"); // by the way: nothing happens
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/customers\/new$/);
});

test("what has no price yet stands above the list, and its field takes 注音 for digits", async () => {
  await page.goto("/products");
  await lookTwice(page, "prices-list");
  assert.match(await page.textContent("#h-unpriced + .warn"), /9 個在賣的產品/);
  await page.focus("[name=price_4]");
  await page.evaluate(() => {
    const field = document.activeElement;
    field.value = "ˋㄚㄢ"; // the keys 4 8 0 with an input method on
    field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  });
  assert.equal(await page.inputValue("[name=price_4]"), "480");
  await page.fill("[name=price_4]", "48x");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/products\/prices\/preview/);
  assert.equal(await focused(), "price_4", "the wrong field has the focus");
  await lookTwice(page, "prices-wrong");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("480");
  await page.keyboard.press("Enter");
  await page.waitForSelector("text=今天起改 1 個價格");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/products$/);
  await page.goto("/products/4");
  await lookTwice(page, "prices-product");
  assert.match(await page.textContent("main"), /480/);
});

test("an accessory, a holiday and the settings of taking orders", async () => {
  await page.goto("/products/new");
  await lookTwice(page, "prices-new");
  await page.keyboard.type("REG");
  await page.keyboard.press("Tab");
  await page.keyboard.type("調整器");
  await page.keyboard.press("Tab");
  await page.keyboard.type("350");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/products$/);
  assert.match(await page.textContent("main"), /調整器/);
  await page.goto("/settings");
  await page.keyboard.press("h");
  await page.waitForURL(/\/settings\/holidays$/);
  await lookTwice(page, "prices-holidays");
  await page.goto("/settings");
  await lookTwice(page, "prices-settings");
});
