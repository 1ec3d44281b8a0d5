// A session ends while its page is open: after its hours, or because a manager ended it.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { openBrowser, openPage, openShop } from "./shop.mjs";

let shop, browser;
before(async () => {
  shop = await openShop(["demo"]);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await shop?.close();
});

test("who searches then is asked for the password, and goes on with what was typed", { timeout: 60_000 }, async () => {
  const page = await openPage(browser, shop);
  const password = /密碼都是　(\S+)/.exec(shop.said)[1];
  const signIn = async () => {
    await page.fill("[name=username]", "xiaohui");
    await page.fill("[name=password]", password);
    await page.keyboard.press("Enter");
  };
  await page.goto("/sign-in");
  await signIn();
  await page.waitForURL(`${shop.url}/`);
  await page.context().clearCookies();
  await page.keyboard.press("/");
  await page.keyboard.type("12");
  await page.waitForURL(/\/sign-in/);
  await signIn();
  await page.waitForURL(/\/customers\?q=1/);
  assert.deepEqual(page.complaints, []);
});
