// The way back, as an owner walks it: an admin restores a copy while somebody else has a page open, and a fresh install
// becomes the shop from a file.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DESK, PHONE, makeOwner, openBrowser, openPage, openShop } from "./shop.mjs";

const PASSWORD = "a-good-password";
let shop, fresh, browser, stick;
before(async () => {
  shop = await openShop();
  browser = await openBrowser();
  stick = mkdtempSync(join(tmpdir(), "luckygas-stick-"));
});
after(async () => {
  await browser?.close();
  await shop?.close();
  await fresh?.close();
  if (stick) rmSync(stick, { recursive: true, force: true });
});

const copies = () => {
  try { return readdirSync(join(shop.folder, "backups")).filter((name) => name.endsWith("-manual.db")).sort(); } catch { return []; }
};

test("an admin restores a copy; whoever has a page open is led to sign in", { timeout: 180_000 }, async () => {
  const page = await openPage(browser, shop);
  await makeOwner(page, shop, PASSWORD);
  await page.goto("/backups");
  await page.keyboard.press("b");
  for (let tries = 0; copies().length === 0 && tries < 300; tries++) await page.waitForTimeout(100);
  const [name] = copies();
  assert.ok(name, "no copy was made");

  const other = await page.context().newPage();
  await other.goto("/orders");
  await page.goto(`/backups/${name}/restore`);
  await page.getByText("備份裡").first().waitFor();
  await page.check("[name=sure]");
  await page.fill("[name=password]", PASSWORD);
  await page.getByRole("button", { name: "還原這一份" }).click();
  await page.waitForURL(/\/sign-in/, { timeout: 60_000 });
  await page.getByText("還原好了").waitFor();
  await page.getByText("相符").waitFor();

  // The page that was open says so by itself, and knows the way.
  await other.getByRole("link", { name: "已登出，再登入" }).waitFor({ timeout: 60_000 });

  await page.fill("[name=username]", "boss");
  await page.fill("[name=password]", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/backups\/restored/);
  await page.getByText("相符").waitFor();
  copyFileSync(join(shop.folder, "backups", name), join(stick, name));
  assert.deepEqual(page.complaints, []);
});

test("a fresh install becomes the shop from a file, on the desk and on a phone", { timeout: 180_000 }, async () => {
  fresh = await openShop();
  const [name] = readdirSync(stick);
  const code = /開店碼　(\S+)/.exec(fresh.said)[1];
  const small = await openPage(browser, fresh, PHONE);
  await small.goto(`/setup?code=${code}`);
  await small.getByText("從備份還原").click();
  await small.fill("[name=folder]", stick);
  await small.getByRole("button", { name: "看看裡面有哪些備份" }).click();
  await small.getByRole("link", { name: /看裡面/ }).waitFor();

  const page = await openPage(browser, fresh, DESK);
  await page.goto(`/setup?code=${code}`);
  await page.keyboard.press("2");
  await page.waitForURL(/\/setup\/restore/);
  await page.setInputFiles("[name=upload]", join(stick, name));
  await page.getByRole("button", { name: /看裡面有什麼/ }).click();
  await page.getByText("這是你的店嗎").waitFor();
  await page.getByRole("button", { name: /還原這一份/ }).click();
  await page.waitForURL(/\/sign-in/, { timeout: 60_000 });
  await page.getByText("還原好了").waitFor();
  await page.fill("[name=username]", "boss");
  await page.fill("[name=password]", PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/backups\/restored/);
  await page.getByText("相符").waitFor();
  assert.deepEqual([...small.complaints, ...page.complaints], []);
});
