// One order by keyboard: its page, its steps, changing it within six keys, cancelling within four, and two clerks at once.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { lookTwice, openBrowser, openPage, openShop } from "./shop.mjs";

let shop, browser, page, password;
before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  password = /密碼都是　(\S+)/.exec(shop.said)[1];
  page = await signIn("xiaohui");
});
after(async () => {
  await browser?.close();
  await shop?.close();
});

async function signIn(name) {
  const page = await openPage(browser, shop);
  await page.goto("/sign-in");
  await page.fill("[name=username]", name);
  await page.fill("[name=password]", password);
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
  return page;
}

/** Presses each key of `keys`; the one after `!` leads to another page. Says how many were pressed. */
async function press(page, keys) {
  const all = keys.split(" ");
  for (const key of all) {
    const goes = key.startsWith("!");
    const one = page.keyboard.press(goes ? key.slice(1) : key);
    await (goes ? Promise.all([page.waitForEvent("load"), one]) : one);
  }
  return all.length;
}
const main = (page) => page.locator("main").innerText();
/** The first order of the list with these conditions. */
async function find(query) {
  await page.goto(`/orders?${query}`);
  const href = await page.locator("[data-row='1']").getAttribute("href");
  await page.goto(href);
  return href;
}
const order = async (href) => (await page.request.get(`/api/v1${href}`)).json();

test("count, day, window and note of an open order are changed within six keys", { timeout: 120_000 }, async () => {
  const tomorrow = new Date(Date.now() + 32 * 3_600_000).toISOString().slice(0, 10); // in Taiwan
  const { orders } = await (await page.request.get(`/api/v1/orders?date=${tomorrow}&status=confirmed&urgent=false&limit=200`)).json();
  const href = `/orders/${orders.find((one) => one.surcharge_ntd + one.discount_ntd === 0).id}`;
  await page.goto(href);
  await lookTwice(page, "70-order");
  const was = await order(href);
  const lines = was.lines.length;
  // Each line has a size and a count; the caret stands in the first count.
  const tabs = " Tab Tab".repeat(lines - 1);

  assert.ok((await press(page, "!e 7 !Enter")) <= 6);
  let now = await order(href);
  assert.deepEqual([now.lines[0].qty, now.version], [7, was.version + 1]);
  assert.match(await main(page), /已存/);

  assert.ok((await press(page, `!e${tabs} Tab ArrowLeft`)) <= 6 + tabs.length);
  await settle();
  await lookTwice(page, "71-changed");
  await press(page, "!Enter");
  now = await order(href);
  assert.equal(new Date(was.scheduled_on) - new Date(now.scheduled_on), 86_400_000, "from tomorrow to today");

  assert.ok((await press(page, `!e${tabs} Tab Tab ArrowRight`)) <= 5 + tabs.length);
  await settle();
  await press(page, "!Enter");
  assert.notEqual((await order(href)).window_start + (await order(href)).window_end, now.window_start + now.window_end);

  await press(page, `!e${tabs} Tab Tab Tab`);
  await page.keyboard.type("後門");
  await press(page, "!Enter");
  assert.match((await order(href)).notes, /後門$/);
  await press(page, "!u");
  assert.doesNotMatch((await order(href)).notes ?? "", /後門$/, "U takes the last change back");

  assert.ok((await press(page, `!e${tabs} Tab 3 0 !Enter`)) <= 6 + tabs.length);
  now = await order(href);
  assert.match(now.scheduled_on, /-30$/);
});

/** The draft has answered what was typed last. */
async function settle() {
  await page.waitForTimeout(400);
}

test("what a driver has can be changed only in part, and says so", { timeout: 60_000 }, async () => {
  const assigned = await find("status=assigned&origin=phone");
  const was = await order(assigned);
  await press(page, "!e");
  assert.match(await main(page), /只能改日期、時段、數量和備註/);
  await lookTwice(page, "72-assigned");
  await page.keyboard.press("+");
  await page.keyboard.press("-");
  assert.equal(await page.locator("[data-line]").count(), was.lines.length, "no line comes or goes");
  await press(page, "9 !Enter");
  assert.deepEqual([(await order(assigned)).lines[0].qty, (await order(assigned)).status], [9, "assigned"]);

  const out = await find("status=in_delivery&origin=phone");
  await press(page, "!e");
  assert.match(await main(page), /車已經出去了，只能改備註/);
  await lookTwice(page, "73-out");
  await page.keyboard.type("打電話");
  await press(page, "!Enter");
  assert.match((await order(out)).notes, /打電話/);
});

test("an order is cancelled in three keys with its reason, in more with a note", { timeout: 60_000 }, async () => {
  const first = await find("date=tomorrow&status=confirmed");
  assert.ok((await press(page, "!x 2 !Enter")) <= 4);
  assert.deepEqual([(await order(first)).status, (await order(first)).cancel_reason], ["cancelled", "no_stock"]);
  assert.match(await main(page), /已取消 \d{4}（缺貨）/);

  // It is opened once more with one key.
  await press(page, "!Enter");
  assert.match(page.url(), /\/orders\/\d+$/);
  const copy = await order(new URL(page.url()).pathname);
  assert.deepEqual([copy.copied_from, copy.status], [Number(first.split("/").at(-1)), "confirmed"]);

  await press(page, "!x");
  await lookTwice(page, "74-cancel");
  await press(page, "6 !Enter");
  assert.match(await main(page), /選「其他」要寫一句原因/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "note");
  await lookTwice(page, "75-why");
  await page.keyboard.type("改天再叫");
  await press(page, "!Enter");
  assert.equal((await order(`/orders/${copy.id}`)).cancel_note, "改天再叫");

  // Esc does nothing but lead back.
  const next = await find("date=tomorrow&status=confirmed");
  await press(page, "!x !Escape");
  assert.equal((await order(next)).status, "confirmed");
});

test("an order goes its way by digits, and what a driver could not, a manager writes down", { timeout: 60_000 }, async () => {
  const href = await find("date=today&status=confirmed");
  await press(page, "!1");
  assert.match(await main(page), /已經派出去了/);
  assert.equal((await order(href)).status, "assigned");
  await press(page, "!0");
  assert.equal((await order(href)).status, "confirmed");
  await press(page, "!2");
  await lookTwice(page, "76-assigned");

  const lin = await signIn("lin");
  await lin.goto(href);
  const act = async (word, fields) => {
    await lin.locator("details.manage summary").click();
    const form = lin.locator(`form[action$="/${word}"]`);
    for (const [name, value] of Object.entries(fields)) await form.locator(`[name=${name}]`).fill(value);
    await Promise.all([lin.waitForEvent("load"), form.locator("button").click()]);
  };
  await act("start", {});
  assert.match(await main(lin), /替司機做的，要寫一句為什麼/);
  assert.equal(await lin.evaluate(() => document.activeElement.id), "start-note", "the caret stands where it is missing");
  await lookTwice(lin, "77-behalf");
  await lin.keyboard.type("手機沒電");
  await Promise.all([lin.waitForEvent("load"), lin.keyboard.press("Enter")]);
  assert.equal((await order(href)).status, "in_delivery");
  await act("deliver", { residual_1: "1.5", recipient: "王小姐", note: "手機沒電" });
  const done = await order(href);
  assert.deepEqual([done.status, done.lines[0].residual_g], ["delivered", 1500]);
  await lookTwice(lin, "78-delivered");
  assert.deepEqual(lin.complaints, []);
});

test("two clerks on one order: the second sees both, and nothing is lost", { timeout: 60_000 }, async () => {
  const href = await find("date=tomorrow&status=confirmed");
  const azhen = await signIn("azhen");
  await azhen.goto(`${href}/edit`);
  await press(page, "!e 5 !Enter");
  await azhen.fill("[name=notes]", "要收據");
  await Promise.all([azhen.waitForEvent("load"), azhen.keyboard.press("Enter")]);
  assert.match(await main(azhen), /小惠 今天 \d\d:\d\d 先改了這張單，你的還沒存。/);
  await lookTwice(azhen, "79-conflict");
  assert.equal((await order(href)).notes === "要收據", false);
  await Promise.all([azhen.waitForEvent("load"), azhen.keyboard.press("Enter")]);
  const both = await order(href);
  assert.deepEqual([both.lines[0].qty, both.notes], [5, "要收據"]);
});
