// The first day of a shop, by keyboard: first run, bringing the files in, finding a customer, reading the
// history, two clerks on one record.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DESK, PHONE, look, lookTwice, openBrowser, openPage, openShop, sample } from "./shop.mjs";

const full = process.env.LUCKYGAS_FULL_DATA ? join(process.env.LUCKYGAS_FULL_DATA, "real") : null;
const files = full && existsSync(join(full, "truth.json")) ? full : sample;
const truth = JSON.parse(readFileSync(join(files, "truth.json"), "utf8"));
const PASSWORD = "gas-shop-pass-1";

let shop, browser, page;

before(async () => {
  [shop, browser] = await Promise.all([openShop(), openBrowser()]);
  page = await openPage(browser, shop);
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

/** Types into whatever has the focus, as hands do. */
const type = (text) => page.keyboard.type(text);
const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

test("the first run asks for the code, shows four doors and makes the owner, once", async () => {
  await page.goto("/");
  assert.match(page.url(), /\/setup$/);
  await lookTwice(page, "01-code");
  await type("AAAA-AAAA");
  await press("Enter");
  await page.waitForSelector("[aria-invalid=true]");
  const code = shop.said.match(/[A-Z0-9]{4}-[A-Z0-9]{4}/)[0];
  await page.fill("#code", code);
  await press("Enter");
  await page.waitForSelector(".doors");
  assert.equal(await page.locator(".doors a").count(), 4);
  await lookTwice(page, "02-doors");

  await press("1");
  await page.waitForSelector("#shop_name");
  await lookTwice(page, "03-owner");
  await page.fill("#shop_name", "範例煤氣行");
  await page.fill("#name", "老闆");
  await page.fill("#username", "boss");
  await page.fill("#password", "short");
  await page.fill("#again", "short");
  await press("Enter");
  await page.waitForSelector(".problem");
  await page.fill("#password", PASSWORD);
  await page.fill("#again", PASSWORD);
  await press("Enter");
  await page.waitForURL(/\/imports/);
  const again = await page.request.get(`/setup?code=${code}`);
  assert.notEqual(again.status(), 200, "the code works only once");
});
