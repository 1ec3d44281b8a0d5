// The alarm on a page that stays open: it appears by itself, its clock runs, the tab says so, and a short tone is heard
// where the browser allows one. Bound to data- attributes:
//   data-alarms="URL"    the strip; what rings now is asked there
//   data-alarm="7-2"     one alarm: the emergency and how often it rang; a new one is heard
//   data-since="161"     seconds since something happened, as 02:41; it runs on
//   data-left="19"       seconds left, in words; when they are over the strip is asked for anew
// What else follows an emergency is a part of live.js.
"use strict";

const alarmStrip = document.querySelector("[data-alarms]");
if (alarmStrip) startAlarms(alarmStrip);

function startAlarms(strip) {
  const title = document.title;
  const known = () => new Set([...strip.querySelectorAll("[data-alarm]")].map((one) => one.dataset.alarm));

  // ── clocks ──────────────────────────────────────────────────────────────────────────────────

  const two = (number) => String(number).padStart(2, "0");
  const elapsed = (seconds) => {
    const hours = Math.floor(seconds / 3600), minutes = two(Math.floor(seconds / 60) % 60), rest = two(seconds % 60);
    return hours ? `${hours}:${minutes}:${rest}` : `${minutes}:${rest}`;
  };
  const inWords = (seconds) => [Math.floor(seconds / 60) && `${Math.floor(seconds / 60)} 分`, seconds % 60 && `${seconds % 60} 秒`].filter(Boolean).join(" ");

  // When each clock was drawn, by a clock that nobody sets.
  const drawn = new WeakMap();
  const gone = (clock) => {
    if (!drawn.has(clock)) drawn.set(clock, performance.now());
    return Math.floor((performance.now() - drawn.get(clock)) / 1000);
  };
  function tick() {
    for (const clock of document.querySelectorAll("[data-since]")) clock.textContent = elapsed(Number(clock.dataset.since) + gone(clock));
    for (const clock of document.querySelectorAll("[data-left]")) {
      const left = Number(clock.dataset.left) - gone(clock);
      if (0 < left) clock.textContent = inWords(left);
      else if (!("over" in clock.dataset)) { clock.dataset.over = ""; ask(); }
    }
  }
  tick();
  setInterval(tick, 1000);

  // ── what rings ──────────────────────────────────────────────────────────────────────────────

  let asked = 0;
  async function ask() {
    const mine = ++asked, before = known();
    const answer = await fetch(strip.dataset.alarms).catch(() => null);
    if (mine !== asked || !answer?.ok || answer.redirected) return;
    const html = await answer.text();
    if (mine !== asked) return;
    const fresh = document.createElement("template");
    fresh.innerHTML = html;
    const rings = [...fresh.content.querySelectorAll("[data-alarm]")].map((one) => one.dataset.alarm);
    // Whoever stands on a button of the strip keeps the place.
    const held = strip.contains(document.activeElement) ? document.activeElement.closest("form, a") : null;
    const place = held && (held.action ?? held.href);
    strip.replaceChildren(fresh.content);
    if (place) [...strip.querySelectorAll("form, a")].find((one) => (one.action ?? one.href) === place)?.querySelector("button")?.focus();
    tick();
    call();
    if (rings.some((one) => !before.has(one))) beep();
  }

  function call() {
    const first = strip.querySelector("[data-alarm] strong");
    document.title = first ? `▲ ${first.textContent.trim()}` : title;
  }
  call();

  document.addEventListener("luckygas:drawn", tick);

  // ── live ────────────────────────────────────────────────────────────────────────────────────

  document.addEventListener("luckygas:event", ({ detail }) => {
    if (detail.noun === "emergency" || detail.type === "resync") ask();
  });

  // ── the tone ────────────────────────────────────────────────────────────────────────────────

  // A browser lets a page be heard once somebody has touched it.
  let sound = null;
  const touch = () => {
    try { sound ??= new AudioContext(); sound.resume?.().catch?.(() => {}); } catch { /* a silent alarm is one, too */ }
  };
  for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, touch, { once: true, capture: true });

  function beep() {
    if (sound?.state !== "running") return;
    try {
      for (const [at, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
        const tone = sound.createOscillator(), volume = sound.createGain();
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0.2, sound.currentTime + at);
        volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.2);
        tone.connect(volume).connect(sound.destination);
        tone.start(sound.currentTime + at);
        tone.stop(sound.currentTime + at + 0.2);
      }
    } catch { /* as above */ }
  }
}
