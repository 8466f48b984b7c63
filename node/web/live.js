"use strict";
// What pages gain from a script: times in the reader's zone, ids whole on copy, keys to move by, results while typing,
// and parts that are fetched anew when something happens. Everything works without it.
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (target) => target && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

  // Times: the markup has UTC; the reader sees their own zone, with UTC on hover.
  const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const times = (within) => {
    for (const time of all("time[datetime]", within)) {
      if (time.dataset.done || time.classList.contains("day") || time.classList.contains("ago")) continue;
      const at = new Date(time.dateTime);
      if (!Number.isNaN(at.valueOf())) time.textContent = moment.format(at);
      time.dataset.done = "1";
    }
  };

  // Ids: shown short, whole on copy and on click where nothing else is clicked.
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (!selection || selection.rangeCount !== 1 || typing(event.target)) return;
    const text = selection.toString().trim();
    const node = selection.anchorNode && (selection.anchorNode.parentElement || selection.anchorNode);
    const id = node && node.closest && node.closest("[data-whole]");
    if (id && text && id.textContent.trim() === text) {
      event.clipboardData.setData("text/plain", id.dataset.whole);
      event.preventDefault();
    }
  });
  document.addEventListener("click", (event) => {
    const id = event.target.closest && event.target.closest("[data-whole]");
    if (!id || id.closest("a") || !navigator.clipboard) return;
    navigator.clipboard.writeText(id.dataset.whole).then(() => {
      id.classList.add("copied");
      setTimeout(() => id.classList.remove("copied"), 1500);
    }, () => {});
  });

  // Parts: the same page is fetched, and parts with the same id take the place of what they were.
  const swap = (text, ids) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    for (const part of all("[data-live][id]")) {
      if (ids && !ids.includes(part.id)) continue;
      const fresh = next.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.dataset.was) continue;
      const open = new Set(all("details[open]", part).map((d) => d.querySelector("summary")?.textContent));
      part.innerHTML = fresh.innerHTML;
      part.dataset.was = fresh.innerHTML;
      for (const d of all("details", part)) if (open.has(d.querySelector("summary")?.textContent)) d.open = true;
      times(part);
    }
    return next;
  };
  const fetched = async (url) => {
    const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };
  const here = () => {
    const url = new URL(location.href);
    url.searchParams.set("live", "1");
    return url;
  };

  // News: said politely, shown when the reader asks, or at once where nothing would move under their eyes.
  let note;
  const say = (text, act, label) => {
    if (!note) {
      note = document.createElement("div");
      note.className = "live-note";
      note.setAttribute("role", "status");
      note.setAttribute("aria-live", "polite");
      document.body.append(note);
    }
    note.hidden = !text;
    note.textContent = text;
    if (text && act) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      note.append(" ");
      button.addEventListener("click", () => { say(""); act(); });
      note.append(button);
    }
  };
  const events = () => {
    const mark = one("[data-events]");
    if (!mark || !window.EventSource) return;
    let count = 0;
    let timer;
    const show = async () => {
      try {
        swap(await fetched(here()));
        count = 0;
        say("");
      } catch {
        say("The node does not answer. What you see is how it was; it is brought up to date once the node is back.");
      }
    };
    const heard = (event) => {
      if (event.type === "entry" || event.type === "floor") count += 1;
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (one("#thread") && count > 0) say(`${count} new ${count === 1 ? "entry" : "entries"}`, show, "Show");
        else if (!typing(document.activeElement)) show();
      }, 400);
    };
    const source = new EventSource(mark.dataset.events);
    for (const name of ["entry", "floor", "changed", "missed"]) source.addEventListener(name, heard);
    let lost;
    source.addEventListener("error", () => {
      lost ??= setTimeout(() => say("The node does not answer. What you see is how it was."), 8000);
    });
    source.addEventListener("open", () => {
      clearTimeout(lost);
      if (lost && note && !note.hidden && count === 0) { say(""); show(); }
      lost = undefined;
    });
    addEventListener("pagehide", () => source.close());
  };

  // Search: results while typing.
  const search = () => {
    const input = one("input[data-search]");
    if (!input) return;
    const asked = () => new URLSearchParams(new FormData(input.form)).toString();
    let timer;
    let last = asked();
    const look = async () => {
      const now = asked();
      if (now === last) return;
      last = now;
      const url = new URL(location.href);
      url.search = now;
      const typing = new URL(url);
      typing.searchParams.set("typing", "1");
      try {
        const text = await fetched(typing);
        if (now !== last) return;
        swap(text, [input.dataset.search]);
        history.replaceState(null, "", url);
      } catch { /* The button still works. */ }
    };
    input.form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(look, 200);
    });
  };

  // Keys: j and k from entry to entry, r replies, / searches, ? explains.
  const entries = () => all("article.entry, ul.list > li");
  const move = (step) => {
    const list = entries();
    if (!list.length) return;
    const at = list.findIndex((entry) => entry.classList.contains("at"));
    const next = list[Math.min(list.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : list.length - 1) : at + step))];
    for (const entry of list) entry.classList.toggle("at", entry === next);
    const focus = next.matches("article") ? next : one("a", next) || next;
    focus.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const help = () => {
    let dialog = one("dialog#keys");
    if (!dialog) {
      dialog = document.createElement("dialog");
      dialog.id = "keys";
      dialog.setAttribute("aria-labelledby", "keys-title");
      const rows = [["j", "next entry"], ["k", "entry before"], ["r", "reply to the entry"], ["u", "first entry that you have not seen"], ["/", "search"], ["?", "this list"], ["Esc", "close it"]];
      const keys = rows.map(([key, what]) => `<dt><kbd>${key}</kbd></dt><dd>${what}</dd>`).join("");
      dialog.innerHTML = `<h2 id="keys-title">Keys</h2><dl class="facts">${keys}</dl><form method="dialog"><button>Close</button></form>`;
      document.body.append(dialog);
    }
    dialog.showModal();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]")) return;
    const act = {
      j: () => move(1),
      k: () => move(-1),
      r: () => one(".entry.at a.reply-to, .entry:target a.reply-to")?.click(),
      u: () => one(".entry.unread")?.scrollIntoView(),
      "/": () => (one("#q") || one("#find"))?.focus(),
      "?": help,
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // An entry that is on another page of its thread is looked for there.
  const elsewhere = () => {
    const name = /^#e-([0-9a-f]{8})$/.exec(location.hash);
    const thread = one("#thread");
    if (!name || !thread || document.getElementById(location.hash.slice(1))) return;
    const url = new URL(location.href);
    if (url.searchParams.has("entry")) return;
    url.searchParams.delete("from");
    url.searchParams.set("entry", name[1]);
    location.replace(url);
  };
  addEventListener("hashchange", elsewhere);

  times(document);
  events();
  search();
  elsewhere();
})();
