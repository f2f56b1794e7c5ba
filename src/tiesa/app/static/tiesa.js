/* What pages do beyond links and forms. Everything essential works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("script");

  // Where the bars of places scroll (on a phone), the place one is at is in sight.
  document.querySelectorAll(".side [aria-current], .tabs [aria-current]").forEach((place) => {
    const bar = place.closest("nav, .tabs");
    bar.scrollLeft = place.offsetLeft - bar.offsetLeft - (bar.clientWidth - place.offsetWidth) / 2;
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.matches("[data-submits]")) field.form.requestSubmit();
  });

  const open = (id) => {
    const dialog = document.getElementById(id);
    if (dialog && !dialog.open) dialog.showModal();
  };

  document.addEventListener("click", async (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) { event.preventDefault(); open(opener.dataset.opens); return; }
    const copier = event.target.closest("[data-copies]");
    if (copier) {
      const text = document.getElementById(copier.dataset.copies).textContent.trim();
      await navigator.clipboard.writeText(text);
      copier.textContent = copier.dataset.copied || copier.textContent;
      return;
    }
    if (event.target.nodeName === "DIALOG") event.target.close();
    const menu = document.querySelector("details.menu[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });

  const typing = (element) => element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.nodeName));
  let waitsForPlace = 0;
  document.addEventListener("keydown", (event) => {
    const found = document.getElementById("palette-found");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open("palette"); return; }
    if (event.target.closest && event.target.closest("#palette") && found) {
      const links = [...found.querySelectorAll("a")];
      const here = links.findIndex((link) => link.classList.contains("chosen"));
      const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (move && links.length) {
        event.preventDefault();
        if (here >= 0) links[here].classList.remove("chosen");
        const next = links[(here + move + links.length) % links.length];
        next.classList.add("chosen");
        next.scrollIntoView({ block: "nearest" });
      } else if (event.key === "Enter" && here >= 0) {
        event.preventDefault();
        links[here].click();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") { event.preventDefault(); open("palette"); return; }
    if (event.key === "?") { open("keys"); return; }
    // g, then the place: the numbers of the navigation.
    if (event.key === "g") { waitsForPlace = Date.now(); return; }
    if (/^[1-9]$/.test(event.key) && Date.now() - waitsForPlace < 1500) {
      const link = document.querySelectorAll(".side nav a")[Number(event.key) - 1];
      if (link) link.click();
    }
    // j and k: down and up the rows of the first table that has links.
    if (event.key === "j" || event.key === "k") {
      const links = [...document.querySelectorAll("main tbody tr")].map((row) => row.querySelector("a")).filter(Boolean);
      const at = links.indexOf(document.activeElement);
      const next = links[Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), links.length - 1)];
      if (next) next.focus();
    }
  });

  // Times are kept in UTC; who hovers reads their own.
  document.addEventListener("mouseover", (event) => {
    const time = event.target.closest && event.target.closest("time[datetime]");
    if (time && !time.title) time.title = new Date(time.dateTime).toLocaleString();
  });
})();
