// The driver's phone, over pages that work without it. Loaded after app.js. Bound to data- attributes:
//   data-act              a form that is sent by fetch, known by a number of its own, so that a lost line loses nothing
//   data-step="-1"        − and ＋ beside a figure
//   data-due="URL"        a form that is asked there, as it stands, what is to be collected
//   data-cash             the keypad: data-cash-key, what was given, data-change
//   data-sign             the frame one signs in
//   data-photo-state      says how far the picture is; the camera stands beside it
//   data-sync             the strip that says whether the shop can be reached
// An act that cannot be sent stays on the page as it is; this is where a queue would take it.
"use strict";

const LOST = "網路斷了，還沒送出。畫面留著，連上再按一次。";
const WAIT_MS = 30_000;
const one = (selector, within = document) => within.querySelector(selector);
const money = (amount) => `NT$${amount.toLocaleString("en-US")}`;

// Browsers give randomUUID only over https, and a shop's own network has none.
function drawNumber() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// ── the strip ─────────────────────────────────────────────────────────────────────────────────

const sync = {
  at: Date.now(),
  reached() { sync.at = Date.now(); sync.show(true); },
  lost() { sync.show(false); },
  show(isOn) {
    const strip = one("[data-sync]");
    if (!strip) return;
    const say = isOn ? "已連線" : "網路斷了";
    const state = one("[data-sync-state]", strip);
    if (state.textContent !== say) state.textContent = say;
    strip.classList.toggle("off", !isOn);
    one("[data-sync-last]", strip).classList.toggle("unseen", isOn);
    one("[data-sync-clock]", strip).textContent = new Date(sync.at).toLocaleTimeString("zh-TW", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Taipei" });
  },
};
addEventListener("offline", sync.lost);
addEventListener("online", () => refresh());

// ── acts ──────────────────────────────────────────────────────────────────────────────────────

let isSending = false;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !("act" in form.dataset)) return;
  event.preventDefault();
  if (!isSending) send(form);
});

async function send(form) {
  isSending = true;
  form.setAttribute("aria-busy", "true");
  one(".lost", form)?.remove();
  try {
    if (!await pictures.flush(form)) return void stay(form, LOST);
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "action_id" && name !== "device_at");
    // The same act sent again keeps its number; another figure is another act.
    const said = JSON.stringify(fields);
    if (form.dataset.said !== said) {
      form.dataset.said = said;
      form.elements.action_id.value = drawNumber();
      form.elements.device_at.value = new Date().toISOString();
    }
    const body = new URLSearchParams([...fields, ["action_id", form.elements.action_id.value], ["device_at", form.elements.device_at.value]]);
    const answer = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout(WAIT_MS) });
    const html = await answer.text();
    sync.reached();
    if (answer.status === 401) stay(form, "登入過期了，畫面留著。另開一頁登入，回來再按一次。");
    else if (answer.status === 503 && sentence(html)) stay(form, `${sentence(html)}畫面留著。`);
    else if (500 <= answer.status) stay(form, "店裡的電腦沒有收下，畫面留著。等一下再按一次。");
    else put(html, answer.redirected ? answer.url : location.href);
  } catch {
    sync.lost();
    stay(form, LOST);
  } finally {
    isSending = false;
    form.removeAttribute("aria-busy");
  }
}

// Why a page says no.
const sentence = (html) => one("main .refuse", new DOMParser().parseFromString(html, "text/html"))?.textContent.trim() ?? "";

// Says, where the thumb is, that nothing was sent.
function stay(form, say) {
  const line = document.createElement("p");
  line.className = "refuse lost";
  line.setAttribute("role", "alert");
  line.append(Object.assign(document.createElement("span"), { textContent: say }));
  const place = form.matches(".thumb") ? form : one(".thumb", form);
  if (place) place.prepend(line); else form.append(line);
}

// The page that came as an answer, in the place of this one.
let shown = location.pathname + location.search;

function put(html, url) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!one("body.driver", page)) return void location.assign(url);
  const to = new URL(url);
  to.hash = "";
  const isSame = to.pathname + to.search === shown;
  history[isSame ? "replaceState" : "pushState"](null, "", to);
  shown = to.pathname + to.search;
  dialogs.isOpen = false;
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
  pictures.forget();
  scrollTo(0, 0);
  const wrong = one("main [aria-invalid]") ?? one("main .refuse");
  if (wrong) { wrong.focus?.(); wrong.scrollIntoView({ block: "center" }); }
}
addEventListener("popstate", () => { if (location.pathname + location.search !== shown) location.reload(); });

// ── counters, and what they make the money ────────────────────────────────────────────────────

document.addEventListener("click", ({ target }) => {
  const button = target instanceof Element && target.closest("[data-step]");
  if (!button) return;
  const field = one("input", button.parentElement);
  const figure = Number(plain(field.value)) || 0;
  field.value = String(Math.max(0, Math.round((figure + Number(button.dataset.step)) * 1000) / 1000));
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

let asked = 0, askTimer = 0;
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-due]");
  if (!form) return;
  if (target.name === "cash_handed") { form.dataset.given = "1"; return void cash.show(); }
  if (!/^(qty|empties|residual)\./.test(target.name)) return;
  clearTimeout(askTimer);
  askTimer = setTimeout(() => askDue(form), 150);
});

async function askDue(form) {
  if (!one("[data-cash]", form)) return;
  const mine = ++asked;
  const fields = new URLSearchParams([...new FormData(form)].filter(([name]) => /^(qty|empties|residual)\./.test(name)));
  const answer = await fetch(`${form.dataset.due}?${fields}`).catch(() => null);
  if (!answer) return void sync.lost(); // what was ordered stands; the shop reckons when the act arrives
  if (!answer.ok || mine !== asked) return;
  const due = await answer.text();
  if (mine !== asked || !/^\d+$/.test(due)) return;
  sync.reached();
  form.elements.cash_due.value = due;
  if (!form.dataset.given) form.elements.cash_handed.value = due;
  cash.show();
}

// ── cash ──────────────────────────────────────────────────────────────────────────────────────

const cash = {
  figure: (field) => Number(plain(field.value).replace(/\D/g, "")) || 0,

  show() {
    const box = one("[data-cash]");
    if (!box) return;
    const form = box.closest("form");
    const due = cash.figure(form.elements.cash_due), given = cash.figure(form.elements.cash_handed);
    one("[data-cash-due]", box).textContent = money(due);
    one("[data-change-label]", box).textContent = given < due ? "還差" : "找錢";
    one("[data-change]", box).textContent = money(Math.abs(given - due));
    const row = one("[data-due-amount]");
    row.textContent = money(Math.min(given, due));
    row.closest(".due").classList.toggle("short", given < due);
    one("[data-handed]").textContent =
      given === due ? "點這裡改金額" : given < due ? `應收 ${money(due)}，還差 ${money(due - given)}` : `收 ${money(given)}，找 ${money(given - due)}`;
  },

  // The first key after opening begins anew: nobody adds to what was due.
  press(key) {
    const field = one("[data-cash]").closest("form").elements.cash_handed;
    if (key === "清除") field.value = "";
    else field.value = ((cash.isFresh ? "" : plain(field.value).replace(/\D/g, "")) + key).replace(/^0+(?=\d)/, "").slice(0, 7);
    cash.isFresh = false;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  },
};
document.addEventListener("click", ({ target }) => {
  const key = target instanceof Element && target.closest("[data-cash-key]");
  if (key) cash.press(key.dataset.cashKey);
});

// ── dialogs: the phone's own way back closes them ─────────────────────────────────────────────

const dialogs = {
  isOpen: false,
  close() {
    if (dialogs.isOpen) history.back(); else location.replace("#main");
    dialogs.isOpen = false;
  },
};
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element && event.target.closest("a[href^='#']");
  if (!link || link.matches(".skip")) return;
  if (link.closest(".dialog")) { event.preventDefault(); dialogs.close(); return; }
  dialogs.isOpen = true;
  cash.isFresh = true;
  if (link.hash === "#sign") setTimeout(pen.begin);
});
addEventListener("hashchange", () => { dialogs.isOpen = one(".dialog:target") !== null; });

// ── signature ─────────────────────────────────────────────────────────────────────────────────

const pen = {
  strokes: 0,
  pad: () => one("[data-sign] canvas"),

  begin() {
    const pad = pen.pad(), ink = pad.getContext("2d");
    pen.strokes = 0;
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, pad.width, pad.height);
    Object.assign(ink, { strokeStyle: "#000", lineWidth: 6, lineCap: "round", lineJoin: "round" });
  },

  at({ clientX, clientY }) {
    const pad = pen.pad(), box = pad.getBoundingClientRect();
    return [(clientX - box.left) * pad.width / box.width, (clientY - box.top) * pad.height / box.height];
  },

  async done() {
    if (pen.strokes === 0) return;
    const blob = await new Promise((take) => pen.pad().toBlob(take, "image/png"));
    dialogs.close();
    pictures.take(one("form[data-act]"), "signature", blob);
  },
};
document.addEventListener("pointerdown", (event) => {
  const pad = pen.pad();
  if (!pad || event.target !== pad) return;
  event.preventDefault();
  pad.setPointerCapture(event.pointerId);
  const ink = pad.getContext("2d");
  pen.strokes++;
  ink.beginPath();
  const [x, y] = pen.at(event);
  ink.moveTo(x, y);
  ink.lineTo(x + 0.5, y); // a line without length is none, and a dot is meant
  ink.stroke();
});
document.addEventListener("pointermove", (event) => {
  const pad = pen.pad();
  if (!pad || event.target !== pad || !pad.hasPointerCapture(event.pointerId)) return;
  const ink = pad.getContext("2d");
  const points = event.getCoalescedEvents?.() ?? [];
  for (const point of points.length ? points : [event]) ink.lineTo(...pen.at(point));
  ink.stroke();
});
document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element)) return;
  if (target.closest("[data-sign-clear]")) pen.begin();
  if (target.closest("[data-sign-done]")) pen.done();
});

// ── pictures: made small here, sent before the act that names them ────────────────────────────

const pictures = {
  MOST: [800, 600],
  waiting: new Map(), // name → what is still to be sent
  sending: Promise.resolve(),
  WORDS: { photo: ["拍照", "拍好了 ✓", "照片還沒送出"], signature: ["簽名", "簽好了 ✓", "簽名還沒送出"] },

  say(form, name, at) {
    const place = one(name === "photo" ? "[data-photo-state]" : "[data-sign-state]", form);
    if (place) place.textContent = at === "…" ? "傳送中…" : pictures.WORDS[name][at];
  },

  async shrink(file) {
    const whole = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, pictures.MOST[0] / whole.width, pictures.MOST[1] / whole.height);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.max(1, Math.floor(whole.width * scale)), Math.max(1, Math.floor(whole.height * scale))];
    const ink = canvas.getContext("2d");
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, canvas.width, canvas.height);
    ink.imageSmoothingQuality = "high";
    ink.drawImage(whole, 0, 0, canvas.width, canvas.height);
    whole.close();
    return new Promise((take) => canvas.toBlob(take, "image/jpeg", 0.7));
  },

  take(form, name, blob) {
    pictures.waiting.set(name, blob);
    pictures.sending = pictures.sending.then(() => pictures.post(form, name));
    return pictures.sending;
  },

  async post(form, name) {
    const blob = pictures.waiting.get(name);
    if (!blob) return;
    pictures.say(form, name, "…");
    const body = new FormData();
    body.append("csrf", form.elements.csrf.value);
    body.append("kind", name);
    body.append("file", blob, name === "photo" ? "photo.jpg" : "signature.png");
    const answer = await fetch("/driver/photos", { method: "POST", body, signal: AbortSignal.timeout(WAIT_MS) }).catch(() => null);
    const sent = answer?.ok ? await answer.json().catch(() => null) : null;
    if (answer) sync.reached(); else sync.lost();
    if (sent) {
      if (pictures.waiting.get(name) === blob) pictures.waiting.delete(name);
      form.elements[name].value = sent.sha;
    }
    pictures.say(form, name, sent ? 1 : 2);
    // What will not be taken however often it is sent must not keep the act from going.
    if (answer && 400 <= answer.status && answer.status < 500 && answer.status !== 401 && answer.status !== 408 && answer.status !== 429) {
      pictures.waiting.delete(name);
      const say = sentence(await answer.text());
      if (say) one(name === "photo" ? "[data-photo-state]" : "[data-sign-state]", form).textContent = say;
    }
  },

  // True when nothing of this form waits any more.
  async flush(form) {
    await pictures.sending;
    for (const name of [...pictures.waiting.keys()]) await pictures.post(form, name);
    return pictures.waiting.size === 0;
  },

  forget() { pictures.waiting.clear(); },
};
document.addEventListener("change", async ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.name !== "photo_file" || !target.files[0]) return;
  const form = target.form;
  pictures.say(form, "photo", "…");
  const small = await pictures.shrink(target.files[0]).catch(() => null);
  target.value = "";
  if (small) await pictures.take(form, "photo", small);
  else one("[data-photo-state]", form).textContent = "讀不出來，再拍一次";
});

document.addEventListener("change", ({ target }) => {
  if (target.name !== "proof" || target.value !== "other") return;
  const field = one(".others input", target.form);
  field.focus();
  field.scrollIntoView({ block: "center" });
});

// ── what the office changes meanwhile ─────────────────────────────────────────────────────────

// A form somebody is filling in is never taken away.
let isTouched = false;
for (const kind of ["input", "change"]) document.addEventListener(kind, () => (isTouched = true), true);

const words = (main) => [...main.children].filter((part) => !part.matches(".said, .changed")).map((part) => part.textContent).join();

async function refresh() {
  const from = shown;
  const answer = await fetch(from).catch(() => null);
  if (!answer) return void sync.lost();
  sync.reached();
  const html = await answer.text();
  const page = new DOMParser().parseFromString(html, "text/html");
  const [now, next] = [one("main"), one("body.driver main", page)];
  if (from !== shown || isSending || !next || words(now) === words(next)) return;
  const bar = document.createElement("p");
  bar.className = "changed";
  bar.setAttribute("role", "status");
  one(".changed")?.remove();
  if (isTouched || dialogs.isOpen || pictures.waiting.size) {
    bar.append("路線改過了。", Object.assign(document.createElement("a"), { href: from, textContent: "看新的" }));
  } else {
    now.replaceChildren(...next.childNodes);
    bar.append("路線改過了");
  }
  now.prepend(bar);
}

// Several rows of one change come at once; one look is enough.
let lookTimer = 0;
document.addEventListener("luckygas:event", ({ detail: { type, noun } }) => {
  if (type !== "resync" && !["route", "stop", "order", "emergency"].includes(noun)) return;
  clearTimeout(lookTimer);
  lookTimer = setTimeout(refresh, 150);
});
document.addEventListener("luckygas:state", ({ detail }) => { if (detail.live) sync.reached(); else refresh(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && 30_000 < Date.now() - sync.at) refresh(); });
