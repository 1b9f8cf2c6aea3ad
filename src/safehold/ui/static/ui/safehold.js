// Small helps. Every page works without this file; nothing here holds a rule.
"use strict";
(() => {
  const root = document.documentElement;
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const status = (text) => { const live = one("#live"); if (live) live.textContent = text; };

  // Light or dark: the buttons post without a script; here the choice is taken on the spot.
  document.addEventListener("submit", (event) => {
    const choice = event.submitter && event.submitter.dataset.theme;
    if (choice === undefined) return;
    event.preventDefault();
    document.cookie = `safehold_theme=${choice}; path=/; max-age=31536000; samesite=lax; secure`;
    if (choice === "system") delete root.dataset.theme; else root.dataset.theme = choice;
    all("[data-theme]", event.target).forEach((b) => b.setAttribute("aria-pressed", String(b === event.submitter)));
  });

  // Copy buttons show themselves only where copying works.
  const prepare = (from) => {
    if (navigator.clipboard) all(".copy", from).forEach((button) => button.classList.add("ready"));
    all(".toast .close", from).forEach((button) => button.classList.add("ready"));
  };
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest(".copy");
    if (copy) {
      await navigator.clipboard.writeText(copy.dataset.copy);
      copy.classList.add("copied");
      status("Copied");
      setTimeout(() => copy.classList.remove("copied"), 1500);
    }
    const close = event.target.closest(".toast .close");
    if (close) close.closest(".toast").remove();
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // Toasts without an Undo leave by themselves, unless somebody is reading or using them.
  const leave = (toast) => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 3000, toast);
    else toast.remove();
  };
  all(".toast[data-seconds]").forEach((toast) => setTimeout(leave, toast.dataset.seconds * 1000, toast));

  // Filters that apply themselves when a choice changes; the Apply button stays for everybody else.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form.filters[data-live]");
    if (form && event.target.matches("select, input[type=date], input[type=checkbox]")) form.requestSubmit();
  });

  // Keys: / or Ctrl/Cmd-K to the search, ? for the list, Escape closes menus.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one("details.menu[open]");
      if (menu) { menu.open = false; one("summary", menu).focus(); }
    }
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    const palette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
    const search = one("input[type=search]");
    if (search && (palette || (event.key === "/" && !typing))) {
      event.preventDefault();
      search.focus();
      search.select();
    }
    const keys = one("#keys");
    if (event.key === "?" && !typing && keys && keys.showPopover) keys.showPopover();
  });

  const summary = one(".form-problems");
  if (summary) summary.focus();
  prepare(document);
  document.addEventListener("htmx:afterSwap", (event) => prepare(event.target));
})();
