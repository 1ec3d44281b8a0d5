// Templates by keyboard alone: made from the card, the days beside the form following what is typed, used in one key,
// stopped and taken up again; two people on one; and the same without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, lookTwice, openBrowser, openPage, openShop, openApi, signIn } from "./shop.mjs";

let shop, browser, page, api, customer;
let keys = 0;

before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  api = await openApi(shop, "xiaohui");
  // Somebody in business who has no template and whose usual is known.
  const taken = new Set((await api("GET", "/templates?limit=200")).templates.map((template) => template.customer_id));
  const { customers } = await api("GET", "/customers?active=active&limit=200");
  customer = customers.find((one) => !taken.has(one.id) && !one.is_walk_in && one.cylinders.C20 > 0 && one.closed_weekdays === 0 && !one.closed_on_holidays);
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

async function press(...names) {
  for (const name of names) { keys++; await page.keyboard.press(name); }
}

const focused = () => page.evaluate(() => document.activeElement.name ?? "");
const told = () => page.locator(".notice").innerText();
const days = () => page.locator("[data-preview-place]").innerText();
const mine = async () => (await api("GET", `/templates?customer_id=${customer.id}`)).templates;

test("from the card a template is made, and the days follow what is typed", async () => {
  await page.goto(`/customers/${customer.id}`);
  await press("t");
  await page.waitForURL(/\/templates\/new/);
  await lookTwice(page, "templates-01-new");
  assert.equal(await focused(), "line_qty");
  await press("3");
  while ((await focused()) !== "weekday") await press("Tab");
  await press("Tab", "Space", "Tab", "Tab", "Space"); // 二 and 四
  await page.waitForFunction(() => document.querySelector("[data-preview-place]").innerText.includes("每星期二、四"));
  assert.equal((await days()).match(/\((二|四)\)/g).length, 5);
  // A date that is none is told while it is typed, and stays.
  await page.focus("[name=next_on]");
  await page.fill("[name=next_on]", "2/30");
  await page.waitForFunction(() => document.querySelector("[data-preview-place]").innerText.includes("沒有 2/30 這一天。"));
  await press("Enter");
  await page.waitForSelector("[name=next_on][aria-invalid=true]");
  assert.equal(await focused(), "next_on");
  await lookTwice(page, "templates-02-wrong");
  const next = await page.evaluate(() => { const day = new Date(Date.now() + 3 * 864e5); return `${day.getMonth() + 1}/${day.getDate()}`; });
  await page.fill("[name=next_on]", next);
  await press("Enter");
  await page.waitForURL(/\/templates\/\d+$/);
  assert.match(await told(), /已存，新範本/);
  const [made] = await mine();
  assert.deepEqual([made.recurrence, made.weekdays, made.lines[0].qty], ["weekly", 10, 3]);
});

test("of the fields only those are there that the rhythm asks for", async () => {
  const seen = (name) => page.locator(`[name=${name}]`).first().isVisible();
  for (const [word, weekday, anchor, next] of [["weekly", true, false, true], ["daily", false, false, true], ["monthly", false, true, true], ["none", false, false, false]]) {
    await page.check(`[name=recurrence][value=${word}]`);
    assert.deepEqual([await seen("weekday"), await seen("anchor_day"), await seen("next_on")], [weekday, anchor, next], word);
  }
  await page.waitForFunction(() => document.querySelector("[data-preview-place]").innerText.includes("不會自己開單"));
});

test("an order of it is one key from the card's, with another count two", async () => {
  await page.goto(`/customers/${customer.id}`);
  keys = 0;
  await press("t");
  await page.waitForURL(/\/templates\/\d+$/);
  await lookTwice(page, "templates-03-one");
  assert.equal(await focused(), "qty_1");
  await press("Enter");
  await page.waitForURL(/\/customers\/\d+$|\/use$/);
  if (/use$/.test(page.url())) await press("Enter"); // something to be minded
  await page.waitForURL(/\/customers\/\d+$/);
  assert.match(await told(), /已存，\d{4}/);
  assert.ok(keys <= 3, `${keys} keys`);
  assert.equal((await mine())[0].times_used, 1);

  await press("t");
  await page.waitForURL(/\/templates\/\d+$/);
  // The count with an input method on: the key's place decides.
  await page.evaluate(() => {
    const field = document.activeElement;
    field.value = "ˋ";
    field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
  });
  assert.equal(await page.inputValue("#qty_1"), "4");
  await page.fill("#day", "2/30");
  await press("Enter");
  await page.waitForSelector("#day[aria-invalid=true]");
  assert.match(await page.locator("#why-day").innerText(), /沒有 2\/30 這一天。/);
});

test("the list is walked by keys, stopped is a key and taken up again another", async () => {
  await page.goto("/orders");
  await press("t");
  await page.waitForURL(/\/templates$/);
  await lookTwice(page, "templates-04-list");
  await press("1");
  await page.waitForURL(/\/templates\/\d+$/);
  await page.waitForFunction(() => document.activeElement !== document.body);
  await press("Escape", "x");
  await page.waitForSelector("[data-key=r]");
  assert.match(await told(), /已停用/);
  await lookTwice(page, "templates-05-stopped");
  await press("r");
  await page.waitForSelector("[data-key=x]");
  assert.match(await told(), /已恢復，下一次/);
});

test("who was slower sees both, and nothing is lost", async () => {
  const [template] = await mine();
  const other = await openPage(browser, shop, DESK);
  await signIn(other, "azhen");
  await other.goto(`/templates/${template.id}`);
  await page.goto(`/templates/${template.id}`);
  await page.fill("[name=notes]", "按門鈴");
  await page.press("[name=notes]", "Enter");
  await page.waitForSelector(".notice");
  await other.fill("[name=every]", "2");
  await other.press("[name=every]", "Enter");
  await other.waitForSelector("text=小惠");
  assert.match(await other.locator(".refuse").innerText(), /小惠 今天 .* 先改了這個範本，你的還沒存。/);
  await lookTwice(other, "templates-06-stale");
  assert.deepEqual([await other.inputValue("[name=notes]"), await other.inputValue("[name=every]")], ["按門鈴", "2"]);
  await other.press("[name=every]", "Enter");
  await other.waitForSelector(".notice");
  const now = (await mine())[0];
  assert.deepEqual([now.notes, now.every], ["按門鈴", 2]);
  await other.context().close();
});

test("without script a button reckons the days", async () => {
  const context = await browser.newContext({ viewport: DESK, baseURL: shop.url, locale: "zh-TW", javaScriptEnabled: false });
  const plain = await context.newPage();
  await signIn(plain, "xiaohui");
  await plain.goto(`/templates/new?customer=${customer.id}`);
  await plain.check("[name=recurrence][value=monthly]");
  await plain.fill("[name=anchor_day]", "31");
  await plain.locator("[name=look]").click();
  assert.match(await plain.locator("[data-preview-place]").innerText(), /每月 31 日（沒有就月底）/);
  assert.equal((await mine()).length, 1);
  await context.close();
});
