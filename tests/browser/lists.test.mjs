// A spreadsheet of orders from the order list to the orders and back, by keyboard.
import { after, before, test } from "node:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { lookTwice, openBrowser, openPage, openShop } from "./shop.mjs";

let shop, browser, page, folder, wanted;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), "luckygas-lists-"));
  shop = await openShop(["demo"]);
  browser = await openBrowser();
  page = await openPage(browser, shop);
  page.on("filechooser", (chooser) => chooser.setFiles(wanted));
  await page.goto("/sign-in");
  await page.fill("[name=username]", "xiaohui");
  await page.fill("[name=password]", /密碼都是　(\S+)/.exec(shop.said)[1]);
  await page.keyboard.press("Enter");
  await page.waitForURL(`${shop.url}/`);
});
after(async () => {
  await browser?.close();
  await shop?.close();
  rmSync(folder, { recursive: true, force: true });
});

const heading = () => page.locator("h1").textContent();

/** The orders of today written out, as rows of cells; no cell of the first columns is quoted. */
async function today() {
  const text = await page.evaluate(() => fetch("/orders.csv").then((answer) => answer.text()));
  return text.replace("\ufeff", "").split("\r\n").filter((line) => /^\d/.test(line)).map((line) => line.split(","));
}

/** Writes a list and sends it in as a clerk does. */
async function send(name, rows) {
  const path = join(folder, name);
  writeFileSync(path, ["\ufeff客戶編號,配送日期,時段,產品,數量,備註,放學時間", ...rows].join("\r\n"));
  await page.goto("/orders");
  await page.keyboard.press("i");
  await page.waitForURL(/\/orders\/lists$/);
  wanted = path;
  await page.keyboard.press("f");
  await page.waitForFunction(() => document.querySelector("#files").files.length === 1);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/orders\/lists\/pending/);
}

test("a list is looked at, brought in and taken back", { timeout: 120_000 }, async () => {
  const rows = await today();
  const codes = [...new Set(rows.map(([code]) => code))].slice(0, 12);
  assert.ok(codes.length === 12, "the demonstration shop has orders today");
  const date = new Date(Date.now() + 8 * 3600e3 + 5 * 86400e3).toISOString().slice(0, 10);
  const good = codes.map((code, at) => `${code},${date},,20,${at % 4 + 1},${at % 5 ? "" : "放後門，不要按鈴"},16:00`.replace("，", "、"));
  const bad = [`9999999,${date},,20KG,1,,`, `${codes[0]},2/30,,20KG,1,,`, `${codes[1]},${date},十點,20KG,101,,`, `合計,,,,99,,`];
  await send("國小六月.csv", [...good, ...bad]);
  assert.equal(await heading(), "匯入訂單：先看一遍");
  await lookTwice(page, "60-list-pending");
  const text = await page.textContent("main");
  for (const says of ["現在什麼都還沒寫入", "沒有這個編號的客戶", "沒有 2/30 這一天", "放學時間", "開 12 張訂單"]) assert.ok(text.includes(says), says);
  await page.reload();
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/orders\/lists\/\d+$/);
  await lookTwice(page, "61-list-made");
  assert.equal(await page.locator("table[data-rows] tbody tr").count(), 12);

  await send("國小六月.csv", good);
  assert.ok((await page.textContent("main")).includes("每一張都開過了"));
  await lookTwice(page, "62-list-again");
  await page.keyboard.press("Escape");
  await page.waitForURL(/\/orders\/lists$/);
  await lookTwice(page, "63-lists");
  await page.keyboard.press("1");
  await page.waitForURL(/\/orders\/lists\/\d+$/);
  await page.keyboard.press("x");
  await page.waitForURL(/take-back/);
  await lookTwice(page, "64-list-take-back");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/orders\/lists\/\d+$/);
  await lookTwice(page, "65-list-taken-back");
  assert.equal(await page.locator(".badge.cancelled").count(), 12);
});

test("what is no list is refused where it was chosen", { timeout: 60_000 }, async () => {
  const path = join(folder, "名片.csv");
  writeFileSync(path, "姓名,電話\r\n小明,0900-000-213\r\n");
  await page.goto("/orders/lists");
  await page.setInputFiles("#files", path);
  await page.click("button:has-text('先看一遍')");
  await page.waitForSelector("#why-files");
  assert.match(await page.textContent("#why-files"), /這不像訂單的試算表/);
  assert.equal(await page.evaluate(() => document.activeElement.id), "files");
  await lookTwice(page, "66-list-refused");
});
