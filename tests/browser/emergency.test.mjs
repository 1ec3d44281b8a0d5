// A caller smells gas: taken down by keyboard on one page, heard on another that lies open, answered on the driver's phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PHONE, look, lookTwice, openApi, openBrowser, openPage, openShop, signIn } from "./shop.mjs";

let shop, browser, page, other, phone, api, customer;
let driver;

before(async () => {
  [shop, browser] = await Promise.all([openShop(["demo"]), openBrowser()]);
  page = await openPage(browser, shop);
  other = await openPage(browser, shop);
  phone = await openPage(browser, shop, PHONE);
  await signIn(page, "xiaohui");
  await signIn(other, "lin");
  await phone.goto("/sign-in");
  await phone.fill("#username", "aming");
  await phone.fill("#password", "lianxi-2025");
  await phone.locator("main form button").click();
  await phone.waitForURL((url) => url.pathname !== "/sign-in");
  api = await openApi(shop, "xiaohui");
  customer = await api("POST", "/customers", {
    customer_code: "9911119", short_name: "鯨背民宿", address: "虛構鄉海堤路 88 號", phones: ["0900-000-119"],
  });
  driver = (await api("GET", "/drivers")).drivers.find((one) => one.name === "阿明");
});

after(async () => {
  await browser?.close();
  await shop?.close();
});

const strip = (on) => on.locator("[data-alarms] .alarm");
const rings = (on) => on.waitForFunction(() => document.querySelector("[data-alarms] .alarm"));
const silent = (on) => on.waitForFunction(() => !document.querySelector("[data-alarms] .alarm"));
const latest = async () => (await api("GET", "/emergencies")).emergencies[0];

test("a leak is taken down by keyboard", async () => {
  await page.goto("/orders");
  await other.goto(`/customers/${customer.id}`);
  await page.keyboard.press("Shift+Digit1");
  await page.waitForURL(/\/emergencies\/new/);
  await lookTwice(page, "emergency-01-who");
  await page.keyboard.press("1");
  assert.equal(await page.evaluate(() => document.activeElement.id), "who");
  await page.keyboard.type("鯨背");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#description");
  assert.equal(await page.evaluate(() => document.activeElement.id), "description");
  assert.equal(await page.locator("[name=kind]:checked").getAttribute("value"), "gas_leak");
  assert.equal(await page.locator("#address").inputValue(), "虛構鄉海堤路 88 號");
  await page.keyboard.type("廚房切替器旁邊有味道，兩位房客在外面。");
  await lookTwice(page, "emergency-02-form");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/emergencies\/\d+$/);
  assert.match(await page.locator("h1").innerText(), /瓦斯洩漏：鯨背民宿/);
});

test("the alarm appears on a page that lies open, and its clock runs", async () => {
  await rings(other);
  assert.match(await strip(other).innerText(), /瓦斯洩漏.*鯨背民宿/s);
  assert.match(await other.title(), /▲ 緊急/);
  const clock = () => other.locator(".alarm [data-since]").innerText();
  const first = await clock();
  await other.waitForFunction((first) => document.querySelector(".alarm [data-since]").innerText !== first, first);
  await lookTwice(other, "emergency-03-alarm");
  // Enter is still the page's own.
  await other.keyboard.press("Alt+Digit0");
  await other.waitForURL(/\/emergencies\/\d+$/);
  await lookTwice(other, "emergency-04-page");
  await other.keyboard.press("Enter");
  await silent(other);
  await silent(page);
  assert.doesNotMatch(await other.title(), /▲/);
});

test("a digit sends a driver, his phone calls, and he goes", async () => {
  await phone.goto("/driver/day");
  const digit = await page.locator("#emergency-who tr", { hasText: "阿明" }).locator("td.key").innerText();
  await page.bringToFront();
  await page.locator("h1").click();
  if (digit) await page.keyboard.press(digit); else await page.locator(`form:has([name=driver][value="${driver.user_id ?? driver.id}"]) button`).click();
  await page.waitForFunction(() => /等阿明回應/.test(document.querySelector("#emergency-state").innerText));
  await phone.waitForFunction(() => document.querySelector(".emergency-call"));
  await look(phone, "emergency-05-phone-call");
  await phone.locator(".emergency-call").click();
  await phone.waitForURL(/\/driver\/emergency/);
  await look(phone, "emergency-06-phone");
  for (const button of await phone.locator("main .button, main button").all()) {
    const box = await button.boundingBox();
    assert.ok(44 <= box.height, `${await button.innerText()} is ${box.height} px high`);
  }
  await phone.locator("button", { hasText: /^我去$/ }).click();
  await phone.waitForFunction(() => /你說：我去/.test(document.body.innerText));
  await look(phone, "emergency-07-phone-goes");
  await page.waitForFunction(() => /說：我去/.test(document.querySelector("#emergency-state").innerText));
  await lookTwice(page, "emergency-08-goes");
  assert.ok((await latest()).answered_at);
});

test("a driver asks for help, and the shop is alarmed", async () => {
  await other.goto("/customers");
  await phone.goto("/driver/emergency");
  await phone.fill("#description", "中山路口被追撞，人沒事，車不能開");
  await look(phone, "emergency-09-help");
  await phone.keyboard.press("Enter");
  await phone.waitForFunction(() => /通知店裡了/.test(document.body.innerText));
  await rings(other);
  assert.match(await strip(other).innerText(), /司機緊急.*阿明/s);
  await strip(other).locator("button", { hasText: "店裡知道了" }).click();
  await silent(other);
  await phone.waitForFunction(() => /知道了/.test(document.querySelector("#emergency-given").innerText));
});

test("it is closed with a word, and stands in the list with its minutes", async () => {
  const leak = (await api("GET", "/emergencies")).emergencies.find((one) => one.kind === "gas_leak");
  await page.goto(`/emergencies/${leak.id}`);
  await page.fill("#note", "接頭換好了，沒有味道");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /解除了/.test(document.querySelector("#emergency-state")?.innerText ?? ""));
  await lookTwice(page, "emergency-10-closed");
  await page.goto("/emergencies");
  await lookTwice(page, "emergency-11-list");
  assert.match(await page.locator("tbody").innerText(), /鯨背民宿/);
});
