// The office's day by keyboard: 今日, the list of orders, its conditions, finding an order by its number, and U.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { look, lookTwice, openBrowser, openPage, openShop } from "./shop.mjs";

let shop, browser, page;
before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  await page.goto("/sign-in");
  await page.fill("[name=username]", "xiaohui");
  await page.fill("[name=password]", /密碼都是　(\S+)/.exec(shop.said)[1]);
  await go("Enter", `${shop.url}/`);
});
after(async () => {
  await browser?.close();
  await shop?.close();
});

/** Presses `keys` one after the other; the last leads to a page whose address matches. */
async function go(keys, url) {
  const all = keys.split(" ");
  for (const key of all.slice(0, -1)) await page.keyboard.press(key);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press(all.at(-1))]);
  if (typeof url === "string") assert.equal(page.url(), url); else assert.match(page.url(), url);
}
const main = () => page.locator("main").innerText();
const rows = () => page.locator("[data-rows] [data-row]").count();

test("the list of a day is read, turned and narrowed with the keyboard alone", { timeout: 120_000 }, async () => {
  await go("Alt+2", /\/orders$/);
  assert.match(await main(), /今天的訂單/);
  await lookTwice(page, "60-orders");
  await go("ArrowRight", /date=tomorrow/);
  await go("ArrowLeft", /\/orders$/);
  await go("ArrowLeft", /date=yesterday/);
  await go("ArrowRight", /\/orders$/);
  assert.equal(await rows(), 50);
  const total = Number(/共 (\d+) 張/.exec(await main())[1]);
  let seen = 50;
  for (let at = 2; seen < total; at++) {
    await go("PageDown", new RegExp(`page=${at}`));
    seen += await rows();
  }
  assert.equal(seen, total, "every order stands on one page");
  await go("PageUp", /\/orders(\?page=\d)?$/);

  // Every chip leads to a list as long as it says.
  await page.goto("/orders");
  for (const chip of await page.locator(".filters nav a:has(.count)").all()) {
    const [text, href] = [await chip.innerText(), await chip.getAttribute("href")];
    const answer = await (await page.request.get(href)).text();
    const listed = /class="pages keys"/.test(answer) ? Number(/共 ([\d,]+) 張/.exec(answer)[1].replace(",", "")) : 0;
    assert.equal(listed, Number(/([\d,]+)$/.exec(text)[1].replace(",", "")), text);
  }

  // A row is opened by its digit, or by moving to it.
  const third = await page.locator("[data-row='3']").getAttribute("href");
  await go("3", `${shop.url}${third}`);
  await go("Escape", /\/orders(\?|$)/);
  await go("ArrowDown ArrowDown ArrowDown Enter", `${shop.url}${third}`);

  // Esc leads back to the list one came from, whatever it was.
  await page.goto("/orders?date=tomorrow&status=confirmed");
  const first = await page.locator("[data-row='1']").getAttribute("href");
  await go("1", `${shop.url}${first}`);
  await go("Escape", /date=tomorrow&status=confirmed$/);
});

test("more conditions open with F, and a list is kept under a name", { timeout: 60_000 }, async () => {
  await page.goto("/orders");
  await page.keyboard.press("f");
  await page.waitForFunction(() => document.activeElement?.name === "q");
  await lookTwice(page, "61-conditions");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("details.conditions[open]").count(), 0, "Esc leaves the field, then closes");

  const name = (await page.locator("[data-row='5']").innerText()).trim().split("　")[0];
  await page.keyboard.press("f");
  await page.waitForFunction(() => document.activeElement?.name === "q");
  await page.keyboard.type(name);
  await go("Enter", /\/orders\?q=/);
  assert.ok((await rows()) >= 1);
  assert.ok((await main()).includes(name));
  await lookTwice(page, "62-narrowed");

  await page.keyboard.press("f");
  await page.fill("#name", "常看");
  await page.focus("#name");
  await go("Enter", /\/orders\?/);
  assert.match(await main(), /已存「常看」/);
  await page.goto("/orders");
  await page.locator(".filters a.saved", { hasText: "常看" }).click();
  await page.waitForURL(/q=/);
  await page.keyboard.press("f");
  await lookTwice(page, "63-kept");
  await page.locator("details.conditions form:has-text('常看') button", { hasText: "移除" }).click();
  await page.waitForLoadState();
  assert.equal(await page.locator(".filters a.saved").count(), 0);
});

test("an order is found by its number, and cancelled and taken back by keys", { timeout: 60_000 }, async () => {
  await page.goto("/orders?status=confirmed");
  const href = await page.locator("[data-row='1']").getAttribute("href");
  await page.goto(href);
  const number = /ORD-\d{8}-\d{4}/.exec(await main())[0];
  await page.goto("/");
  await page.keyboard.press("/");
  await page.keyboard.type(number);
  await page.waitForFunction((typed) => document.querySelector("[data-q]")?.dataset.q === typed, number);
  await look(page, "64-found");
  await go("Enter", `${shop.url}${href}`);

  // From the list: the lit row and E; or X, the reason, Enter, and U takes it anew.
  await page.goto("/orders?status=confirmed");
  await go("ArrowDown ArrowDown e", /\/orders\/\d+\/edit$/);
  await page.goto("/orders?status=confirmed");
  await go("ArrowDown x", /\/cancel$/);
  await page.keyboard.press("5");
  await go("Enter", /\/orders\/\d+$/);
  assert.match(await main(), /已取消/);
  await lookTwice(page, "65-cancelled");
  await page.goto("/");
  await look(page, "66-mine");
  assert.match(await main(), /取消了/);
  await go("u", `${shop.url}/`);
  assert.match(await main(), /照樣另開了 \d{4}/);
  assert.equal(await page.locator("[data-key=u]").count(), 0, "what was undone is not offered again");
  await look(page, "67-undone");
});

test("what waits for a look is confirmed from 今日 without leaving it", { timeout: 60_000 }, async () => {
  await page.goto("/");
  await page.waitForFunction(() => /^\d+$/.test(document.querySelector("[data-later]").textContent));
  await lookTwice(page, "68-today");
  const waiting = () => page.locator("[data-rows] tr:has(.badge.pending) form").count();
  const before = await waiting();
  assert.ok(0 < before, "the demonstration has orders that wait");
  const at = await page.locator("[data-rows] tr").evaluateAll((all) => all.filter((row) => row.querySelector("[data-row]")).findIndex((row) => row.querySelector("form")));
  const first = await page.locator("[data-rows] tr:has(form) [data-row]").first().getAttribute("href");
  for (let n = 0; n <= at; n++) await page.keyboard.press("ArrowDown");
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  assert.match(await main(), /已確認/);
  await page.goto(first);
  assert.match(await page.locator("main .badge").first().innerText(), /已確認/);
  await page.goto("/");
  const one = await page.locator("[data-row='1']").getAttribute("href");
  await go("1", `${shop.url}${one}`);
});
