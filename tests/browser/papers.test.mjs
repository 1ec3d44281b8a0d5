// What the printer is given: each paper rendered to pages as a printer would get them, nothing cut, nothing too small;
// P prints and the next printing says so; and the same without script.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { lookTwice, openApi, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser, page, api, boss, customers, products;
const routes = {};

/** The inside of each paper in CSS pixels, and its page in points. */
const A4 = { width: 186, page: [595, 842] };
const HALF = { width: 190, page: [595, 420] };
const ROLL = { width: 72, page: [227, 539] };

before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  await signIn(page, "xiaohui");
  [api, boss] = [await openApi(shop, "xiaohui"), await openApi(shop, "boss")];
  customers = (await api("GET", "/customers?active=active&limit=200")).customers
    .filter((one) => !one.is_walk_in && one.payment_terms === "cash" && one.pricing_method === "cylinder");
  products = Object.fromEntries((await api("GET", "/products")).products.map((one) => [one.code, one.id]));
  routes.usual = await route("紙本一", 19);
  routes.long = await route("紙本二", 40);
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

/** A new driver's route of `stops` orders; among them one with all that is long. */
async function route(name, stops) {
  const person = await openPage(browser, shop);
  await signIn(person, "boss");
  await person.goto("/users/new");
  await person.fill("[name=name]", name);
  await person.fill("[name=username]", `paper-${stops}`);
  await person.selectOption("[name=role]", "driver");
  await person.locator("main form button.primary").click();
  await person.waitForSelector("text=抄好了");
  await person.context().close();
  const driver = (await api("GET", "/drivers")).drivers.find((one) => one.name === name);
  const vehicle = await boss("POST", "/vehicles", { plate: `PAP-${stops}`, kind: "truck", max_gross_kg: 3000 });
  await api("PATCH", `/drivers/${driver.id}`, { version: driver.version, default_vehicle_id: vehicle.id });
  const today = await page.evaluate(() => new Date(Date.now() + 8 * 36e5).toISOString().slice(0, 10));
  for (let at = 0; at < stops; at++) {
    const lines = at % 5 === 4 ? [{ product_id: products.C20, qty: 2 }, { product_id: products.C16, qty: 1 }] : [{ product_id: products.C20, qty: 1 + (at % 3) }];
    const more = at === 2 ? { notes: "二樓，走外梯，先打電話再上去", is_urgent: true } : {};
    if (at === 5) more.delivery_address = "臺東縣臺東市中華路四段 1234 巷 56 弄 78 號 9 樓之 10（後面鐵皮屋）";
    const order = await api("POST", "/orders", { customer_id: customers.pop().id, scheduled_on: today, lines, ...more });
    await api("POST", `/orders/${order.id}/assign`, { driver_id: driver.id, version: order.version });
  }
  // Routes are numbered as they are made, so the last there is is this one.
  let id = 1;
  while ((await fetch(`${shop.url}/routes/${id + 1}/sheet`, { headers: { Cookie: await cookie() } })).ok) id++;
  return id;
}

const cookie = async () => (await page.context().cookies()).map((one) => `${one.name}=${one.value}`).join("; ");

/** The pages a printer gets of what stands on the screen. */
async function pages(name) {
  // Only looking: nothing is told to the shop.
  await page.evaluate(() => { for (const button of document.querySelectorAll("form[data-printed] button")) button.disabled = true; });
  const pdf = await page.pdf({ preferCSSPageSize: true });
  const text = pdf.toString("latin1");
  if (process.env.LUCKYGAS_SHOTS) {
    mkdirSync(process.env.LUCKYGAS_SHOTS, { recursive: true });
    writeFileSync(join(process.env.LUCKYGAS_SHOTS, `${name}.pdf`), pdf);
  }
  const boxes = [...text.matchAll(/\/MediaBox\s*\[([^\]]*)\]/g)].map((found) => found[1].trim().split(/\s+/).slice(2).map((side) => Math.round(Number(side))));
  return { count: (text.match(/\/Type\s*\/Page\b/g) ?? []).length, boxes };
}

/** Nothing reaches over the edge of its paper or its cell, nothing is smaller than 9 points, and all is black. */
async function uncut(paper, name) {
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: Math.round((paper.width / 25.4) * 96), height: 1000 });
  if (process.env.LUCKYGAS_SHOTS) await page.screenshot({ path: join(process.env.LUCKYGAS_SHOTS, `${name}.png`), fullPage: true });
  const wrong = await page.evaluate(() => {
    const said = [];
    for (const paper of document.querySelectorAll(".paper")) {
      const edge = paper.getBoundingClientRect();
      for (const part of paper.querySelectorAll("*")) {
        const box = part.getBoundingClientRect();
        if (box.width === 0 || part.closest(".unseen")) continue;
        const words = part.textContent.slice(0, 30);
        if (box.left < edge.left - 1 || edge.right + 1 < box.right) said.push(`over the edge: ${part.tagName} ${words}`);
        if (part.matches("td, th, dd, p, span, b, small") && part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== "inline") said.push(`over its cell: ${part.tagName} ${words}`);
        const own = [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
        if (own && parseFloat(getComputedStyle(part).fontSize) < 12) said.push(`too small: ${part.tagName} ${words}`);
        if (own && getComputedStyle(part).color !== "rgb(0, 0, 0)") said.push(`not black: ${part.tagName} ${words}`);
        // Two cells of one row never lie on each other.
        const next = part.matches("td, th") && part.nextElementSibling;
        if (next && next.getBoundingClientRect().left < box.right - 1) said.push(`over its neighbour: ${words}`);
      }
    }
    return [...new Set(said)].slice(0, 8);
  });
  await page.emulateMedia({ media: null });
  assert.deepEqual(wrong, [], name);
}

async function look(name, url, paper, count) {
  await page.goto(url);
  const { count: found, boxes } = await pages(name);
  assert.equal(found, count, `${name}: pages`);
  for (const box of boxes) assert.deepEqual(box.map((side) => Math.round(side / 3)), paper.page.map((side) => Math.round(side / 3)), `${name}: size of the page`);
  await uncut(paper, name);
}

test("a route of nineteen stops is one A4, forty take two, and the heads repeat", async () => {
  await look("papers-01-sheet", `/routes/${routes.usual}/sheet`, A4, 1);
  assert.equal(await page.locator(".paper tbody tr:not(.in-all)").count(), 19);
  assert.equal(await page.locator(".paper td .qr").count(), 19);
  await look("papers-02-long-sheet", `/routes/${routes.long}/sheet`, A4, 2);
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".paper thead")).display), "table-header-group");
});

test("the loading sheet is one A4", async () => {
  await look("papers-03-loading", `/routes/${routes.usual}/loading`, A4, 1);
});

test("all slips of a route are one printing, a page each", async () => {
  await look("papers-04-half", `/routes/${routes.usual}/slips?paper=half`, HALF, 19);
  await look("papers-05-roll", `/routes/${routes.usual}/slips?paper=roll`, ROLL, 19);
});

test("the papers on the screen, at both sizes", async () => {
  await page.goto(`/routes/${routes.usual}/sheet`);
  await lookTwice(page, "papers-06-sheet");
  await page.goto(`/routes/${routes.usual}/slips?paper=roll`);
  await lookTwice(page, "papers-07-roll");
  await page.goto(`/board/sheets`);
  await lookTwice(page, "papers-08-day");
});

test("P prints, and the sheet after it says that it is printed again", async () => {
  await page.addInitScript(() => { window.print = () => window.dispatchEvent(new Event("afterprint")); });
  await page.goto(`/routes/${routes.usual}/sheet`);
  assert.match(await page.locator(".printed").innerText(), /小惠\s*第 1 次/);
  await page.keyboard.press("p");
  await page.waitForFunction(() => document.querySelector(".printed").innerText.includes("補印，第 2 次"));
  await page.keyboard.press("2");
  await page.waitForURL(/\/loading$/);
  assert.match(await page.locator(".printed").innerText(), /第 1 次/);
  await page.keyboard.press("4");
  await page.waitForURL(/slips\?paper=roll$/);
  assert.deepEqual(page.complaints, []);
});

test("without script the button tells it, and the page says how to print", async () => {
  const context = await browser.newContext({ baseURL: shop.url, locale: "zh-TW", javaScriptEnabled: false });
  await context.addCookies(await page.context().cookies());
  const plain = await context.newPage();
  await plain.goto(`/routes/${routes.usual}/loading`);
  await plain.locator(".printbar button").click();
  await plain.waitForURL(/printed=1/);
  assert.match(await plain.locator(".notice").innerText(), /Ctrl＋P/);
  assert.match(await plain.locator(".printed").innerText(), /小惠\s*第 1 次/);
  await plain.goto(`/routes/${routes.usual}/loading`);
  assert.match(await plain.locator(".printed").innerText(), /補印，第 2 次/);
  await context.close();
});
