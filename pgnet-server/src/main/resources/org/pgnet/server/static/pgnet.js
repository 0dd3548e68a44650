// Keeps pages up to date, and adds keys and dialogs. Everything can be read, and changed, without it.
(function () {
  "use strict";

  const $ = (selector, root) => (root || document).querySelector(selector);
  const $$ = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // ---- times: how long ago, in the reader's words

  function words(seconds) {
    const s = Math.max(0, Math.round(seconds));
    if (s < 60) return s + " s";
    if (s < 3600) return Math.floor(s / 60) + " min";
    if (s < 172800) return Math.floor(s / 3600) + " h" + (s < 36000 && Math.floor((s % 3600) / 60) ? " " + Math.floor((s % 3600) / 60) + " min" : "");
    return Math.floor(s / 86400) + " days";
  }

  function tellTimes() {
    const now = Date.now();
    for (const time of $$("time[data-age]")) {
      const at = Date.parse(time.dateTime);
      if (!time.title) time.title = time.textContent;
      const text = time.dataset.age === "for" ? "for " + words((now - at) / 1000) : at <= now ? words((now - at) / 1000) + " ago" : "in " + words((at - now) / 1000);
      if (time.textContent !== text) time.textContent = text;
    }
    for (const time of $$("time[data-clock]")) {
      if (!time.title) {
        time.title = time.textContent;
        time.textContent = new Date(time.dateTime).toLocaleTimeString([], { hour12: false });
      }
    }
    for (const countdown of $$("[data-until]")) {
      const left = (Date.parse(countdown.dataset.until) - now) / 1000;
      countdown.textContent = left > 0 ? "in " + words(Math.ceil(left)) : "now";
    }
  }

  // ---- the stream: parts of the page by their ids, while somebody looks

  let stream = null;

  function replace(id, html) {
    const region = document.getElementById(id);
    if (!region || region.contains($("select:focus, input[type=text]:focus"))) return;
    const open = new Set($$("details[open]", region).map((d) => d.querySelector("summary").textContent));
    const closed = new Set($$("details:not([open])", region).map((d) => d.querySelector("summary").textContent));
    const chosen = new Set($$("input[type=checkbox]:checked", region).map((box) => box.id));
    const at = $("tr.at", region);
    const focus = region.contains(document.activeElement) ? document.activeElement.id : "";
    const before = new Set($$("tr[data-row]", region).map((row) => row.id));
    region.innerHTML = html;
    for (const details of $$("details", region)) {
      const name = details.querySelector("summary").textContent;
      if (open.has(name)) details.open = true;
      if (closed.has(name)) details.open = false;
    }
    for (const id of chosen) if (document.getElementById(id)) document.getElementById(id).checked = true;
    if (at && document.getElementById(at.id)) document.getElementById(at.id).classList.add("at");
    if (focus && document.getElementById(focus)) document.getElementById(focus).focus({ preventScroll: true });
    if (before.size) for (const row of $$("tr[data-row]", region)) if (!before.has(row.id)) row.classList.add("fresh");
    if (window.htmx) window.htmx.process(region);
    tellTimes();
    tellChosen();
    if (id === "curves") draw();
  }

  function follow() {
    const url = document.body.dataset.live;
    if (!url || stream || document.hidden) return;
    stream = new EventSource(url);
    const pulse = $("#pulse");
    const tell = (text) => {
      if (pulse) { pulse.hidden = false; pulse.textContent = text; pulse.classList.toggle("lost", text !== "live"); }
    };
    let wasTold = false;
    stream.onopen = () => tell("live");
    stream.onerror = () => tell("connecting");
    stream.addEventListener("region", (event) => {
      const end = event.data.indexOf("\n");
      const id = event.data.slice(0, end);
      replace(id, event.data.slice(end + 1));
      if (id !== "problem") return;
      const isTold = $("#problem").textContent.trim() !== "";
      tell(isTold ? "waiting" : "live");
      // The page that could not be shown can be now. What nothing was told of may be there again: not too often.
      if (!isTold && $("main > .problem")) setTimeout(() => location.reload(), wasTold ? 0 : Math.max(0, 30000 - performance.now()));
      wasTold = isTold;
    });
    stream.addEventListener("over", () => { leave(); location.reload(); });
  }

  function leave() {
    if (stream) stream.close();
    stream = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : follow()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", follow);

  // ---- the curves: three strips on one axis

  const STRIPS = [
    { name: "Started", unit: " a second", colour: "--accent" },
    { name: "Failed", unit: " a second", colour: "--losing" },
    { name: "Waiting", unit: "", colour: "--delayed" },
  ];
  let plots = null;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function short(value) {
    if (value === null || value === undefined) return "–";
    if (value >= 1e6) return +(value / 1e6).toFixed(1) + "M";
    if (value >= 10000) return Math.round(value / 1000) + "k";
    return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(value < 0.1 ? 2 : 1);
  }

  function options(strip, index, width) {
    const last = index === STRIPS.length - 1;
    const line = colour("--line");
    return {
      width,
      height: last ? 118 : 94,
      cursor: { sync: { key: "strips" }, y: false, points: { size: 6 } },
      legend: { show: false },
      padding: [24, 8, last ? 0 : 6, 0],
      scales: { x: { time: true }, y: { range: (u, min, max) => [0, Math.max(1, max * 1.05)] } },
      axes: [
        { show: last, stroke: colour("--muted"), grid: { show: false }, ticks: { stroke: line, size: 4 }, size: 24, font: "11px system-ui", values: (u, seconds) => seconds.map((s) => new Date(s * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false })) },
        { stroke: colour("--muted"), grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 44, font: "11px system-ui", space: 30, incrs: [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6], values: (u, values) => values.map(short) },
      ],
      series: [
        {},
        { stroke: colour(strip.colour), width: 1.5, fill: colour(strip.colour) + "22", spanGaps: false, points: { show: false } },
      ],
      hooks: {
        setCursor: [(u) => name(u, strip, index, u.cursor.idx)],
      },
    };
  }

  function name(plot, strip, index, at) {
    const values = plot.data[1];
    let shown = at;
    if (shown === null || shown === undefined) {
      shown = values.length - 1;
      while (shown > 0 && values[shown] === null) shown--;
    }
    const label = plot.root.parentElement.querySelector(".strip-name b");
    if (label) label.textContent = short(values[shown]) + (values[shown] === null ? "" : strip.unit);
  }

  function draw() {
    const holder = $("#strips");
    const source = $("[data-points]");
    if (!holder || !source || !window.uPlot) return;
    const data = JSON.parse(source.dataset.points);
    if (!plots) {
      holder.textContent = "";
      plots = STRIPS.map((strip, index) => {
        const box = document.createElement("div");
        box.className = "strip";
        const label = document.createElement("span");
        label.className = "strip-name";
        label.append(strip.name, document.createElement("b"));
        box.append(label);
        holder.append(box);
        return new window.uPlot(options(strip, index, holder.clientWidth), [data[0], data[index + 1]], box);
      });
    } else {
      plots.forEach((plot, index) => plot.setData([data[0], data[index + 1]]));
    }
    plots.forEach((plot, index) => name(plot, STRIPS[index], index, null));
  }

  function redraw() {
    if (plots) plots.forEach((plot) => plot.destroy());
    plots = null;
    draw();
  }

  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("resize", () => {
    const holder = $("#strips");
    if (plots && holder) plots.forEach((plot) => plot.setSize({ width: holder.clientWidth, height: plot.height }));
  });

  // ---- dialogs: the page that asks before a change, without leaving this one

  const dialog = $("#dialog");

  function ask(url) {
    if (!dialog || !window.htmx) { location.href = url; return; }
    window.htmx.ajax("GET", url, { target: "#dialog-content", select: "#confirm", swap: "innerHTML" }).then(() => {
      if (!$("#confirm", dialog)) { location.href = url; return; }
      if (!dialog.open) dialog.showModal();
      const first = $("#confirm input:not([type=hidden]), #confirm .primary", dialog);
      if (first) first.focus();
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      ask(link.getAttribute("href"));
      return;
    }
    if (event.target.closest("[data-close]") && dialog && dialog.open) {
      event.preventDefault();
      dialog.close();
      return;
    }
    const copy = event.target.closest("[data-copy], [data-copy-from]");
    if (copy) {
      const from = copy.dataset.copyFrom ? document.getElementById(copy.dataset.copyFrom) : $("pre", copy.parentElement);
      navigator.clipboard.writeText(from.textContent).then(() => {
        const said = copy.textContent;
        copy.textContent = "Copied";
        setTimeout(() => { copy.textContent = said; }, 1200);
      });
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (form.matches("[data-dialog-form]") || (button && button.matches("[data-dialog-button]"))) {
      event.preventDefault();
      const fields = new URLSearchParams(new FormData(form));
      if (button && button.name) fields.set(button.name, button.value);
      if (form.matches("[data-list]") && !fields.has("id")) { say("Choose some requests first"); return; }
      ask(form.getAttribute("action") + "?" + fields.toString());
    }
  });

  // ---- lists: choosing, and keys

  function say(text) {
    const label = $("[data-chosen]");
    if (label) label.textContent = text;
  }

  function tellChosen() {
    if (!$("[data-chosen]")) return;
    const count = $$("[data-row] input:checked").length;
    say(count === 0 ? "Choose some, then" : count === 1 ? "1 request:" : count + " requests:");
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-all]")) for (const box of $$("[data-row] input[type=checkbox]")) box.checked = event.target.checked;
    tellChosen();
  });

  function move(step) {
    const rows = $$("[data-row]");
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.classList.contains("at"));
    const next = Math.min(rows.length - 1, Math.max(0, now < 0 ? 0 : now + step));
    rows.forEach((row) => row.classList.remove("at"));
    rows[next].classList.add("at");
    rows[next].scrollIntoView({ block: "nearest" });
    $("a", rows[next]).focus({ preventScroll: true });
  }

  function change(what) {
    const link = $('[data-key="' + what[0] + '"]');
    if (link) { ask(link.getAttribute("href")); return; }
    const chosen = $$("[data-row] input:checked").map((box) => box.value);
    const at = $("[data-row].at input[type=checkbox]");
    const ids = chosen.length ? chosen : at ? [at.value] : [];
    const back = $('[data-list] input[name="back"]');
    if (ids.length && back) {
      const fields = new URLSearchParams([["do", what], ["back", back.value]].concat(ids.map((id) => ["id", id])));
      ask("/change?" + fields.toString());
    }
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || (dialog && dialog.open)) return;
    if (event.target.closest("input:not([type=checkbox]), select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "r") change("retry");
    else if (event.key === "c") change("cancel");
    else if (event.key === "/" && $("#q")) { event.preventDefault(); $("#q").focus(); $("#q").select(); }
    else if (event.key === "Enter" && event.target === document.body && $("[data-row].at a")) $("[data-row].at a").click();
  });

  // ---- the filter: what is suggested continues the words that are there already

  const box = $("#q");
  const suggestions = $$("#filter-words option").map((option) => ({ option, word: option.value }));

  function suggest() {
    const before = box.value.slice(0, box.value.lastIndexOf(" ") + 1);
    for (const { option, word } of suggestions) option.value = before + word;
  }

  if (box) box.addEventListener("input", suggest);

  // ---- begin

  // Where there is no room for all of them, the page that is open is to be seen among the others.
  for (const current of $$('nav [aria-current="page"]')) {
    const nav = current.parentElement;
    nav.scrollLeft = current.offsetLeft - (nav.clientWidth - current.offsetWidth) / 2;
  }
  tellTimes();
  setInterval(tellTimes, 1000);
  draw();
  follow();
})();
