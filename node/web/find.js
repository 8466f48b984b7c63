// Search in a folder of pages: which pages hold all words that somebody types. Each file of the index is a script that calls
// one of the functions below, because a page from a disk may load nothing else.
"use strict";

(() => {
  const box = document.getElementById("q");
  const out = document.getElementById("found");
  const most = 50;
  let about = null;
  const shelves = new Map();
  const names = new Map();
  const coming = new Map();

  globalThis.althingFind = {
    about(given) { about = given; },
    names(number, pages) { names.set(number, pages); },
    words(shelf, words) { shelves.set(shelf, words); },
  };

  // Loads a file of the index once. What cannot be loaded is as good as empty.
  const load = (name) => {
    if (!coming.has(name)) {
      coming.set(name, new Promise((done) => {
        const script = document.createElement("script");
        script.src = `find/${name}.js`;
        script.onload = done;
        script.onerror = done;
        document.head.append(script);
      }));
    }
    return coming.get(name);
  };

  // As the words in the index: small, Latin letters without their marks.
  const special = { "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i" };
  const folded = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/[ßæœøđłı]/g, (letter) => special[letter]);
  const wordsOf = (text) => folded(text).split(/[^\p{Alphabetic}\p{N}]+/u).filter((word) => word !== "")
    .map((word) => [...word].slice(0, 40).join(""));
  const shelfOf = (word) => {
    if (/^[a-z0-9]{2}/.test(word)) { return word.slice(0, 2); }
    return `u${word.codePointAt(0).toString(16)}`;
  };

  // The pages of one word or of the words that begin with it, and how much each says: rare words say more.
  const pagesOf = async (word) => {
    const shelf = shelfOf(word);
    const scores = new Map();
    if (!about.shelves.includes(shelf)) { return scores; }
    await load(shelf);
    for (const [known, pages] of Object.entries(shelves.get(shelf) ?? {})) {
      if (!known.startsWith(word)) { continue; }
      const worth = Math.log(1 + about.pages / pages.length) * (known === word ? 2 : 1);
      for (const page of pages) { scores.set(page, Math.max(scores.get(page) ?? 0, worth)); }
    }
    return scores;
  };

  const line = ([file, title, kind, gist]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.className = "title";
    link.href = file;
    link.textContent = title === "" ? file : title;
    const text = document.createElement("span");
    text.className = "meta";
    text.textContent = [kind, gist].filter((part) => part !== "").join(" · ");
    item.append(link, text);
    return item;
  };

  let asked = 0;
  const find = async () => {
    const turn = ++asked;
    const words = [...new Set(wordsOf(box.value))];
    await load("about");
    if (about === null) {
      out.textContent = "The index of this copy is missing: it lies in the folder “find”.";
      return;
    }
    if (words.length === 0) { out.textContent = ""; return; }
    let all = null;
    for (const word of words) {
      const pages = await pagesOf(word);
      const both = new Map();
      for (const [page, worth] of pages) {
        if (all === null) { both.set(page, worth); } else if (all.has(page)) { both.set(page, worth + all.get(page)); }
      }
      all = both;
    }
    const named = async (page) => {
      const part = Math.floor(page / about.names);
      await load(`names-${part}`);
      return names.get(part)?.[page % about.names];
    };
    const ranked = [...all].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most * 4);
    const shown = [];
    for (const [page, worth] of ranked) {
      const name = await named(page);
      if (name === undefined) { continue; }
      const title = wordsOf(name[1]);
      const titled = words.filter((word) => title.some((known) => known.startsWith(word))).length;
      shown.push({ name, worth: worth + 3 * titled });
    }
    if (turn !== asked) { return; }
    shown.sort((a, b) => b.worth - a.worth);
    const count = document.createElement("p");
    count.className = "quiet";
    count.textContent = all.size === 0 ? "Nothing here holds all of these words."
      : `${all.size} ${all.size === 1 ? "page" : "pages"}${all.size > most ? `, the first ${most} of them` : ""}`;
    const list = document.createElement("ul");
    list.className = "list";
    list.append(...shown.slice(0, most).map((hit) => line(hit.name)));
    out.replaceChildren(count, list);
    const address = new URL(location.href);
    address.hash = `q=${encodeURIComponent(box.value)}`;
    history.replaceState(null, "", address);
  };

  box.addEventListener("input", () => { find(); });
  const begun = new URLSearchParams(location.hash.slice(1)).get("q");
  if (begun !== null) { box.value = begun; }
  find();
})();
