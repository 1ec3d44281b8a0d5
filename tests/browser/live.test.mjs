// Two browsers at once: what one writes appears in the other; a line that is cut says so and comes back.
import { test, before, after } from "node:test";
import assert from "node:assert/strict";
import { look, lookTwice, openApi, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser;
before(async () => {
  shop = await openShop(["demo"]);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  await shop?.close();
});

const state = (page) => page.locator("[data-live-state]");
const isLive = (page) => page.waitForFunction(() => document.querySelector("[data-live-state]")?.textContent === "即時");

/** The first order of today's list that is waiting for a driver. */
async function someOrder(api) {
  const { orders } = await api("GET", "/orders?status=confirmed&limit=50");
  return orders[0];
}

test("what one writes appears before the other without a key", async () => {
  const [list, card, order, home] = await Promise.all([0, 1, 2, 3].map(() => openPage(browser, shop)));
  await Promise.all([signIn(list, "xiaohui"), signIn(card, "azhen"), signIn(order, "lin"), signIn(home, "boss")]);
  const api = await openApi(shop, "xiaohui");
  const taken = await someOrder(api);
  await list.goto(`/orders?date=${taken.scheduled_on}`);
  await card.goto(`/customers/${taken.customer_id}`);
  await order.goto(`/orders/${taken.id}`);
  await Promise.all([list, card, order, home].map(isLive));
  assert.match(await order.locator("#order .badge").first().textContent(), /已確認/);
  await look(order, "live-order");

  const start = Date.now();
  await api("POST", `/orders/${taken.id}/cancel`, { reason: "no_stock" });
  await order.waitForFunction(() => /已取消/.test(document.querySelector("#order .badge")?.textContent));
  const took = Date.now() - start;
  await card.waitForFunction((id) => !document.querySelector(`#card-open .open-order a[href="/orders/${id}"]`), taken.id);
  assert.ok(took < 2000, `the page took ${took} ms`);
  for (const page of [list, card, order, home]) assert.deepEqual(page.complaints, []);
  await Promise.all([list, card, order, home].map((page) => page.context().close()));
});

test("the lit row stays lit and the focus where it was", async () => {
  const page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  const api = await openApi(shop, "xiaohui");
  const taken = await someOrder(api);
  await page.goto(`/orders?date=${taken.scheduled_on}`);
  await isLive(page);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  const lit = await page.locator("#list-rows .here [data-row]").getAttribute("href");
  const focus = page.locator("#list-rows [data-row]").nth(3);
  const focused = await focus.getAttribute("href");
  await focus.focus();
  await page.evaluate(() => { window.drawn = 0; document.addEventListener("luckygas:drawn", () => window.drawn++); });
  const another = (await api("GET", `/orders?date=${taken.scheduled_on}&status=confirmed&limit=50`)).orders
    .find(({ id }) => ![lit, focused].includes(`/orders/${id}`));
  await api("POST", `/orders/${another.id}/cancel`, { reason: "no_stock" });
  await page.waitForFunction(() => 0 < window.drawn);
  assert.equal(await page.locator("#list-rows .here [data-row]").getAttribute("href"), lit);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("href")), focused);
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test("what is typed into a part is not drawn over", async () => {
  const page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  const api = await openApi(shop, "xiaohui");
  const taken = await someOrder(api);
  await page.goto(`/orders/${taken.id}`);
  await isLive(page);
  // A field within the part, as a form of it would have.
  await page.evaluate(() => {
    const field = document.createElement("input");
    field.id = "typed";
    document.getElementById("order").append(field);
    window.mine = document.getElementById("order");
  });
  await page.fill("#typed", "後門");
  await api("PATCH", `/orders/${taken.id}`, { version: taken.version, notes: "請按電鈴" });
  await page.waitForTimeout(600);
  assert.equal(await page.evaluate(() => window.mine.isConnected), true);
  await page.fill("#typed", "");
  await page.locator("h1").click();
  await page.waitForFunction(() => !window.mine.isConnected && /請按電鈴/.test(document.body.textContent));
  await page.context().close();
});

test("a line that is cut says of what time the page is, and comes back by itself", async () => {
  const page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  const api = await openApi(shop, "azhen");
  const taken = await someOrder(api);
  await page.goto(`/orders/${taken.id}`);
  await isLive(page);
  page.complaints.length = 0;
  await page.context().setOffline(true);
  await page.waitForFunction(() => /^\d\d:\d\d 的畫面$/.test(document.querySelector(".stale")?.textContent ?? ""));
  await page.evaluate(() => window.scrollTo(0, 0));
  await api("POST", `/orders/${taken.id}/cancel`, { reason: "no_stock" });
  assert.match(await page.locator("#order .badge").first().textContent(), /已確認/, "the figures stay");
  await page.context().setOffline(false);
  await isLive(page);
  await page.waitForFunction(() => /已取消/.test(document.querySelector("#order .badge")?.textContent));
  await page.context().close();
});

test("where no stream stands the page asks now and then, and says so", async () => {
  const page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  await page.context().route(/\/events\?/, (route) => route.fulfill({ status: 503, body: "" }));
  const api = await openApi(shop, "azhen");
  const taken = await someOrder(api);
  await page.addInitScript(() => { window.hasten = setInterval(() => { if (typeof live !== "undefined") live.POLL = 300; }, 1); });
  await page.goto(`/orders/${taken.id}`);
  await page.waitForFunction(() => document.querySelector(".stale"));
  await api("POST", `/orders/${taken.id}/cancel`, { reason: "no_stock" });
  await page.waitForFunction(() => /已取消/.test(document.querySelector("#order .badge")?.textContent), null, { timeout: 40_000 });
  assert.equal(await state(page).evaluate((one) => one.className), "stale");
  await page.context().close();
});

test("the tabs of a browser share one stream, and another takes over when its holder closes", async () => {
  const first = await openPage(browser, shop);
  await signIn(first, "lin");
  await isLive(first);
  const streams = async () => (await (await fetch(`${shop.url}/health`)).json()).streams;
  const settle = async (count) => {
    for (let tries = 0; (await streams()) !== count; tries++) {
      assert.ok(tries < 100, `${await streams()} streams, not ${count}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  };
  await settle(1);
  const others = await Promise.all([0, 1, 2].map(() => first.context().newPage()));
  for (const page of others) { await page.goto("/orders"); await isLive(page); }
  await settle(1);

  await first.close();
  for (const page of others) await isLive(page);
  await settle(1);
  const api = await openApi(shop, "xiaohui");
  const heard = Promise.all(others.map((page) => page.evaluate(() =>
    new Promise((done) => document.addEventListener("luckygas:event", ({ detail }) => done(detail.noun), { once: true })))));
  // A line says that it is live until it knows better, so what happens while the next tab takes over may be heard with the next.
  let isHeard = false;
  heard.then(() => { isHeard = true; }, () => { isHeard = true; });
  for (let tries = 0; !isHeard; tries++) {
    assert.ok(tries < 40, "some tab hears nothing");
    const taken = await someOrder(api);
    await api("POST", `/orders/${taken.id}/cancel`, { reason: "no_stock" });
    await new Promise((done) => setTimeout(done, 250));
  }
  assert.deepEqual(await heard, ["order", "order", "order"]);
  await others[0].context().close();
});

test("the bell rings where somebody must hear, and is silent when they have read", async () => {
  const page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  await isLive(page);
  await page.keyboard.press("b");
  await page.waitForURL("/notices");
  await lookTwice(page, "live-notices");
  if (await page.locator("main form button").count()) await page.keyboard.press("s");
  await page.waitForFunction(() => !document.querySelector("#bell .count"));
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});
