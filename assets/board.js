// The dispatch board by keyboard, pointer and by itself (ui.md §4). One card is picked; the form at the foot says what is
// done with it, and every key presses one of its buttons, so that script adds speed and nothing else. What the server
// answers is the whole board, put in the place of the old one. Loaded after app.js, whose keyOf, composing, inField and
// press it uses. Bound to data- attributes:
//   data-board        the part that is replaced, and the address it comes from
//   data-lane         a column, data-route a route in it; the cards in both are .stop
//   data-act          the form with the buttons; data-digit names the one a digit presses
//   data-of-route     a button about the route of the picked card
//   data-area-mode    sends its whole area
//   data-keep         a details that stays open
//   data-clock        the time of day
"use strict";

const board = {
  marked: new Set(), isArea: false, dragged: [], isStale: false, drawnAt: 0, queue: Promise.resolve(),

  place: () => document.querySelector("[data-board]"),
  form: () => document.querySelector("[data-act]"),
  lanes: () => [...document.querySelectorAll("[data-lane]")],
  cards: (scope = board.place()) => [...scope.querySelectorAll(".stop")].filter((card) => card.offsetParent !== null),
  picked: () => board.place()?.querySelector(".stop.picked"),
  isOpen: (card) => !card.closest("details") && !card.matches(".failed"),

  // Keys wait for what the one before them did: a digit is for the card that is picked when its turn comes.
  soon(what) { board.queue = board.queue.then(what).catch(console.error); },

  // ── the pick ────────────────────────────────────────────────────────────────────────────────

  pick(card) {
    const before = board.picked();
    before?.classList.remove("picked");
    before?.removeAttribute("aria-current");
    if (before !== card) board.isArea = false;
    if (card) {
      card.classList.add("picked");
      card.setAttribute("aria-current", "true");
      card.scrollIntoView({ block: "nearest", inline: "nearest" });
      if (!inField(document.activeElement)) card.focus({ preventScroll: true });
    }
    board.tell();
  },

  // Above and below in its lane; beside it, at the same height in the next lane that has any.
  move(key, isMarking) {
    const from = board.picked();
    if (!from) return board.pick(board.cards()[0]);
    const lanes = board.lanes().map((lane) => board.cards(lane)).filter((cards) => cards.length > 0);
    const lane = lanes.findIndex((cards) => cards.includes(from));
    let to;
    if (key === "up" || key === "down") to = lanes[lane]?.[lanes[lane].indexOf(from) + (key === "down" ? 1 : -1)];
    else {
      const top = (card) => card.getBoundingClientRect().top;
      const beside = lanes[lane + (key === "right" ? 1 : -1)] ?? [];
      to = [...beside].sort((a, b) => Math.abs(top(a) - top(from)) - Math.abs(top(b) - top(from)))[0];
    }
    if (isMarking) { board.mark(from, true); if (to) board.mark(to, true); }
    if (to) board.pick(to);
  },

  mark(card, isMarked = !board.marked.has(card.id)) {
    if (!board.isOpen(card)) return;
    if (isMarked) board.marked.add(card.id); else board.marked.delete(card.id);
    card.classList.toggle("marked", isMarked);
    board.tell();
  },

  clear() {
    board.marked.clear();
    for (const card of document.querySelectorAll(".stop.marked")) card.classList.remove("marked");
    board.tell();
  },

  // What is meant: those that are marked, or the one that is picked.
  meant() {
    const marked = [...board.marked].map((id) => document.getElementById(id)).filter(Boolean);
    return marked.length ? marked : [board.picked()].filter(Boolean);
  },

  // The foot says what is meant, and its buttons do what can be done with that.
  tell() {
    const form = board.form();
    if (!form) return;
    const cards = board.meant(), card = board.picked();
    const lane = card?.closest("[data-lane]"), way = card?.closest("[data-route]");
    const isFree = Boolean(card && !way), isOpen = cards.length > 0 && cards.every(board.isOpen);
    if (!isFree) board.isArea = false;
    for (const old of form.querySelectorAll("input[name=card]")) old.remove();
    for (const one of cards) form.append(hidden("card", `${one.id}.${one.dataset.v}`));
    form.setAttribute("action", board.isArea ? "/board/area" : "/board/assign");
    form.classList.toggle("whole-area", board.isArea);

    const [what, more] = board.said(cards, card);
    const place = form.querySelector("[data-what]"), name = document.createElement("b");
    name.textContent = what;
    place.replaceChildren(name, `　${more}`);

    for (const button of form.querySelectorAll("[name=driver]")) {
      button.disabled = !isOpen;
      if (lane?.dataset.driver === button.value) button.setAttribute("aria-pressed", "true"); else button.removeAttribute("aria-pressed");
    }
    for (const button of form.querySelectorAll("[data-digit='0']")) button.disabled = !isOpen || !cards.every((one) => one.closest("[data-route]"));
    for (const button of form.querySelectorAll("[data-move]")) button.disabled = !isOpen || isFree || cards.length > 1;
    for (const link of form.querySelectorAll("[data-of-order]")) link.href = `/orders/${card?.dataset.order}${link.dataset.ofOrder}`;
    for (const button of document.querySelectorAll("[data-of-route]")) {
      const status = way?.dataset.status;
      const can = button.dataset.ofRoute === "b" ? status === "draft" : ["draft", "published", "in_progress"].includes(status);
      button.disabled = !can;
      button.value = way?.dataset.at ?? "";
    }
    for (const link of document.querySelectorAll("[data-area-mode]")) {
      link.setAttribute("aria-disabled", String(!isFree));
      if (board.isArea) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
  },

  said(cards, card) {
    if (!card) return ["", "用方向鍵選一張。"];
    if (board.isArea) {
      const same = board.cards(card.closest("[data-lane]")).filter((one) => one.dataset.area === card.dataset.area);
      return [`整區 ${card.dataset.areaName} ${same.length} 張`, "按司機的號碼"];
    }
    if (board.marked.size > 0) return [`選了 ${cards.length} 張`, "按司機的號碼，或 0 退回未派，Esc 不選"];
    return [card.dataset.name, card.title];
  },

  // ── what is done ────────────────────────────────────────────────────────────────────────────

  press(selector) {
    const button = board.form()?.querySelector(selector);
    if (button && !button.disabled) return board.send(board.form(), button);
  },

  send(form, button, more = {}) {
    const fields = new URLSearchParams([...new FormData(form)]);
    if (button?.name) fields.append(button.name, button.value);
    for (const [name, value] of Object.entries(more)) fields.set(name, value);
    return board.post(button?.getAttribute("formaction") ?? form.getAttribute("action"), fields);
  },

  async post(url, fields) {
    const answer = await fetch(url, { method: "POST", body: fields }).catch(() => null);
    if (!answer) return board.say();
    board.isArea = false;
    board.marked.clear();
    board.put(await answer.text(), answer.url, true);
  },

  // What was not done, where the pick is told.
  say(fresh) {
    const place = board.form()?.querySelector("[data-what]");
    if (place) place.textContent = fresh?.querySelector("main .refuse")?.textContent ?? "網路斷了，這一步沒有送出。連上再按一次。";
  },

  // The answer in the place of what stood there; what was unfolded and scrolled stays so.
  put(html, url, isAct) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const [old, now] = [board.place(), fresh.querySelector("[data-board]")];
    if (!now) return isAct && !fresh.querySelector("form[action='/sign-in']") ? board.say(fresh) : void location.assign(url);
    const card = board.picked(), lane = card?.closest("[data-lane]")?.dataset.lane;
    const at = card ? board.cards(card.closest("[data-lane]")).indexOf(card) : -1;
    const scrolled = [...old.querySelectorAll("[data-lane], [data-lanes]")].map((one) => [one.dataset.lane ?? "", one.scrollLeft, one.scrollTop]);
    const open = new Set([...old.querySelectorAll("details[data-keep][open]")].map((one) => one.dataset.keep));
    const hadFocus = old.contains(document.activeElement) || document.activeElement === document.body;

    old.replaceWith(document.adoptNode(now));
    for (const one of now.querySelectorAll("details[data-keep]")) one.open = open.has(one.dataset.keep);
    for (const [name, left, top] of scrolled) {
      const one = now.querySelector(name ? `[data-lane="${CSS.escape(name)}"]` : "[data-lanes]");
      if (one) { one.scrollLeft = left; one.scrollTop = top; }
    }
    if (isAct) {
      document.querySelector("main > .notice")?.remove();
      const notice = fresh.querySelector("main > .notice");
      if (notice) document.querySelector("main").prepend(document.adoptNode(notice));
      const address = new URL(url);
      if (address.pathname === location.pathname) history.replaceState(null, "", address.pathname + address.search);
    }
    for (const id of board.marked) {
      const one = document.getElementById(id);
      if (one) one.classList.add("marked"); else board.marked.delete(id);
    }
    if (!board.form()) return;
    const field = now.querySelector("[autofocus]");
    if (isAct && field) { board.tell(); return void field.focus(); }
    // What is picked has gone from its lane: the one that stands there now is next.
    const isArea = board.isArea;
    const stays = isAct ? board.picked() : card && document.getElementById(card.id);
    const beside = () => { const cards = board.cards(now.querySelector(`[data-lane="${CSS.escape(lane ?? "0")}"]`) ?? now); return cards[Math.min(at, cards.length - 1)]; };
    const next = stays ?? beside() ?? board.picked() ?? undefined;
    if (hadFocus) board.pick(next); else { board.show(next); board.tell(); }
    board.isArea = isArea && board.picked()?.id === card?.id;
    board.tell();
  },

  // Picked without taking the focus from where somebody writes.
  show(card) {
    for (const one of board.place().querySelectorAll(".stop.picked")) { one.classList.remove("picked"); one.removeAttribute("aria-current"); }
    card?.classList.add("picked");
    card?.setAttribute("aria-current", "true");
  },

  // ── what others do ──────────────────────────────────────────────────────────────────────────

  // Never under a card that is being dragged, and not while a reason is being written.
  async refresh() {
    const place = board.place();
    if (!place) return;
    if (board.dragged.length > 0 || place.querySelector(".ask")) return void (board.isStale = true);
    board.isStale = false;
    const answer = await fetch(place.dataset.board).catch(() => null);
    if (!answer?.ok || answer.redirected || board.place() !== place || board.dragged.length > 0) return;
    board.put(await answer.text(), answer.url, false);
  },

  // At once after a rest, and never more often than the eye can follow.
  follow() {
    clearTimeout(board.timer);
    board.timer = setTimeout(() => { board.drawnAt = Date.now(); board.soon(board.refresh); }, Math.max(50, board.drawnAt + 400 - Date.now()));
  },

  isAbout: ({ type, noun }) => type === "resync" || ["order", "stop", "route", "driver", "emergency", "user"].includes(noun),
};

function hidden(name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  return field;
}

// ── keys ──────────────────────────────────────────────────────────────────────────────────────

document.addEventListener("keydown", (event) => {
  if (!board.place() || composing(event) || event.ctrlKey || event.metaKey || inField(event.target)) return;
  const done = boardKey(event, keyOf(event));
  if (done) { event.preventDefault(); event.stopPropagation(); }
}, true);

function boardKey(event, key) {
  const arrow = ["up", "down", "left", "right"].includes(key);
  if (!board.form()) return key === "w" && press("[data-also='w']");
  if (event.altKey) {
    if (key !== "up" && key !== "down") return false;
    board.soon(() => board.press(`[data-move="${key}"]`));
  } else if (key === "!") {
    return false;
  } else if (arrow) {
    board.soon(() => board.move(key, event.shiftKey));
  } else if (/^\d$/.test(key) && !event.shiftKey) {
    board.soon(() => board.press(`[data-digit="${key}"]`));
  } else if (key === "m") {
    board.soon(() => { const card = board.picked(); if (card) { board.mark(card); board.move("down"); } });
  } else if (key === "a") {
    board.soon(toggleArea);
  } else if (key === "g" || key === "b") {
    board.soon(() => { const button = document.querySelector(`[data-of-route="${key}"]`); if (button && !button.disabled) return board.send(board.form(), button); });
  } else if (key === "enter" && (event.target === document.body || event.target.closest(".stop"))) {
    board.soon(() => { const card = board.picked(); if (card) location.assign(`/orders/${card.dataset.order}`); });
  } else if (key === "escape" && (board.isArea || board.marked.size > 0)) {
    board.isArea = false;
    board.clear();
  } else {
    return false;
  }
  return true;
}

function toggleArea() {
  board.isArea = !board.isArea && board.picked()?.closest("[data-route]") === null;
  if (board.isArea) board.clear(); else board.tell();
}

// ── pointer ───────────────────────────────────────────────────────────────────────────────────

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!(target instanceof Element) || !board.form() || event.ctrlKey || event.metaKey || event.button !== 0) return;
  const card = target.closest(".stop");
  if (card) {
    event.preventDefault();
    board.soon(() => { if (!card.isConnected) return; board.pick(card); if (event.shiftKey) board.mark(card); });
  } else if (target.closest("[data-area-mode]")) {
    event.preventDefault();
    board.soon(toggleArea);
  }
});
document.addEventListener("dblclick", ({ target }) => {
  const card = target instanceof Element && board.form() && target.closest(".stop");
  if (card) location.assign(`/orders/${card.dataset.order}`);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !board.place() || !form.matches("[data-act], .ask form, main > .notice form")) return;
  event.preventDefault();
  const button = event.submitter;
  board.soon(() => board.send(form, button));
});

// A card is dragged to a driver, before another card, or back to those nobody has.
document.addEventListener("dragstart", (event) => {
  const card = event.target instanceof Element && board.form() && event.target.closest(".stop");
  if (!card) return;
  if (!board.isOpen(card)) return void event.preventDefault();
  if (!board.marked.has(card.id)) { board.clear(); board.pick(card); }
  board.dragged = board.meant();
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.dataset.name);
});
document.addEventListener("dragover", (event) => {
  const lane = board.dragged.length > 0 && event.target instanceof Element && event.target.closest("[data-lane]");
  if (!lane) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  under(lane, event);
});
document.addEventListener("drop", (event) => {
  const lane = board.dragged.length > 0 && event.target instanceof Element && event.target.closest("[data-lane]");
  if (!lane) return;
  event.preventDefault();
  const before = under(lane, event);
  const way = (before ?? event.target).closest("[data-route]");
  const from = board.dragged[0].closest("[data-route]");
  const more = { ...(before && { before: before.id }), ...(way && { route: way.dataset.route }) };
  board.soon(() => {
    const form = board.form();
    if (!lane.dataset.driver) return from ? board.send(form, form.querySelector("[data-digit='0']")) : undefined;
    if (way && way === from && board.meant().length === 1) {
      const fields = new URLSearchParams([...new FormData(form)]);
      fields.set("before", before?.id ?? "end");
      return board.post("/board/order", fields);
    }
    return board.send(form, null, { driver: lane.dataset.driver, ...more });
  });
});
document.addEventListener("dragend", () => {
  board.dragged = [];
  for (const one of document.querySelectorAll(".drop, .before")) one.classList.remove("drop", "before");
  if (board.isStale) board.follow();
});

// The lane the pointer is over, and the open stop of it that it is above.
function under(lane, event) {
  const cards = lane.dataset.driver ? board.cards(lane).filter((card) => card.closest("[data-route]") && board.isOpen(card)) : [];
  const middle = (card) => { const { top, height } = card.getBoundingClientRect(); return top + height / 2; };
  const way = event.target.closest("[data-route]");
  const before = cards.filter((card) => !way || way.contains(card)).find((card) => event.clientY < middle(card));
  for (const one of document.querySelectorAll(".drop, .before")) one.classList.remove("drop", "before");
  lane.classList.add("drop");
  before?.classList.add("before");
  return before;
}

// ── by itself ─────────────────────────────────────────────────────────────────────────────────

document.addEventListener("luckygas:event", ({ detail }) => { if (board.isAbout(detail)) board.follow(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) board.follow(); });
setInterval(board.follow, 60_000); // who is late and who is silent changes with the clock alone
setInterval(() => {
  const clock = document.querySelector("[data-clock]");
  if (clock) clock.textContent = new Date().toLocaleTimeString("zh-TW", { timeZone: "Asia/Taipei", hour: "2-digit", minute: "2-digit", hour12: false });
}, 1000);

if (board.form()) {
  board.tell();
  if (!document.querySelector("main [autofocus]")) board.picked()?.focus({ preventScroll: location.hash === "" });
}
