"use strict";
// Live previews, drafts that save themselves, links that copy. Without this file every form works by its buttons.
(() => {
  const post = (form, path, fields) => {
    const body = new URLSearchParams(fields);
    body.set("_secret", form.elements.namedItem("_secret").value);
    return fetch(path, { method: "POST", body, credentials: "same-origin" });
  };
  const later = (wait, work) => {
    let timer;
    return () => { clearTimeout(timer); timer = setTimeout(work, wait); };
  };

  for (const form of document.querySelectorAll("form[data-draft]")) {
    const saved = form.querySelector("[data-saved]");
    let sent = "";
    let gone = false;
    const keep = async () => {
      const fields = new URLSearchParams(new FormData(form));
      fields.delete("_secret");
      fields.delete("_do");
      const text = fields.toString();
      if (gone || text === sent) return;
      sent = text;
      fields.set("_form", form.dataset.draft);
      try {
        const answer = await post(form, "/drafts", fields);
        if (gone || !saved) return;
        saved.textContent = answer.ok ? "Kept as a draft on this node." : "Not kept as a draft: " + await answer.text();
      } catch {
        if (saved) saved.textContent = "Not kept as a draft: the node does not answer.";
      }
    };
    form.addEventListener("input", later(1500, keep));
    form.addEventListener("submit", () => { gone = true; });
  }

  for (const area of document.querySelectorAll("textarea[data-markdown]")) {
    let shown = area.parentElement.querySelector(".preview");
    let last = area.value;
    let turn = 0;
    const show = async () => {
      if (area.value === last && shown) return;
      last = area.value;
      const mine = ++turn;
      try {
        const answer = await post(area.form, "/preview", { text: area.value });
        if (!answer.ok || mine !== turn) return;
        if (!shown) {
          shown = document.createElement("div");
          shown.className = "preview";
          area.after(shown);
        }
        // Markup that this node made and sanitised, under a policy that runs no script of a page.
        shown.innerHTML = area.value.trim() ? await answer.text() : "";
      } catch { /* The button still shows it. */ }
    };
    area.addEventListener("input", later(400, show));
  }

  for (const area of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.className = "copy";
    button.addEventListener("click", async () => {
      area.select();
      try { await navigator.clipboard.writeText(area.value); button.textContent = "Copied"; } catch { button.textContent = "Press Ctrl+C"; }
    });
    area.after(button);
  }
})();
