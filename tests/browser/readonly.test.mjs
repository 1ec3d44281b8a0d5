// A disk that is full: every page says so, buttons rest with the reason, people still come in and look, and when somebody has
// made room the open page goes on by itself. On a small disk of its own, where one may be mounted.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { look, lookTwice, makeOwner, openBrowser, openPage, openShop } from "./shop.mjs";

const PASSWORD = "gas-shop-pass-1";
const PATIENCE = { timeout: 60_000 };

let disk, shop, browser, page;

before(async () => {
  disk = mkdtempSync(join(tmpdir(), "luckygas-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", disk], { stdio: "ignore" });
  } catch {
    rmdirSync(disk);
    disk = null;
    return;
  }
  const folder = join(disk, "shop");
  mkdirSync(folder);
  [shop, browser] = await Promise.all([openShop(["serve"], folder), openBrowser()]);
  page = await openPage(browser, shop);
  await makeOwner(page, shop, PASSWORD);
});
after(async () => {
  await browser?.close();
  await shop?.close();
  if (disk) {
    execFileSync("umount", ["-l", disk]);
    rmdirSync(disk);
  }
});

function fill() {
  const chunk = Buffer.alloc(64 * 1024, 7);
  try {
    for (;;) appendFileSync(join(disk, "ballast"), chunk);
  } catch (error) {
    assert.equal(error.code, "ENOSPC");
  }
}

test("a full disk rests the buttons, keeps nobody from looking, and is over by itself", { timeout: 180_000 }, async (t) => {
  if (!disk) return void t.skip("only root on Linux may mount a small disk");
  fill();
  await page.goto("/settings");
  await page.waitForFunction(() => document.querySelector("[data-readonly]") || void fetch(location.href).then(async (answer) => {
    if ((await answer.text()).includes("data-readonly")) location.reload();
  }), null, { ...PATIENCE, polling: 1000 });
  const save = page.locator("main form.settings button");
  await page.waitForFunction(() => document.querySelector("main form.settings button").disabled);
  assert.match(await save.getAttribute("title"), /硬碟滿了，清出 2 GB/);
  await page.evaluate(() => scrollTo(0, 0));
  await lookTwice(page, "readonly-settings");
  assert.equal(await page.locator(".band.readonly").count(), 1);

  // Another browser comes in, looks and goes.
  const other = await openPage(browser, shop);
  await other.goto("/sign-in");
  await other.fill("#username", "boss");
  await other.fill("#password", PASSWORD);
  await other.keyboard.press("Enter");
  await other.waitForURL(`${shop.url}/`);
  await look(other, "readonly-today");
  assert.equal(await other.locator(".band.readonly").count(), 1);
  await other.goto("/me");
  await other.getByRole("button", { name: "登出", exact: true }).click();
  await other.waitForURL(/\/sign-in/);
  await other.context().close();

  // What was typed stands there, and goes once there is room.
  await page.fill("#shop_name", "滿了又空了");
  rmSync(join(disk, "ballast"));
  await page.waitForFunction(() => !document.querySelector("[data-readonly]"), null, PATIENCE);
  assert.equal(await page.inputValue("#shop_name"), "滿了又空了");
  await save.click();
  await page.waitForSelector(".notice");
  await page.goto("/");
  assert.equal(await page.locator(".band.readonly").count(), 0);
  assert.deepEqual(page.complaints, []);
});
