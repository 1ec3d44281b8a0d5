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

test("the files are read, looked at and written, with progress", async () => {
  await lookTwice(page, "04-imports");
  await page.setInputFiles("input[type=file]", ["clients.xlsx", "history.xlsx", "legacy.db"].map((name) => join(files, name)));
  await page.locator("form[enctype='multipart/form-data'] button.primary").click();
  await page.waitForURL(/\/imports\/pending/);
  await page.waitForSelector("form[action$='/confirm']", { timeout: 120_000 });
  const customers = truth.all.customers_by_first_source;
  const expected = customers.clients + customers.history + customers.legacy;
  const shown = await page.locator("main").innerText();
  assert.ok(shown.includes(expected.toLocaleString("en-US")), `${expected} customers are announced`);
  assert.ok(shown.includes(truth.union_history_legacy.deliveries.toLocaleString("en-US")), "and the deliveries");
  await lookTwice(page, "05-dry-run");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/imports\/\d+$/, { timeout: 120_000 });
  await lookTwice(page, "06-report");
});

test("any customer is found by keys alone, from anywhere", async () => {
  const one = truth.spot_checks.find((check) => check.source === "clients");
  await page.goto("/");
  await press("/");
  await type(one.code.slice(0, 6));
  await page.waitForSelector("[role=option]");
  await look(page, "07-suggest-desk");
  await type(one.code.slice(6));
  await page.waitForFunction((code) => document.querySelector("[data-q]")?.dataset.q === code, one.code);
  await press("Enter");
  await page.waitForURL(/\/customers\/\d+$/);
  const card = await page.locator("main").innerText();
  assert.ok(card.includes(one.short_name) && card.includes(one.code), card);
  await lookTwice(page, "08-card");

  // By name, with an input method: the Enter that ends a composition opens and sends nothing.
  await press("/");
  await page.waitForFunction(() => document.activeElement?.id === "q");
  const here = page.url();
  await page.evaluate((name) => {
    const field = document.activeElement;
    field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
    field.value = name;
    field.dispatchEvent(new InputEvent("input", { bubbles: true, isComposing: true }));
    const enter = { key: "Process", code: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent("keydown", enter));
    field.form.requestSubmit();
  }, one.short_name);
  await page.waitForTimeout(150);
  assert.equal(page.url(), here, "nothing is sent while composing");
  assert.ok(!(await page.locator("#suggest").isVisible()), "nothing is asked while composing");
  await page.evaluate(() => document.activeElement.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true })));
  await page.waitForFunction((name) => document.querySelector("[data-q]")?.dataset.q === name, one.short_name);
  await press("ArrowDown", "ArrowUp");
  await Promise.all([page.waitForEvent("load"), press("Enter")]);
  assert.match(page.url(), /\/customers\/\d+$/);

  // Half the name, 臺 for 台, full width digits, a piece of the address.
  for (const typed of [one.short_name.slice(0, 2), one.code.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)), one.address.replace("臺", "台").slice(0, 12)]) {
    await press("/");
    await type(typed);
    await page.waitForFunction((text) => document.querySelector("[data-q]")?.dataset.q === text, typed);
    assert.ok((await page.locator("[role=option]").count()) > 0, `「${typed}」 finds somebody`);
  }
  await press("Escape");
});

test("the whole history is read page by page", async () => {
  const busy = truth.spot_checks.reduce((most, check) => (check.deliveries > most.deliveries ? check : most));
  await page.goto(`/customers?q=${busy.code}`);
  await press("Enter");
  await page.waitForURL(/\/customers\/\d+$/);
  await press("h");
  await page.waitForURL(/\/deliveries/);
  await lookTwice(page, "09-history");
  const shown = await page.locator("main").innerText();
  assert.ok(shown.includes(busy.last.replaceAll("-", "/")), "the newest first");
  assert.ok(!/\b0 (KG|公斤)/.test(shown), "what nobody knows is not 0");
  for (let turned = 0; (await page.locator("[data-key=PageDown]").count()) > 0 && turned < 100; turned++) {
    const here = page.url();
    await press("PageDown");
    await page.waitForURL((url) => url.href !== here);
  }
  assert.ok((await page.locator("main").innerText()).includes(busy.first.replaceAll("-", "/")), "down to the first");
});

test("two clerks on one record: the second sees both values and loses nothing", async () => {
  const one = truth.spot_checks.find((check) => check.source === "clients");
  await page.goto(`/customers?q=${one.code}`);
  await press("Enter");
  await page.waitForURL(/\/customers\/\d+$/);
  const card = page.url();
  await press("e");
  await page.waitForURL(/\/edit$/);
  await lookTwice(page, "10-edit");
  const other = await page.context().newPage();
  await other.goto(`${card}/edit`);
  await other.fill("[name=notes]", "後巷進");
  await other.locator("main form button.primary").first().click();
  await other.waitForURL((url) => url.href.startsWith(`${card}?`));
  await other.close();

  await page.fill("[name=notes]", "狗會叫");
  await page.locator("main form button.primary").first().click();
  await page.waitForSelector("text=後巷進");
  const conflict = await page.locator("main").innerText();
  assert.ok(conflict.includes("後巷進"), "what is now");
  assert.ok((await page.content()).includes("狗會叫"), "what I typed");
  await lookTwice(page, "11-conflict");
  await page.locator("main form button.primary").first().click();
  await page.waitForURL((url) => url.href.startsWith(`${card}?`));
  assert.ok((await page.locator("main").innerText()).includes("狗會叫"));

  await page.goto(`${card}/edit`);
  await page.fill("[name=short_name]", "");
  await page.locator("main form").first().evaluate((form) => { form.noValidate = true; });
  await page.locator("main form button.primary").first().click();
  await page.waitForSelector("[aria-invalid=true]");
  await lookTwice(page, "12-wrong-form");
});

test("every other page is calm at both sizes and in four letter sizes", async () => {
  const pages = ["/", "/customers", "/customers?q=213", "/customers/new", "/areas", "/deliveries?date=2025-05-02", "/reports/month?month=2025-05",
    "/data", "/data/jobs", "/data/jobs/archive", "/imports", "/settings", "/users", "/users/new", "/me", "/me/password", "/keys", "/changes", "/nowhere"];
  for (const [at, url] of pages.entries()) {
    await page.goto(url);
    await lookTwice(page, `20-${String(at).padStart(2, "0")}`);
  }
  for (const size of ["small", "large", "huge", "medium"]) {
    await page.goto("/me");
    await page.locator(`[name=text_size][value=${size}]`).check();
    await page.locator("form:has([name=text_size]) button").click();
    await page.waitForLoadState();
    await page.goto("/reports/month?month=2025-05");
    await lookTwice(page, `30-${size}`);
  }
});

test("the sign-in page forgives nothing and says nothing", async () => {
  const stranger = await openPage(browser, shop, PHONE);
  await stranger.goto("/customers");
  assert.match(stranger.url(), /sign-in/);
  await look(stranger, "40-sign-in-phone");
  await stranger.setViewportSize(DESK);
  await stranger.fill("[name=username]", "nobody");
  await stranger.fill("[name=password]", "not-the-password");
  await stranger.keyboard.press("Enter");
  await stranger.waitForSelector(".problem");
  await look(stranger, "41-sign-in-wrong-desk");
  await stranger.fill("[name=username]", "boss");
  await stranger.fill("[name=password]", PASSWORD);
  await stranger.keyboard.press("Enter");
  await stranger.waitForURL(/\/customers/);
});
