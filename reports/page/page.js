"use strict";
(function () {
  var root = document.documentElement;
  var store = {
    get: function (k) { try { return localStorage.getItem(k); } catch (e) { return null; } },
    set: function (k, v) { try { localStorage.setItem(k, v); } catch (e) { /* a page opened from a file may not keep anything */ } }
  };

  // Theme: auto, light, dark, in turn.
  var themes = ["auto", "light", "dark"];
  var button = document.getElementById("theme");
  function theme(t) {
    if (themes.indexOf(t) < 0) t = "auto";
    if (t === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", t);
    button.textContent = "Theme: " + t;
    return t;
  }
  var now = theme(store.get("flowbook-theme"));
  button.hidden = false;
  button.addEventListener("click", function () {
    now = theme(themes[(themes.indexOf(now) + 1) % themes.length]);
    store.set("flowbook-theme", now);
  });

  // All code at once.
  var code = document.getElementById("code");
  var listings = document.querySelectorAll("details.code");
  code.hidden = listings.length === 0;
  code.addEventListener("click", function () {
    var open = code.getAttribute("aria-pressed") !== "true";
    code.setAttribute("aria-pressed", String(open));
    code.textContent = open ? "Hide all code" : "Show all code";
    listings.forEach(function (d) { d.open = open; });
  });

  // Contents: open beside the text, closed above it; the chapter in view is marked.
  var toc = document.querySelector("details.toc");
  var wide = window.matchMedia("(min-width: 68rem)");
  function fold() { toc.open = wide.matches; }
  fold();
  wide.addEventListener("change", fold);
  toc.addEventListener("click", function (e) { if (e.target.closest("a") && !wide.matches) toc.open = false; });
  var links = Array.prototype.slice.call(toc.querySelectorAll("a"));
  var heads = links.map(function (a) { return document.getElementById(a.hash.slice(1)); });
  var current = null;
  function mark() {
    var at = null;
    heads.forEach(function (h, i) { if (h && h.getBoundingClientRect().top < 120) at = links[i]; });
    if (at === current) return;
    if (current) current.removeAttribute("aria-current");
    if (at) at.setAttribute("aria-current", "true");
    current = at;
  }
  var due = false;
  window.addEventListener("scroll", function () {
    if (due) return;
    due = true;
    requestAnimationFrame(function () { due = false; mark(); });
  }, { passive: true });
  mark();

  // A heading gives its own address.
  document.querySelectorAll("main :is(h2, h3, h4)[id]").forEach(function (h) {
    var a = document.createElement("a");
    a.className = "anchor";
    a.href = "#" + h.id;
    a.textContent = "#";
    a.setAttribute("aria-label", "Link to " + h.textContent);
    h.appendChild(a);
  });

  // Tables sort by a click, or Enter, on a heading: up, down, as it was.
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var body = table.tBodies[0];
    var rows = Array.prototype.slice.call(body.rows);
    if (rows.length < 2) return;
    var heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (th, k) {
      var b = document.createElement("button");
      b.type = "button";
      while (th.firstChild) b.appendChild(th.firstChild);
      th.appendChild(b);
      th.setAttribute("aria-sort", "none");
      b.addEventListener("click", function () {
        var next = { none: "ascending", ascending: "descending", descending: "none" }[th.getAttribute("aria-sort")];
        heads.forEach(function (h) { h.setAttribute("aria-sort", "none"); });
        th.setAttribute("aria-sort", next);
        order(rows, k, next).forEach(function (r) { body.appendChild(r); });
      });
    });
  });
  function order(rows, k, way) {
    if (way === "none") return rows;
    var sign = way === "ascending" ? 1 : -1;
    var keyed = rows.map(function (r, i) {
      var c = r.cells[k], v = c ? c.getAttribute("data-v") : null, text = c ? c.textContent.trim() : "";
      var n = v === null || v === "" ? NaN : Number(v);
      return { row: r, i: i, n: n, text: text, none: v === "" || text === "" || text === "–" };
    });
    keyed.sort(function (a, b) {
      if (a.none !== b.none) return a.none ? 1 : -1;
      var d = 0;
      if (!isNaN(a.n) && !isNaN(b.n)) d = a.n < b.n ? -1 : a.n > b.n ? 1 : 0;
      else if (isNaN(a.n) !== isNaN(b.n)) d = isNaN(a.n) ? 1 : -1;
      else d = a.text.localeCompare(b.text, "en", { numeric: true });
      return sign * d || a.i - b.i;
    });
    return keyed.map(function (x) { return x.row; });
  }
})();
