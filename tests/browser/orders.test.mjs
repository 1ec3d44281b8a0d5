// A call becomes an order: by keyboard with every key counted, with an input method switched on, with wrong input,
// with warnings, over the counter, and without script.
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

/** What hands do. Every key counts. */
async function press(...names) {
  for (const name of names) { keys++; await page.keyboard.press(name); }
}
async function type(text) {
  keys += [...text].length;
  await page.keyboard.type(text);
}
/** One key more than `most` and the test fails. */
function within(most, what) {
  assert.ok(keys <= most, `${what}: ${keys} keys, at most ${most}`);
}

/** A customer of these tests, who has `cylinders` standing there and nothing in the way of an order today or tomorrow. */
let made = 0;
async function customer(fields = {}) {
  const code = `99${String(++made).padStart(5, "0")}`;
  return api("POST", "/customers", { customer_code: code, short_name: `鯨魚小館${made}`, cylinders: { C20: 2 }, ...fields });
}

/** The orders of `one` as the list hands them out: `{ items: "20KG × 2", note }`, an order each. */
async function ordersOf(one) {
  const csv = await (await page.request.get(`/orders.csv?q=${one.customer_code}`)).text();
  const [heads, ...rows] = csv.replace(/^\ufeff/, "").trim().split("\r\n").map((row) => row.split(","));
  const orders = new Map();
  for (const row of rows) {
    const cell = (name) => row[heads.indexOf(name)];
    const order = orders.get(cell("訂單編號")) ?? { items: [], note: cell("備註") };
    order.items.push(`${cell("產品")} × ${cell("數量")}`);
    orders.set(cell("訂單編號"), order);
  }
  return [...orders.values()].map((order) => ({ ...order, items: order.items.join("、") }));
}
const formOf = (one) => page.goto(`/orders/new?customer=${one.id}`);
const counts = () => page.locator("[data-count]").evaluateAll((fields) => fields.map((field) => field.value));
const sizes = () => page.locator("[name=product]").evaluateAll((fields) => fields.map((field) => field.selectedOptions[0].text));
const focused = () => page.evaluate(() => document.activeElement.name ?? document.activeElement.tagName);
const said = () => page.locator("main").innerText();
const total = () => page.locator(".total .money").innerText();
const onCard = (one) => page.waitForURL((url) => url.pathname === `/customers/${one.id}`);
const onForm = () => page.waitForURL(/\/orders\/new\?customer=/).then(() => page.waitForLoadState());
const saved = async (one) => { await onCard(one); assert.match(await page.locator(".notice").innerText(), /已存，\d{4}。/); };
const toldTotal = (text) => page.waitForFunction((text) => document.querySelector(".total .money")?.innerText === text, text);

/** Searches until `one` is lit; keys are counted from there. */
async function light(one) {
  await page.goto("/");
  await page.keyboard.press("/");
  await page.keyboard.type(one.customer_code);
  await page.waitForFunction((code) => document.querySelector("[data-q]")?.dataset.q === code, one.customer_code);
  keys = 0;
}

test("the usual in three keys, another count in four", async () => {
  const one = await customer();
  await light(one);
  await press("Enter");
  await onCard(one);
  await press("Enter");
  await onForm();
  assert.equal(await focused(), "qty");
  await lookTwice(page, "order-01-usual");
  await press("Enter");
  await saved(one);
  within(3, "the usual");
  assert.equal((await ordersOf(one))[0].items, "20KG × 2");

  const two = await customer();
  await light(two);
  await press("Enter");
  await onCard(two);
  await press("n");
  await onForm();
  await type("3");
  await toldTotal("NT$2,550");
  await press("Enter");
  await saved(two);
  within(4, "another count");
  assert.equal((await ordersOf(two))[0].items, "20KG × 3");
});

test("two sizes and a note in twelve keys and the note", async () => {
  const one = await customer();
  await light(one);
  await press("Enter");
  await onCard(one);
  await press("Enter");
  await onForm();
  await type("3");
  await press("NumpadAdd");
  assert.equal(await focused(), "product", "+ asks for a size");
  await press("5");
  assert.equal(await focused(), "qty", "whose count comes next");
  await type("1");
  while ((await focused()) !== "notes") { await press("Tab"); assert.ok(keys < 20, "Tab does not reach the note"); }
  const note = "後門";
  await page.keyboard.type(note); // beside the budget
  await toldTotal("NT$4,550");
  await look(page, "order-02-two-sizes-desk");
  await press("Enter");
  await saved(one);
  within(12, "two sizes and a note");
  assert.deepEqual(await ordersOf(one), [{ items: "20KG × 3、50KG × 1", note }]);
});

test("the whole call in seven keys, by the tail of the number and by the name", async () => {
  // Somebody of the shop whose last three digits find them first, and about whom there is nothing to mind.
  let found;
  for (let tail = 100; tail < 400 && !found; tail++) {
    const options = await (await page.request.get(`/customers/find?q=${tail}&for=order`)).text();
    const id = /data-href="\/orders\/new\?customer=(\d+)"/.exec(options.slice(0, options.indexOf("</li>")))?.[1];
    const form = id ? await (await page.request.get(`/orders/new?customer=${id}`)).text() : "";
    if (/name="qty" value="\d+"/.test(form) && !/class="(warn|refuse|problem)/.test(form)) found = { id, tail: String(tail) };
  }
  assert.ok(found, "nobody in the shop is found by three digits");

  await page.goto("/reports/month");
  keys = 0;
  await press("n");
  await page.waitForURL(/\/orders\/new$/);
  await page.waitForFunction(() => document.activeElement?.matches("input") && document.querySelector("[data-search]"));
  await type(found.tail);
  await page.waitForFunction((text) => document.querySelector("[data-q]")?.dataset.q === text, found.tail);
  await press("Enter");
  await onForm();
  await press("Enter");
  await saved(found);
  within(7, "the whole call by the tail of the number");

  const one = await customer({ short_name: "藍鯨" });
  await page.goto("/");
  keys = 0;
  await press("/");
  await type("藍鯨");
  await page.waitForFunction((text) => document.querySelector("[data-q]")?.dataset.q === text, "藍鯨");
  await press("Enter");
  await onCard(one);
  await press("Enter");
  await onForm();
  await press("Enter");
  await saved(one);
  within(7, "the whole call by name");
});

test("a caller's number in the link opens the form, or asks which", async () => {
  const one = await customer({ phones: ["0900-000-213#77"] });
  const all = await (await page.request.get("/orders/new?phone=0900000213")).text();
  assert.ok(all.includes(`customer=${one.id}"`) || all.includes(one.short_name), "whoever has the number is offered");
  await page.goto("/orders/new?phone=0900-000-998%2399");
  await page.waitForSelector("main h1");
  await lookTwice(page, "order-03-callers");
});

test("over the counter in ten keys, without a customer", async () => {
  await page.goto("/reports/month");
  keys = 0;
  await press("n");
  await page.waitForURL(/\/orders\/new$/);
  assert.equal(await focused(), "q");
  await lookTwice(page, "order-04-who");
  await press("w");
  await page.waitForURL(/walk_in=1/);
  await page.waitForLoadState();
  assert.equal(await focused(), "product", "the form opens in the size");
  await press("2");
  assert.equal(await focused(), "qty");
  await type("2");
  await toldTotal("NT$1,700");
  await lookTwice(page, "order-05-walk-in");
  await press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
  within(10, "over the counter");
  assert.match(await page.locator(".notice").innerText(), /已存，\d{4}。20KG × 2，收現金 NT\$1,700/);

  await page.goto("/orders/new?walk_in=1");
  await page.keyboard.press("t");
  await page.locator("[name=handover][value=bring]").check();
  await look(page, "order-06-bring-desk");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#why-delivery_address");
  assert.equal(await focused(), "delivery_address");
  await page.keyboard.type("示範路 1 號");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/");
});

// ── an input method is switched on ────────────────────────────────────────────────────────────

/** A key as the browser passes it on while 注音 is on: code 229 first, then what the input method makes of it. */
async function zhuyin(code, mark) {
  const cdp = await (page.cdp ??= page.context().newCDPSession(page));
  const event = { windowsVirtualKeyCode: 229, code, key: "Process" };
  await cdp.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...event });
  if (mark !== undefined) await cdp.send("Input.imeSetComposition", { text: mark, selectionStart: mark.length, selectionEnd: mark.length });
  await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
}
const commit = async (text) => (await page.cdp).send("Input.insertText", { text });

test("with 注音 switched on the keys mean what is printed on them", async () => {
  const one = await customer();
  await formOf(one);
  const row = [["Digit1", "ㄅ"], ["Digit2", "ㄉ"], ["Digit3", "ˇ"], ["Digit4", "ˋ"], ["Digit5", "ㄓ"], ["Digit6", "ˊ"], ["Digit7", "˙"], ["Digit8", "ㄚ"], ["Digit9", "ㄞ"], ["Digit0", "ㄢ"]];
  for (const [code, mark] of row) {
    await page.locator("[data-count]").selectText();
    await zhuyin(code, mark);
    assert.deepEqual(await counts(), [code.at(-1)], `${mark} is ${code}`);
  }
  await page.locator("[data-count]").selectText();
  await zhuyin("Digit1", "ㄅ");
  await zhuyin("Digit2", "ㄉ");
  assert.deepEqual(await counts(), ["12"]);

  // + while it is on, and the size keys, which reach a list as they are.
  await zhuyin("Equal");
  assert.equal(await focused(), "product");
  await page.keyboard.press("5");
  await zhuyin("Digit2", "ㄉ");
  assert.deepEqual([await counts(), await sizes()], [["12", "2"], ["20KG", "50KG"]]);

  // A day and hours, marks and all.
  await page.locator("[name=day]:checked").focus();
  await page.keyboard.press("5");
  assert.equal(await focused(), "day_text");
  await zhuyin("Slash", "ㄥ");
  await zhuyin("Digit3", "ˇ");
  assert.equal(await page.inputValue("[name=day_text]"), "5/3");

  // Full width: sent as text, and composed.
  await page.locator("[data-count]").first().selectText();
  await zhuyin("Digit7");
  await commit("７");
  assert.equal((await counts())[0], "7");
  await page.locator("[data-count]").first().selectText();
  await zhuyin("Digit8", "８");
  assert.equal((await counts())[0], "8");
  await page.locator("[data-count]").first().selectText();
  await zhuyin("");
  await commit("９");
  assert.equal((await counts())[0], "9", "and from a keyboard that has no keys");
});

test("while a word is composed Enter saves nothing, and a digit is a tone", async () => {
  const one = await customer();
  await formOf(one);
  await page.focus("[name=notes]");
  await zhuyin("KeyC", "ㄏ");
  await zhuyin("KeyJ", "ㄏㄡ");
  await zhuyin("Digit4", "ㄏㄡˋ");
  assert.equal(await page.inputValue("[name=notes]"), "ㄏㄡˋ");
  await zhuyin("Enter"); // the input method takes it
  await page.evaluate(() => { // and in browsers that pass it on as a plain one, before the composition ends
    const enter = { key: "Enter", code: "Enter", keyCode: 229, isComposing: true, bubbles: true, cancelable: true };
    document.activeElement.dispatchEvent(new KeyboardEvent("keydown", enter));
    document.activeElement.form.requestSubmit();
  });
  await page.waitForTimeout(150);
  assert.match(page.url(), /\/orders\/new/, "nothing is saved while composing");
  assert.equal(await focused(), "notes", "and nothing moves");
  await commit("後");
  assert.equal(await page.inputValue("[name=notes]"), "後");
  for (const [code, mark] of [["NumpadAdd", "+"], ["KeyN", "ㄙ"], ["KeyW", "ㄊ"], ["Escape", ""]]) await zhuyin(code, mark);
  await commit("門");
  assert.deepEqual([await page.inputValue("[name=notes]"), await sizes(), await focused()], ["後門", ["20KG"], "notes"]);
  await page.waitForTimeout(50);
  await page.keyboard.press("Enter");
  await saved(one);
  assert.equal((await ordersOf(one))[0].note, "後門");

  // A letter in a count is nothing.
  await formOf(await customer());
  await zhuyin("KeyA", "ㄇ");
  await commit("媽");
  assert.deepEqual(await counts(), [""]);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".why .problem");
  assert.match(await said(), /數量要在 1 到 100 之間/);
});

// ── once is once ──────────────────────────────────────────────────────────────────────────────

test("a double click and a form sent again make one order", async () => {
  const one = await customer();
  await formOf(one);
  await page.locator("button.primary", { hasText: "存檔" }).dblclick();
  await onCard(one);
  assert.equal((await ordersOf(one)).length, 1);

  // Twice at the same moment, past the page's own guard; then once more, a while later.
  const two = await customer();
  await formOf(two);
  const answers = await page.evaluate(async () => {
    const form = document.querySelector("[data-order]");
    const send = () => fetch("/orders", { method: "POST", body: new URLSearchParams(new FormData(form)) }).then((answer) => answer.status);
    return [...(await Promise.all([send(), send(), send()])), await send()];
  });
  assert.deepEqual(answers, [200, 200, 200, 200]);
  await page.locator("button.primary", { hasText: "存檔" }).click();
  await onCard(two);
  assert.match(await page.locator(".notice").innerText(), /這張單已經存過了，是 \d{4}。/);
  assert.equal((await ordersOf(two)).length, 1);
});

// ── wrong input ───────────────────────────────────────────────────────────────────────────────

test("each wrong input comes back with its sentence and the caret in it", async () => {
  const one = await customer();
  const fill = (name, text) => page.locator(`[name=${name}]`).first().fill(text);
  const other = async (name, text) => { await page.locator(`[name=${name}][value=other]`).check(); await fill(`${name}_text`, text); };
  const give = async (name, text) => { await page.locator("details.giving").evaluate((details) => (details.open = true)); await fill(name, text); };
  const cases = [
    [() => fill("qty", ""), "數量要在 1 到 100 之間。", "qty"],
    [() => fill("qty", "101"), "數量要在 1 到 100 之間。", "qty"],
    [() => fill("qty", "0"), "還沒選品項。", "qty"],
    [() => page.locator("[name=product]").selectOption(""), "這一行還沒選規格。", "product"],
    [() => other("day", "2/30"), "沒有 2/30 這一天。", "day_text"],
    [() => other("day", ""), "請填日期，例如 5/30。", "day_text"],
    [() => other("day", "下次"), "看不懂這個日期", "day_text"],
    [() => other("day", "114/1/1"), "已經過了。", "day_text"],
    [() => other("window", ""), "請填時段，例如 9-11。", "window_text"],
    [() => other("window", "11-9"), "看不懂這個時段", "window_text"],
    [() => give("surcharge", "很多"), "加價要是整數，例如 200。", "surcharge"],
    [() => give("discount", "11"), "折扣超過 10% 要經理才能給。", "discount"],
    [() => give("discount", "x"), "折扣要在 0 到 100 之間。", "discount"],
  ];
  for (const [wrong, say, field] of cases) {
    await formOf(one);
    await wrong();
    await page.locator("[data-count]").focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector(".problem");
    assert.ok((await said()).includes(say), `${say}: ${await said()}`);
    assert.equal(await focused(), field, say);
  }
  await formOf(one);
  await fill("qty", "0");
  await other("day", "2/30");
  await other("window", "x");
  await page.locator("[data-count]").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".problem");
  await lookTwice(page, "order-07-wrong");
  assert.equal((await ordersOf(one)).length, 0);
});

// ── what is minded ────────────────────────────────────────────────────────────────────────────

test("what stood there passes with Enter, and what is new is shown once", async () => {
  const one = await customer({ closed_weekdays: 127 });
  await formOf(one);
  assert.match(await page.locator(".warn").innerText(), /公休。/);
  await lookTwice(page, "order-08-warned");
  await page.keyboard.press("Enter");
  await saved(one);

  // Its own order is now in the way, on that day only.
  await formOf(one);
  assert.match(await said(), /已有一張未送的訂單：20KG × 2/);
  assert.equal(await page.locator(".warn").count(), 2);

  const two = await customer({ available_hours: 0b110 });
  await formOf(two);
  await page.locator("[name=day]").nth(1).check(); // of tomorrow nothing is over
  await page.locator("[name=window][value=other]").check();
  await page.locator("[name=window_text]").fill("14-17");
  await page.waitForFunction(() => document.querySelector(".warn")?.innerText.includes("可能沒人")); // told while she types
  assert.match(await page.locator(".warn").innerText(), /這位客戶只收 9–11，14–17 可能沒人。/);
  await page.keyboard.press("Enter");
  await saved(two);

  // Faster than the answer: then it is shown once.
  const three = await customer({ available_hours: 0b110 });
  await formOf(three);
  await page.locator("[name=day]").nth(1).check();
  await page.waitForFunction(() => document.querySelectorAll(".warn").length === 0);
  await page.route("**/orders/draft*", (route) => route.abort());
  await page.locator("[name=window][value=other]").check();
  await page.locator("[name=window_text]").fill("14-17");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".warn");
  assert.match(await said(), /還沒存。/);
  assert.equal((await ordersOf(three)).length, 0);
  await lookTwice(page, "order-09-held");
  page.complaints.length = 0; // of the request that was cut off
  await page.keyboard.press("Enter");
  await saved(three);
  await page.unroute("**/orders/draft*");
});

// ── the form itself ───────────────────────────────────────────────────────────────────────────

test("lines come and go by key and by mouse, and the sum follows", async () => {
  const one = await customer();
  await formOf(one);
  await page.keyboard.press("+");
  await page.keyboard.press("t");
  assert.deepEqual([await sizes(), await counts()], [["20KG", "10KG"], ["2", "1"]]);
  await toldTotal("NT$2,180");
  await page.keyboard.press("+");
  await page.keyboard.press("2");
  assert.deepEqual([await sizes(), await counts()], [["20KG", "10KG"], ["2", "1"]], "a size has one line");
  await page.keyboard.type("4");
  await toldTotal("NT$3,880");
  await page.keyboard.press("-");
  assert.deepEqual(await sizes(), ["10KG"]);
  await page.locator("[data-add]", { hasText: "50KG" }).click();
  assert.equal(await focused(), "qty");
  await page.locator("[data-remove]").first().click();
  assert.deepEqual(await sizes(), ["50KG"]);
  await toldTotal("NT$2,000");
  await page.locator("[name=is_urgent]").check();
  await page.locator("[name=day]").nth(1).check();
  await page.waitForFunction(() => document.querySelector(".total .sum").innerText.includes("明天"));
  await page.locator("summary", { hasText: "折扣、加價" }).click();
  await page.locator("[name=discount]").fill("10");
  await toldTotal("NT$1,800");
  await lookTwice(page, "order-10-giving");

  // Arrow keys choose, and the field beside the last one opens.
  await page.locator("[name=window]:checked").focus();
  for (let tries = 0; tries < 6 && (await focused()) !== "window_text"; tries++) await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "window_text");
  await page.keyboard.type("18-19");
  await page.waitForFunction(() => document.querySelector(".total .sum").innerText.includes("18–19"));
});

test("the form folds for large letters", async () => {
  const one = await customer({ address: "範例市示範路三段二十一巷四十五弄六號七樓之八", available_hours: 0b0001_1100_0110, closed_weekdays: 127 });
  for (const size of ["huge", "medium"]) {
    await page.goto("/me");
    await page.locator(`[name=text_size][value=${size}]`).check();
    await page.locator("form:has([name=text_size]) button").click();
    await page.waitForLoadState();
    await formOf(one);
    await page.locator("summary", { hasText: "折扣、加價" }).click();
    await lookTwice(page, `order-12-${size}`);
  }
});

test("Esc leaves: at once when nothing was typed, with a word before when something was", async () => {
  const one = await customer();
  await formOf(one);
  await page.keyboard.press("Escape");
  await onCard(one);
  await formOf(one);
  await page.keyboard.type("3");
  await page.keyboard.press("Escape");
  await page.waitForSelector("[data-unsaved]:visible");
  assert.equal(await focused(), "qty", "the caret stays");
  await page.keyboard.press("Escape");
  await onCard(one);
  assert.equal((await ordersOf(one)).length, 0);

  await customer({ short_name: "白鯨" });
  await formOf(one);
  await page.keyboard.press("/");
  assert.equal(await focused(), "q", "/ looks for somebody else");
  await page.keyboard.type("白鯨");
  await page.waitForSelector("[role=option]");
  await page.keyboard.press("Enter");
  await onForm();
  assert.match(await page.locator("h1").innerText(), /白鯨/);
});

test("a manager sees where a price may be given, a clerk does not", async () => {
  const manager = await openPage(browser, shop);
  await signIn(manager, "lin");
  const one = await customer();
  await manager.goto(`/orders/new?customer=${one.id}`);
  assert.equal(await manager.locator("[name=price]:visible").count(), 0, "not until it is asked for");
  await manager.locator("summary", { hasText: "折扣、加價" }).click();
  await manager.locator("[name=price]").fill("800");
  await manager.waitForFunction(() => document.querySelector(".total .money").innerText === "NT$1,600");
  await lookTwice(manager, "order-11-manager");
  await manager.keyboard.press("Enter");
  await manager.waitForURL((url) => url.pathname === `/customers/${one.id}`);
  assert.match(await (await manager.request.get(`/orders?q=${one.customer_code}`)).text(), /1,600/);

  // What has no price: the field for it opens by itself, and stays while it is filled in.
  const hose = await (await openApi(shop, "lin"))("POST", "/products", { code: "WHALE-HOSE", name: "鯨魚管" });
  await manager.goto(`/orders/new?customer=${one.id}&lines=${hose.code}*1`);
  for (const price of ["5", "500"]) {
    await manager.locator("[name=price]:visible").fill(price);
    await manager.waitForFunction((price) => document.querySelector(".total .money").innerText === `NT$${price}`, price);
  }
  await manager.context().close();
  await page.goto(`/orders/new?customer=${one.id}&lines=${hose.code}*1`);
  assert.equal(await page.locator("[name=price]").count(), 0);
  assert.match(await said(), /這個品項還沒有價格，請經理填。/);
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".why")?.innerText.includes("鯨魚管 還沒有價格"));
  assert.equal((await ordersOf(one)).length, 1);
});

test("without script there are rows to fill in, and the server says the rest", async () => {
  const context = await browser.newContext({ viewport: DESK, baseURL: shop.url, locale: "zh-TW", javaScriptEnabled: false });
  const plain = await context.newPage();
  await signIn(plain, "azhen");
  const one = await customer({ closed_weekdays: 127 });
  await plain.goto(`/orders/new?customer=${one.id}`);
  assert.equal(await plain.locator("[name=product]").count(), 4, "one line and three to fill in");
  await plain.locator("[name=product]").nth(1).selectOption({ label: "50KG" });
  await plain.locator("[name=qty]").nth(1).fill("１");
  await plain.locator("[name=day][value=other]").check();
  await plain.locator("[name=day_text]").fill("2/30");
  await plain.locator("[name=qty]").first().press("Enter");
  await plain.waitForSelector("#why-day");
  assert.match(await plain.locator("main").innerText(), /沒有 2\/30 這一天。/);
  assert.equal(await plain.locator("[name=qty]").nth(1).inputValue(), "１", "as it was typed");
  await plain.locator("[name=day_text]").fill("");
  await plain.locator("[name=day]").nth(1).check();
  await plain.locator("[name=qty]").first().press("Enter");
  await plain.waitForURL((url) => url.pathname === `/customers/${one.id}` || url.pathname === "/orders");
  if (new URL(plain.url()).pathname === "/orders") {
    assert.match(await plain.locator(".warn").innerText(), /公休/);
    await plain.locator("[name=qty]").first().press("Enter");
    await plain.waitForURL((url) => url.pathname === `/customers/${one.id}`);
  }
  assert.deepEqual((await ordersOf(one)).map((order) => order.items), ["20KG × 2、50KG × 1"]);
  await context.close();
});
