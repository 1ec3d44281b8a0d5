// What others write appears here: hears the events of /events and draws the parts they are about anew.
//   data-live="order stop"   an element with an id: fetched anew when something of these kinds changes
//   data-live-id="17"        … only when it is this one
//   data-live-customer="17"  … only when it is of this customer
//   data-live-url="URL"      … from there, where the whole page would be too much
//   data-live-state          says 即時, or of what time the page is (ui.md §7)
// A page's own script hears `luckygas:event` of the document (its detail is the event as the API tells it, or
// {type: "resync"}: fetch everything), `luckygas:state` ({live, at}) and, of a part drawn anew, `luckygas:drawn`.
//
// One stream a browser: its tabs agree on who holds it by a lease in localStorage and tell each other over a channel, which
// plain http has too (locks are kept for https). Where there is neither, each tab has its own.
"use strict";

const live = {
  AGAIN: 3_000, POLL: 20_000, SILENT: 40_000, LEASE: 6_000,
  last: 0, source: null, heard: 0, timer: 0, isLive: false, at: Date.now(), isOver: false,
  me: `${Date.now()}.${Math.random()}`, isLeader: false, channel: null,

  start(last, session) {
    live.last = last;
    live.key = `luckygas-live-${session}`; // who signs in anew does not share with who was here before
    if (typeof BroadcastChannel === "function") {
      live.channel = new BroadcastChannel(live.key);
      live.channel.onmessage = ({ data }) => live.told(data);
    }
    addEventListener("pagehide", live.leave);
    addEventListener("pageshow", ({ persisted }) => { if (persisted) { live.isOver = false; live.hold(); live.miss(); } });
    addEventListener("offline", () => live.isLeader && live.fail());
    addEventListener("online", () => live.isLeader && live.again());
    setInterval(live.hold, live.LEASE / 3);
    setInterval(() => { if (live.source && live.SILENT < Date.now() - live.heard) live.fail(); }, 5_000);
    live.hold();
    live.post({ hello: true });
  },

  post(message) { try { live.channel?.postMessage(message); } catch { /* the page is leaving */ } },

  // ── who holds the stream ────────────────────────────────────────────────────────────────────

  hold() {
    if (live.isOver) return;
    try {
      if (!live.channel) throw new Error("alone");
      const [who, at] = (localStorage.getItem(live.key) ?? "").split(" ");
      const isFresh = Date.now() - Number(at) < live.LEASE;
      if (who === live.me || !who || !isFresh) {
        localStorage.setItem(live.key, `${live.me} ${Date.now()}`);
        // Two may have taken it at once: whoever wrote last has it.
        if (who !== live.me) return void setTimeout(live.hold, 40 + Math.random() * 60);
        if (!live.isLeader) { live.isLeader = true; live.open(); }
      } else if (live.isLeader) {
        live.isLeader = false;
        live.shut();
      }
    } catch { // no storage or no channel: each for itself
      if (!live.isLeader) { live.isLeader = true; live.open(); }
    }
  },

  leave() {
    live.isOver = true;
    live.shut();
    if (!live.isLeader) return;
    live.isLeader = false;
    try { if (localStorage.getItem(live.key)?.startsWith(live.me)) localStorage.removeItem(live.key); } catch { /* alone */ }
    live.post({ bye: true });
  },

  // What another tab says.
  told({ hello, bye, out, events, state }) {
    if (hello && live.isLeader) live.post({ state: { live: live.isLive, at: live.at, last: live.last } });
    if (out) live.out();
    if (bye) setTimeout(live.hold, Math.random() * 50);
    if (events) live.receive(events);
    if (state && !live.isLeader) {
      live.say(state.live, state.at);
      if (live.last < state.last) live.miss();
    }
  },

  // ── the stream ──────────────────────────────────────────────────────────────────────────────

  open() {
    live.shut();
    const source = (live.source = new EventSource(`/events?after=${live.last}`));
    const hear = (name, act) => source.addEventListener(name, ({ data }) => {
      if (source !== live.source) return;
      live.heard = Date.now();
      act(JSON.parse(data));
    });
    live.heard = Date.now();
    let wasUp = false;
    hear("connected", () => { wasUp = true; live.say(true, Date.now()); });
    hear("resync", (message) => live.receive([message]));
    hear("message", (event) => live.receive([event]));
    hear("hb", () => {});
    hear("replaced", () => live.fail(live.POLL * 3));
    source.onerror = () => { if (source === live.source) live.fail(wasUp ? live.AGAIN : live.POLL); };
  },

  shut() {
    clearTimeout(live.timer);
    live.source?.close();
    live.source = null;
  },

  fail(wait = live.AGAIN) {
    live.shut();
    live.say(false, live.isLive ? Date.now() : live.at);
    live.timer = setTimeout(live.again, wait);
  },

  // What was missed first, which also tells whether one is still signed in; then the stream. While it is refused, this is
  // the slow question that takes its place.
  async again() {
    clearTimeout(live.timer);
    const answer = await live.miss();
    if (answer === "signed out") return void live.out();
    if (!live.isLeader || live.isOver || live.source) return;
    if (answer === "no answer") return void live.fail();
    live.say(false, Date.now());
    live.open();
  },

  async miss() {
    const answer = await fetch(`/events/since?after=${live.last}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.redirected || answer?.status === 401) return "signed out";
    if (!answer?.ok) return "no answer";
    const { id, resync, events } = await answer.json();
    live.receive(resync ? [{ type: "resync", id }] : events);
    live.last = Math.max(live.last, id);
    return "heard";
  },

  // ── what was heard ──────────────────────────────────────────────────────────────────────────

  receive(events) {
    const news = events.filter((event) => event.type === "resync" || live.last < event.id);
    if (news.length === 0) return;
    if (live.isLeader) live.post({ events: news });
    for (const event of news) {
      live.last = event.type === "resync" ? event.id : Math.max(live.last, event.id);
      document.dispatchEvent(new CustomEvent("luckygas:event", { detail: event }));
      parts.mark(event);
    }
  },

  // The session is over, after a restore everybody's: the way back in, with the page as it stands.
  out() {
    if (live.isLeader) live.post({ out: true });
    for (const place of document.querySelectorAll("[data-live-state]")) {
      const link = document.createElement("a");
      link.href = `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
      link.textContent = "已登出，再登入";
      place.hidden = false;
      place.classList.remove("live");
      place.classList.add("stale");
      place.replaceChildren(link);
    }
  },

  say(isLive, at) {
    Object.assign(live, { isLive, at });
    if (live.isLeader) live.post({ state: { live: isLive, at, last: live.last } });
    document.dispatchEvent(new CustomEvent("luckygas:state", { detail: { live: isLive, at } }));
    for (const place of document.querySelectorAll("[data-live-state]")) {
      const text = isLive ? "即時" : `${new Date(at).toTimeString().slice(0, 5)} 的畫面`;
      place.hidden = false;
      place.classList.toggle("live", isLive);
      place.classList.toggle("stale", !isLive);
      if (place.textContent !== text) place.textContent = text;
    }
  },
};

// ── parts of the page that follow ─────────────────────────────────────────────────────────────

const parts = {
  SOON: 100, REST: 500, BUSY: 2_000,
  wanted: new Set(), timer: 0, drawnAt: 0, isDrawing: false, isComposing: false,

  mark(event) {
    for (const part of document.querySelectorAll("[data-live][id]")) if (parts.isAbout(part, event)) parts.wanted.add(part.id);
    if (parts.wanted.size) parts.soon(parts.SOON);
  },

  // An event without a number is of several at once, perhaps of this one.
  isAbout({ dataset }, { type, noun, noun_id: id, customer_id: customer }) {
    if (type === "resync") return true;
    if (!dataset.live.split(" ").includes(noun)) return false;
    if (id === null) return true;
    return (!dataset.liveId || dataset.liveId === String(id)) && (!dataset.liveCustomer || dataset.liveCustomer === String(customer));
  },

  soon(wait) {
    clearTimeout(parts.timer);
    parts.timer = setTimeout(parts.draw, Math.max(wait, parts.drawnAt + parts.REST - Date.now()));
  },

  // What somebody is in the middle of is left alone: a field, a form with something typed, an open question, marked text.
  isBusy(part) {
    const { activeElement: focus } = document;
    if (part.contains(focus) && focus.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable]")) return true;
    if (part.matches(":target") || part.querySelector(":target")) return true;
    const selection = getSelection();
    if (selection && !selection.isCollapsed && selection.anchorNode && part.contains(selection.anchorNode)) return true;
    return [...part.querySelectorAll("input, textarea, select")].some((field) => {
      if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
      if (field instanceof HTMLSelectElement) {
        const isAsDrawn = [...field.options].every((option) => option.selected === option.defaultSelected);
        return !isAsDrawn && !([...field.options].every((option) => !option.defaultSelected) && field.selectedIndex <= 0);
      }
      return field.type !== "hidden" && field.value !== field.defaultValue;
    });
  },

  async draw() {
    if (parts.isDrawing) return;
    if (document.hidden) return; // when it is seen again
    if (parts.isComposing) return void parts.soon(parts.BUSY);
    const byUrl = new Map();
    for (const id of parts.wanted) {
      const part = document.getElementById(id);
      if (!part) parts.wanted.delete(id);
      else if (!parts.isBusy(part)) {
        const url = part.dataset.liveUrl ?? location.pathname + location.search;
        byUrl.set(url, [...(byUrl.get(url) ?? []), id]);
        parts.wanted.delete(id);
      }
    }
    parts.isDrawing = true;
    parts.drawnAt = Date.now();
    for (const [url, ids] of byUrl) {
      const answer = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => null);
      if (!answer?.ok || answer.redirected) continue;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const id of ids) {
        const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
        if (!old || !now) continue;
        if (parts.isComposing || parts.isBusy(old)) parts.wanted.add(id); else parts.replace(old, document.adoptNode(now));
      }
    }
    parts.isDrawing = false;
    if (parts.wanted.size) parts.soon(parts.BUSY);
  },

  replace(old, now) {
    // The lit row by where it leads, open details by what they say, the focus by what it is on.
    const lit = old.querySelector("[data-row][aria-current]")?.getAttribute("href");
    for (const link of lit ? now.querySelectorAll("[data-row]") : []) {
      const isLit = link.getAttribute("href") === lit;
      (link.closest("tr") ?? link).classList.toggle("here", isLit);
      if (isLit) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    }
    const said = (details) => details.id || details.querySelector("summary")?.textContent;
    const open = new Map([...old.querySelectorAll("details")].map((details) => [said(details), details.open]));
    for (const details of now.querySelectorAll("details")) details.open = open.get(said(details)) ?? details.open;
    if (now.isEqualNode(old)) return;

    const had = old.contains(document.activeElement) ? document.activeElement : null;
    const slid = [...old.querySelectorAll(".scroll, [data-keep-scroll]")].map(({ scrollLeft, scrollTop }) => [scrollLeft, scrollTop]);
    old.replaceWith(now);
    now.querySelectorAll(".scroll, [data-keep-scroll]").forEach((box, at) => { [box.scrollLeft, box.scrollTop] = slid[at] ?? [0, 0]; });
    if (had) parts.twin(had, now)?.focus({ preventScroll: true });
    now.dispatchEvent(new CustomEvent("luckygas:drawn", { bubbles: true }));
  },

  // The element of `now` that stands for `had`.
  twin(had, now) {
    if (had.id) return now.id === had.id ? now : now.querySelector(`#${CSS.escape(had.id)}`);
    const isSame = (one) => ["href", "name", "value", "action"].every((name) => one.getAttribute(name) === had.getAttribute(name));
    const alike = [...now.querySelectorAll(had.localName)].filter(isSame);
    return alike.find((one) => one.textContent === had.textContent) ?? (had.hasAttribute("href") ? alike[0] : undefined);
  },
};

document.addEventListener("compositionstart", () => (parts.isComposing = true));
document.addEventListener("compositionend", () => setTimeout(() => (parts.isComposing = false)));
document.addEventListener("visibilitychange", () => { if (!document.hidden && parts.wanted.size) parts.soon(0); });

{
  const last = document.querySelector("meta[name=live]");
  const csrf = document.querySelector("meta[name=csrf]");
  if (last && csrf) live.start(Number(last.content), csrf.content.slice(0, 8));
}
