// A practice shop from the newest backup, and a look at how the shop was: both beside the shop, which stays as it is.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { lookTwice, openApi, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser, page;
before(async () => {
  shop = await openShop(["demo"]);
  browser = await openBrowser();
  page = await openPage(browser, shop);
  await signIn(page, "boss");
});
after(async () => {
  await browser?.close();
  await shop?.close();
});

const elsewhere = (url) => url.origin !== shop.url && url.pathname === "/";

test("one orders in the practice shop and nothing of it is in the shop; how it was can be looked at", { timeout: 300_000 }, async () => {
  const api = await openApi(shop, "boss");
  await api("POST", "/backups", {});
  for (let tries = 0; !(await api("GET", "/backups")).backups.some((one) => one.proved_at); tries++) {
    assert.ok(tries < 300, "the backup is made");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const [customer] = (await api("GET", "/customers?limit=1")).customers;
  const card = `/customers/${customer.id}`;

  await page.goto("/data");
  await page.keyboard.press("p");
  await page.waitForURL(elsewhere);
  const practice = new URL(page.url()).origin;
  assert.match(await page.locator(".band.practice").textContent(), /練習店用 \d\d\/\d\d 的資料，隨便按沒關係，明天就消失。/);
  assert.equal(await page.locator(".bar-tools a[href='/me']").textContent(), "老闆");
  await lookTwice(page, "90-practice");

  await page.goto(`${practice}${card}/edit`);
  await page.fill("#notes", "只是練習");
  await page.locator("main form button[type=submit]").click();
  await page.waitForURL(`${practice}${card}**`);
  assert.match(await page.textContent("main"), /只是練習/);

  await page.click(".band a");
  await page.waitForURL(`${shop.url}/`);
  await page.goto(card);
  assert.doesNotMatch(await page.textContent("main"), /只是練習/);
  assert.equal(await page.locator(".band.past").count(), 0);

  // What is written now was not there when the copy was made.
  await page.goto(`${card}/edit`);
  await page.fill("#notes", "後來才寫的");
  await page.locator("main form button[type=submit]").click();
  await page.waitForURL(`${shop.url}${card}**`);
  await page.goto("/backups");
  await page.keyboard.press("1");
  await page.waitForURL(/\/backups\/luckygas-/);
  await page.keyboard.press("l");
  await page.waitForURL(elsewhere);
  const past = new URL(page.url()).origin;
  assert.notEqual(past, practice);
  assert.match(await page.locator(".band.past").textContent(), /你在看 \d\d\/\d\d \d\d:\d\d 的店只能看。/);
  await lookTwice(page, "91-past");
  await page.goto(`${past}${card}/edit`);
  assert.notEqual(await page.inputValue("#notes"), "後來才寫的");
  await page.fill("#notes", "不能存");
  await page.locator("main form button[type=submit]").click();
  await page.waitForLoadState();
  assert.match(await page.textContent("main"), /只能看，不能改/);
  assert.equal(await page.evaluate(async () => (await fetch("/orders", { method: "POST", body: new URLSearchParams() })).status), 409);

  await page.click(".band a");
  await page.waitForURL(`${shop.url}/`);
  await page.goto("/data");
  await lookTwice(page, "92-data");
  for (const name of ["練習店", "以前的店"]) {
    await page.locator("button", { hasText: `關掉：${name}` }).click();
    await page.waitForURL(`${shop.url}/data`);
  }
  await assert.rejects(fetch(practice));
  await assert.rejects(fetch(past));
  await page.goto("/audit?topic=backup");
  await lookTwice(page, "93-audit");
  assert.match(await page.textContent("main"), /看以前的店/);
  await page.keyboard.press("1");
  await page.waitForURL(/\/audit\/\d+$/);
  await lookTwice(page, "94-audit-line");
  await page.goto("/me");
  await lookTwice(page, "95-me");
});
