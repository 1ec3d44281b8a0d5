// The due list by keyboard alone: one key orders the lit line and the next is lit; another count, not today, back again;
// an alarm from the name to the order; paper; and the same by hand without script.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, look, lookTwice, openBrowser, openPage, openShop, openApi, signIn } from "./shop.mjs";

let shop, browser, page, api;
let keys = 0;

before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  api = await openApi(shop, "xiaohui");
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

async function press(...names) {
  for (const name of names) { keys++; await page.keyboard.press(name); }
}

const due = () => api("GET", "/due");
const lit = () => page.locator("tr.here th a").innerText();
const rows = () => page.locator("[data-row]").allInnerTexts();
const told = () => page.locator(".notice").innerText();
/** The list again, after an act. */
const settled = (act) => Promise.all([page.waitForNavigation({ waitUntil: "load" }), act()]);

test("one key makes the order, and the next line is lit", async () => {
  await page.goto("/");
  await press("Alt+4");
  await page.waitForURL(/\/due/);
  await lookTwice(page, "due-01-list");
  const before = await due();
  const [first, second, third] = before.lines.map((line) => line.customer_name);
  assert.deepEqual((await rows()).slice(0, 3), [first, second, third]);
  assert.equal(await lit(), first);

  keys = 0;
  await settled(() => press("Enter"));
  assert.equal(keys, 1);
  assert.match(await told(), /已下單 \d{4}：.+ × \d/);
  assert.equal(await lit(), second, "the next one");
  const after = await due();
  assert.deepEqual([after.lines[0].customer_name, after.with_open_order], [second, before.with_open_order + 1]);

  await press("ArrowDown");
  assert.equal(await lit(), third);
  await settled(() => press("Enter"));
  assert.equal(await lit(), (await due()).lines[1].customer_name, "the line after it, not the top of the list");

  // A press sent twice is one order: the same form once more.
  const { customer_id: id } = before.lines[0];
  const again = await page.request.post(`/due/${id}/order`, {
    form: { csrf: await page.getAttribute("meta[name=csrf]", "content"), press: "0123456789abcdef" },
    headers: { Origin: shop.url },
  });
  assert.match(await again.text(), /已有未送的訂單 \d{4}/);
});

test("U takes the order back, and the line is there again", async () => {
  await page.goto("/due");
  const [first] = await rows();
  await settled(() => press("Enter"));
  assert.ok(!(await rows()).includes(first));
  await settled(() => press("u"));
  assert.match(await told(), /已復原/);
  assert.equal((await rows())[0], first);
});

test("another count goes through the form and comes back to the list", async () => {
  await page.goto("/due");
  const [first, second] = await rows();
  keys = 0;
  await press("n");
  await page.waitForURL(/\/orders\/new\?customer=/);
  await page.waitForLoadState();
  assert.ok((await page.locator("main").innerText()).includes(first));
  await press("7");
  await press("Enter");
  await page.waitForURL(/\/due\?/);
  assert.ok(keys <= 4, `${keys} keys`);
  assert.match(await told(), /已存，\d{4}。/);
  assert.ok(!(await rows()).includes(first));
  assert.equal(await lit(), second);
  const id = (await page.request.get(`/orders?q=${encodeURIComponent(first)}`)).text();
  assert.match(await id, /× 7/);
});

test("not today: passed over with S, back with U or by its button", async () => {
  await page.goto("/due");
  const [first, second] = await rows();
  await settled(() => press("s"));
  assert.match(await told(), new RegExp(`${first} 今天先不送。`));
  assert.equal(await lit(), second);
  assert.ok(!(await rows()).includes(first));
  await look(page, "due-02-skipped");
  await settled(() => press("u"));
  assert.equal((await rows())[0], first);

  await press("ArrowUp");
  assert.equal(await lit(), first);
  await settled(() => press("s"));
  assert.ok(!(await rows()).includes(first));
  await settled(() => press("ArrowRight"));
  assert.ok((await rows()).includes(first), "tomorrow's list has it");
  await settled(() => press("ArrowLeft"));
  await page.locator("details.more summary").click();
  await settled(() => page.locator(".taken-off li", { hasText: first }).getByRole("button").click());
  assert.equal(await lit(), first, "where it was");
});

test("an alarm is written down from the name on", async () => {
  const code = "9990001";
  const made = await api("POST", "/customers", {
    customer_code: code, short_name: "鯨港發報店", cylinders: { C20: 2 }, has_telemetry: true, avg_daily_g: 3_300, series_g: 50_000, reserve_g: 6_000,
  });
  await page.goto("/due");
  keys = 0;
  await press("r");
  await page.waitForURL(/\/due\/alarms/);
  await page.waitForLoadState();
  await page.keyboard.type("鯨港發報");
  await settled(() => press("Enter"));
  await lookTwice(page, "due-03-alarm");
  assert.match(await page.locator("main").innerText(), /餘裕 −0\.3 kg/);
  await settled(() => press("Enter"));
  assert.equal(keys, 3, "besides the name");
  assert.match(await told(), /鯨港發報店，餘裕 −0\.3 kg。已下單 急件 \d{4}：20KG × 2/);

  await page.goto(`/customers/${made.id}`);
  assert.match(await page.locator("main").innerText(), /急件/);
  assert.match(await page.locator("main").innerText(), /發報 今天/);
  await lookTwice(page, "due-04-card");
  keys = 0;
  await settled(() => press("o"));
  assert.match(page.url(), /\/orders\/\d+$/);

  // Several of a name: a digit chooses.
  await api("POST", "/customers", { customer_code: "9990002", short_name: "鯨港發報二店", cylinders: { C20: 1 } });
  await page.goto("/due/alarms");
  await page.keyboard.type("鯨港發報");
  await settled(() => press("Enter"));
  await look(page, "due-05-which");
  await settled(() => press("2"));
  assert.match(page.url(), /customer=\d+/);
  assert.match(await page.locator("main").innerText(), /餘裕算不出來/);
});

test("an area at a time, and the list on paper", async () => {
  await page.goto("/due");
  const areas = await page.locator("select[name=area] option").count();
  assert.ok(2 < areas);
  await settled(() => page.locator("select[name=area]").selectOption({ index: 1 }));
  const names = await page.locator("tbody th small").allInnerTexts();
  assert.equal(new Set(names.map((name) => name.split("　")[0])).size, 1, "one area");

  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 718, height: 1000 });
  const shown = (selector) => page.locator(selector).first().isVisible();
  assert.deepEqual([await shown(".on-paper"), await shown(".row-acts"), await shown(".bar"), await shown(".due-list")], [true, false, false, true]);
  assert.match(await page.locator(".on-paper").innerText(), /計畫名單 民國\d+年\d+月\d+日/);
  const colours = await page.locator("tr.here td").first().evaluate((cell) => [getComputedStyle(cell).color, getComputedStyle(cell.parentElement).backgroundColor]);
  assert.deepEqual(colours, ["rgb(0, 0, 0)", "rgba(0, 0, 0, 0)"], "black on white");
  await page.emulateMedia({ media: null });
  await page.setViewportSize(DESK);
});

test("without script every act has its button", async () => {
  const context = await browser.newContext({ baseURL: shop.url, javaScriptEnabled: false, viewport: DESK });
  const plain = await context.newPage();
  await signIn(plain, "azhen");
  await plain.goto("/due");
  const [first, second] = await plain.locator("[data-row]").allInnerTexts();
  await plain.locator("tr", { hasText: first }).getByRole("button", { name: "先不送" }).click();
  await plain.waitForURL(/\/due\?/);
  assert.equal(await plain.locator("tr.here th a").innerText(), second);
  await plain.locator("tr.here").getByRole("button", { name: "下單" }).click();
  await plain.waitForURL(/\/due\?/);
  assert.match(await plain.locator(".notice").innerText(), /已下單 \d{4}/);
  await plain.locator("select[name=area]").selectOption({ index: 1 });
  await plain.getByRole("button", { name: "看" }).click();
  await plain.waitForURL(/area=\d+/);
  await context.close();
});
