// A dispatcher's morning on the board by keyboard alone, and what others see of it meanwhile.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { DESK, PHONE, look, lookTwice, openApi, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser, page;
before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
});
after(async () => {
  await browser?.close();
  await shop?.close();
});

let keys = 0;
/** Presses keys one after the other and waits until the board has done what they ask. */
async function press(all, on = page) {
  for (const key of all.split(" ")) { await on.keyboard.press(key); keys++; }
  await on.evaluate(() => board.queue);
}
const count = (selector, on = page) => on.locator(selector).count();
const picked = (on = page) => on.locator(".stop.picked").getAttribute("id");
const lane = (digit) => `[data-digit="${digit}"][data-driver]`;
const tomorrow = async (on = page) => { await on.goto("/board?date=tomorrow"); };

test("one stop costs two keys at most, and an area three", { timeout: 120_000 }, async () => {
  await page.goto("/");
  await page.keyboard.press("Alt+5");
  await page.waitForURL(/\/board$/);
  await lookTwice(page, "110-board");

  await tomorrow();
  await page.waitForFunction(() => document.activeElement.matches(".stop.picked"));
  const waiting = await count(".lane.free .stop");
  assert.ok(10 < waiting, "there is something to plan");

  // The first is picked: its driver's digit alone.
  keys = 0;
  const first = await page.locator(".stop.picked").getAttribute("data-name");
  await press("3");
  assert.equal(keys, 1);
  assert.equal(await page.locator(`${lane(3)} .stop`).first().getAttribute("data-name"), first);
  assert.equal(await count(".lane.free .stop"), waiting - 1);
  assert.match(await page.locator("main > .notice").innerText(), /給了/);
  assert.match(await picked(), /^o\d+$/, "the next one is picked");

  // Another one: an arrow and a digit.
  keys = 0;
  await press("ArrowDown 2");
  assert.equal(keys, 2);
  assert.equal(await count(`${lane(2)} .stop`), 1);

  // Its whole area.
  const area = await page.locator(".stop.picked").getAttribute("data-area");
  const same = await count(`.lane.free .stop[data-area="${area}"]`);
  assert.ok(1 < same, "the area has several");
  keys = 0;
  await press("a");
  assert.match(await page.locator("[data-what]").innerText(), new RegExp(`整區.* ${same} 張`));
  await look(page, "111-board-area");
  await press("4");
  assert.equal(keys, 2);
  assert.equal(await count(`${lane(4)} .stop`), same);

  // As fast as one types: each digit is for the card picked when its turn comes.
  const left = await count(".lane.free .stop");
  await press("1 2 1 2 1");
  assert.deepEqual([await count(".lane.free .stop"), await count(`${lane(1)} .stop`), await count(`${lane(2)} .stop`)], [left - 5, 3, 3]);
});

test("stops change their places and their drivers, several at once, and go back", { timeout: 120_000 }, async () => {
  await tomorrow();
  const names = () => page.locator(`${lane(4)} .stop`).evaluateAll((all) => all.map((one) => one.dataset.name));
  const before = await names();
  await page.locator(`${lane(4)} .stop`).first().click();
  await press("Alt+ArrowDown");
  assert.deepEqual((await names()).slice(0, 2), [before[1], before[0]]);
  await press("Alt+ArrowUp");
  assert.deepEqual(await names(), before);

  // Marked with Shift, sent together.
  await press("Shift+ArrowDown");
  assert.equal(await count(".stop.marked"), 2);
  await look(page, "112-board-marked");
  await press("5");
  assert.deepEqual([await count(`${lane(5)} .stop`), await count(`${lane(4)} .stop`)], [2, before.length - 2]);
  const waiting = await count(".lane.free .stop");
  await page.locator(`${lane(5)} .stop`).first().click();
  await press("0");
  assert.deepEqual([await count(`${lane(5)} .stop`), await count(".lane.free .stop")], [1, waiting + 1]);
  assert.match(await picked(), /^o/, "what came back is picked, for the next digit");
  await press("4");

  // The order the program would make them in; the card opens with Enter, and Esc comes back.
  await page.locator(`${lane(4)} .stop`).first().click();
  await press("g");
  assert.match(await page.locator("main > .notice").innerText(), /照建議排好了|已經是建議的順序/);
  const order = await page.locator(".stop.picked").getAttribute("data-order");
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/orders/${order}$`));
});

test("a route goes out with B, and what stands against it is asked", { timeout: 120_000 }, async () => {
  // However many called for tomorrow by now, these make it more than one driver can.
  const api = await openApi(shop, "xiaohui");
  const day = new Date(Date.now() + 32 * 3_600_000).toISOString().slice(0, 10); // in Taiwan
  const [{ customers }, { products }] = [await api("GET", "/customers?active=true&limit=200"), await api("GET", "/products")];
  const usual = products.find((product) => product.code === "C20").id;
  const callers = customers.filter((one) => one.vehicle_type !== 2 && !one.is_walk_in && !one.is_terminated).slice(0, 15);
  for (const one of callers) await api("POST", "/orders", { customer_id: one.id, scheduled_on: day, lines: [{ product_id: usual, qty: 1 }] });
  await tomorrow();
  await page.locator(`${lane(1)} .stop`).first().click();
  // More than a driver makes in a day.
  for (const digit of [2, 3, 4]) {
    await page.locator(`${lane(digit)} .stop`).first().click();
    for (let more = await count(`${lane(digit)} .stop`); 1 < more; more--) await press("Shift+ArrowDown");
    await press("1");
  }
  for (let left = await count(".lane.free .stop"); 0 < left; left = await count(".lane.free .stop")) {
    await page.locator(".lane.free .stop").first().click();
    await press("a 1");
  }
  const stops = await count(`${lane(1)} .stop`);
  assert.ok(30 < stops, `${stops} stops`);
  await page.locator(`${lane(1)} .stop`).first().click();
  await press("b");
  assert.match(await page.locator(".ask").innerText(), new RegExp(`有 ${stops} 站`));
  await lookTwice(page, "113-board-publish");
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => url.pathname === "/board");
  await page.waitForFunction(() => !document.querySelector(".ask"));

  const manager = await openPage(browser, shop);
  await signIn(manager, "lin");
  await tomorrow(manager);
  await manager.locator(`${lane(1)} .stop`).first().click();
  await press("b", manager);
  await manager.waitForFunction(() => document.activeElement.id === "override_note");
  await lookTwice(manager, "113-board-override");
  await manager.keyboard.type("12");
  assert.equal(await manager.inputValue("#override_note"), "12", "digits are text where a reason is written");
  await manager.fill("#override_note", "兩個人去");
  await manager.keyboard.press("Enter");
  await manager.waitForFunction(() => !document.querySelector(".ask"));
  assert.match(await manager.locator("main > .notice").innerText(), /發布了/);
  assert.equal(await count(`${lane(1)} .lane-way[data-status=published]`, manager), 1);
  assert.equal(await count(".stop.picked", manager), 1);
  await page.waitForFunction((lane) => document.querySelector(`${lane} .lane-way[data-status=published]`), lane(1));
  await manager.context().close();
});

test("a card is dragged to a driver and to its place", { timeout: 120_000 }, async () => {
  await tomorrow();
  const cards = page.locator(`${lane(1)} .stop`);
  const moved = await cards.nth(2).getAttribute("data-name");
  await cards.nth(2).dragTo(page.locator(lane(6)));
  await page.waitForFunction((lane) => document.querySelectorAll(`${lane} .stop`).length === 1, lane(6));
  assert.equal(await page.locator(`${lane(6)} .stop`).getAttribute("data-name"), moved);

  const second = await cards.nth(1).getAttribute("data-name");
  await cards.nth(1).dragTo(cards.nth(0), { targetPosition: { x: 40, y: 5 } });
  await page.waitForFunction(([lane, name]) => document.querySelector(`${lane} .stop`).dataset.name === name, [lane(1), second]);

  await page.locator(`${lane(6)} .stop`).dragTo(page.locator(".lane.free"));
  await page.waitForFunction(() => document.querySelectorAll(".lane.free .stop").length === 1);
  await press("6");
});

test("what one does, another sees, and who was faster is told", { timeout: 120_000 }, async () => {
  const other = await openPage(browser, shop);
  await signIn(other, "lin");
  await tomorrow();
  await tomorrow(other);
  await other.locator(`${lane(1)} .stop`).nth(3).click();
  const kept = await picked(other);
  await page.locator(`${lane(1)} .stop`).first().click();
  const id = await picked();
  const started = Date.now();
  await press("7");
  await other.waitForFunction(([lane, id]) => document.querySelector(`${lane} #${id}`), [lane(7), id], { timeout: 2_000 });
  assert.ok(Date.now() - started < 2_000);
  assert.equal(await picked(other), kept, "the pick stays");

  // A board that has not heard of it yet.
  const stale = await page.locator(`#${id}`).getAttribute("data-v");
  await press("8");
  const answer = await other.evaluate(async ([id, version]) => {
    const form = new URLSearchParams([...new FormData(board.form())].filter(([name]) => name !== "card"));
    form.set("card", `${id}.${version}`);
    form.set("driver", document.querySelector('[name=driver][data-digit="2"]').value);
    await board.post("/board/assign", form);
    return document.querySelector("#board .refuse").textContent;
  }, [id, stale]);
  assert.match(answer, /小惠 \d\d:\d\d 已排給/);
  await look(other, "114-board-conflict");

  // The wall shows it too, and goes back with Esc.
  await other.goto("/board/wall");
  await look(other, "115-wall");
  await other.keyboard.press("Escape");
  await other.waitForURL(/\/board$/);
  await other.keyboard.press("w");
  await other.waitForURL(/\/board\/wall$/);
  await other.context().close();
});

test("without script the same is done with links and buttons, on a phone too", { timeout: 120_000 }, async () => {
  const context = await browser.newContext({ viewport: PHONE, baseURL: shop.url, locale: "zh-TW", javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto("/sign-in");
  await plain.fill("#username", "lin");
  await plain.fill("#password", "lianxi-2025");
  await plain.click("main form button");
  await tomorrow(plain);
  await plain.locator(`${lane(1)} .stop`).nth(1).click();
  assert.match(plain.url(), /pick=s\d+#s\d+$/);
  const name = await plain.locator(".stop.picked").getAttribute("data-name");
  await plain.click("#act button[data-digit='0']");
  assert.match(await plain.locator("main > .notice").innerText(), new RegExp(`${name}退回未派`));
  await plain.locator(".lane.free .stop").first().click();
  await plain.getByText("整區指派").click();
  await plain.click("#act button[data-digit='2']");
  assert.match(await plain.locator("main > .notice").innerText(), /張給了/);
  await context.close();
  assert.deepEqual(DESK, page.viewportSize());
});
