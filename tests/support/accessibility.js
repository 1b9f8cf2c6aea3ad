// What a page must be for everybody who uses it (WCAG 2.2 AA, as far as a script can tell). Returns a list of faults.
() => {
  const faults = [];
  const say = (element, what) => faults.push(`${what}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 160)}`);
  const all = (selector) => [...document.querySelectorAll(selector)];
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const unseen = (element) => Boolean(element.closest(".unseen, .skip, [aria-hidden=true]"));

  // Colours as [red, green, blue, alpha], whatever notation the browser hands out: a canvas reads them all.
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parsed = new Map();
  const colour = (text) => {
    if (!parsed.has(text)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = text;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      parsed.set(text, [r, g, b, a / 255]);
    }
    return parsed.get(text);
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== "none" && at !== document.documentElement) return null;
      layers.push(colour(style.backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    const canvasColour = colour(getComputedStyle(document.documentElement).colorScheme.includes("dark") &&
      matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#ffffff");
    return layers.reverse().reduce((below, layer) => over(layer, below), canvasColour);
  };
  const light = (channel) => { const c = channel / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };

  // 1.4.3 Text stands out from what is behind it.
  const seenTexts = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || seenTexts.has(element) || !shown(element) || unseen(element)) continue;
    seenTexts.add(element);
    if (element.closest(":disabled, [aria-disabled=true], option, script, style, noscript")) continue;
    const style = getComputedStyle(element), ground = behind(element);
    if (!ground) continue;
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    const found = ratio(over(colour(style.color), ground), ground);
    if (found < needed) say(element, `contrast ${found.toFixed(2)} is less than ${needed}`);
  }

  // 1.4.11 The edge or ground of a control stands out; while it has the focus, its ring is its edge.
  for (const control of all("input:not([type=hidden]), select, textarea")) {
    if (!shown(control) || control.closest(".unseen") || control.disabled) continue;
    const style = getComputedStyle(control), ground = behind(control.parentElement);
    if (!ground || ["checkbox", "radio", "file"].includes(control.type)) continue;
    const edge = over(colour(style.borderTopColor), ground), fill = over(colour(style.backgroundColor), ground);
    const ring = style.outlineStyle === "none" ? ground : over(colour(style.outlineColor), ground);
    const best = Math.max(parseFloat(style.borderTopWidth) ? ratio(edge, ground) : 1, ratio(fill, ground), ratio(ring, ground));
    if (best < 3) say(control, `the edge of a control has contrast ${best.toFixed(2)}`);
  }

  // 2.5.8 Targets are 24 by 24 pixels, unless they stand in a sentence or have that much room around them.
  const targets = all("a[href], button, summary, input:not([type=hidden]), select, textarea")
    .filter((each) => shown(each) && !unseen(each) && each.getClientRects().length);
  const boxes = new Map(targets.map((each) => [each, (each.closest("label") || each).getBoundingClientRect()]));
  for (const [target, box] of boxes) {
    if (box.width >= 24 && box.height >= 24) continue;
    const display = getComputedStyle(target).display;
    const around = (target.parentElement.textContent || "").trim().length > (target.textContent || "").trim().length;
    if (display === "inline" && around) continue;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const crowded = [...boxes].some(([other, its]) => {
      if (other === target || other.contains(target) || target.contains(other)) return false;
      const dx = Math.max(its.left - x, 0, x - its.right), dy = Math.max(its.top - y, 0, y - its.bottom);
      return Math.hypot(dx, dy) < 12;
    });
    if (crowded) say(target, `a target of ${box.width.toFixed(0)} by ${box.height.toFixed(0)} pixels, too close to others`);
  }

  // 4.1.2, 2.4.4 What can be used has a name.
  const named = (element) => {
    const by = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    if (by.length) return by.map((id) => document.getElementById(id)?.textContent || "").join(" ").trim();
    const own = element.getAttribute("aria-label") || [...(element.labels || [])].map((l) => l.textContent).join(" ");
    return (own || element.textContent || element.getAttribute("title") || element.alt || "").trim();
  };
  for (const each of all("a[href], button, summary, input:not([type=hidden]), select, textarea, progress, [role=dialog], [popover]"))
    if (!named(each)) say(each, "has no name");
  for (const image of all("img")) if (!image.hasAttribute("alt")) say(image, "an image without a text");
  for (const drawing of all("svg"))
    if (drawing.getAttribute("aria-hidden") !== "true" && !named(drawing) && drawing.getAttribute("role") !== "presentation")
      say(drawing, "a drawing that is neither hidden nor named");
  // 2.5.3 The name of a control holds the words on it.
  for (const each of all("a[aria-label], button[aria-label], summary[aria-label]")) {
    const bare = each.cloneNode(true);
    bare.querySelectorAll("[aria-hidden=true]").forEach((part) => part.remove());
    const words = bare.textContent.replace(/\s+/g, " ").trim().toLowerCase();
    if (shown(each) && words && !each.getAttribute("aria-label").toLowerCase().includes(words)) say(each, "its name hides its words");
  }

  // 1.3.1 Structure.
  if (!document.documentElement.lang) faults.push("the page names no language");
  if (!document.title.trim()) faults.push("the page has no title");
  if (all("main").length !== 1) faults.push(`${all("main").length} main parts`);
  if (all("h1").filter(shown).length !== 1) faults.push(`${all("h1").filter(shown).length} first headings`);
  const ids = all("[id]").map((each) => each.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`the id ${id} stands twice`);
  for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for", "popovertarget"])
    for (const each of all(`[${attribute}]`))
      for (const id of each.getAttribute(attribute).split(/\s+/).filter(Boolean))
        if (!document.getElementById(id)) say(each, `${attribute} points to nothing`);
  for (const each of all("[tabindex]")) if (each.tabIndex > 0) say(each, "a place of its own in the order of tabs");
  for (const list of all("ul, ol"))
    for (const child of list.children) if (!["LI", "SCRIPT", "TEMPLATE"].includes(child.tagName)) say(child, "in a list, but no item");
  for (const item of all("li")) if (!item.parentElement.matches("ul, ol, menu, [role=list]")) say(item, "an item of no list");
  for (const list of all("dl"))
    for (const child of list.children) if (!["DT", "DD", "DIV"].includes(child.tagName)) say(child, "in a list of facts, but none");
  for (const table of all("table")) {
    if (!table.caption && !named(table)) say(table, "a table without a caption");
    for (const head of table.querySelectorAll("thead th")) if (head.scope !== "col") say(head, "a heading for nothing");
    for (const head of table.querySelectorAll("thead th")) if (!head.textContent.trim() && !named(head)) say(head, "an empty heading");
  }
  const marks = { nav: all("nav"), aside: all("aside"), "form[role=search]": all("form[role=search]") };
  for (const [what, found] of Object.entries(marks))
    if (found.length > 1) for (const each of found) if (!named(each) || !(each.getAttribute("aria-label") || each.getAttribute("aria-labelledby"))) say(each, `one ${what} of several, without a name`);
  // Everything that is read stands in a part of the page that can be jumped to.
  for (const child of document.body.children)
    if (shown(child) && child.innerText?.trim() && !unseen(child) && !child.querySelector("main, nav, header, footer, [role=status]") &&
        !child.matches("main, nav, header, footer, aside, dialog, [role], [aria-live], [popover], script"))
      say(child, "in no part of the page");
  // 2.1.1 What scrolls can be scrolled with keys.
  for (const each of all("body *")) {
    const style = getComputedStyle(each);
    const scrolls = (each.scrollHeight > each.clientHeight + 1 && /auto|scroll/.test(style.overflowY)) ||
      (each.scrollWidth > each.clientWidth + 1 && /auto|scroll/.test(style.overflowX));
    if (scrolls && shown(each) && each.tabIndex < 0 && !each.querySelector("a[href], button, input, select, textarea, [tabindex='0']"))
      say(each, "scrolls, but not with keys");
  }
  return faults;
}
