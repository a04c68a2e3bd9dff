"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const toolbar = find("toolbar");
  if (!toolbar) return;
  const rules = [...document.querySelectorAll(".rule")].map((element) => ({
    element,
    heading: element.querySelector("summary").textContent.toLowerCase(),
    findings: [...element.querySelectorAll(".findings > li")].map((item) => ({
      item, file: item.dataset.file, text: item.textContent.toLowerCase(),
    })),
  }));
  const boxes = [...toolbar.querySelectorAll("input[name=severity]")];
  const search = find("search"), file = find("file"), toggle = find("toggle");
  const listed = rules.reduce((sum, rule) => sum + rule.findings.length, 0);
  const found = rules.reduce((sum, rule) => sum + Number(rule.element.dataset.count), 0);

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const path = file ? file.value : "";
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const narrowed = words.length > 0 || path !== "";
    let shown = 0, visible = 0;
    for (const rule of rules) {
      let here = 0;
      for (const { item, file: own, text } of rule.findings) {
        const matches = (!path || own === path) && words.every((word) => text.includes(word) || rule.heading.includes(word));
        item.hidden = !matches;
        here += matches;
      }
      const wanted = severities.has(rule.element.dataset.severity) && (!narrowed || here > 0);
      rule.element.hidden = !wanted;
      if (wanted) { visible += 1; shown += here; }
    }
    find("nothing").hidden = visible > 0;
    find("shown").textContent = listed ? `${shown.toLocaleString("en")} of ${found.toLocaleString("en")} findings` : "";
  }

  function openAll(open) {
    for (const rule of rules) rule.element.open = open;
    toggle.textContent = open ? "Close all" : "Open all";
  }

  search.addEventListener("input", () => {
    filter();
    if (search.value.trim()) openAll(true);
  });
  for (const box of boxes) box.addEventListener("change", filter);
  if (file) file.addEventListener("change", filter);
  toggle.addEventListener("click", () => openAll(toggle.textContent === "Open all"));
  toolbar.hidden = false;
  filter();
  if (listed <= 20) openAll(true);
})();
