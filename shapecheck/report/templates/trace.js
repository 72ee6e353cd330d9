for (const root of document.querySelectorAll(".sc-trace:not([data-ready])")) {
  root.dataset.ready = "";
  const page = document.body.dataset;
  if (page.jpThemeLight) root.dataset.theme = page.jpThemeLight === "false" ? "dark" : "light";
  if (page.vscodeThemeKind) root.dataset.theme = page.vscodeThemeKind.endsWith("light") ? "light" : "dark";
  const axes = [...root.querySelectorAll(".axis")];
  const bar = root.querySelector(".bar");
  const words = (axis, name) => axis.dataset[name].split(" ").filter(Boolean);
  let kept = null; // the axis that stays followed
  let at = null; // the one followed now

  const shared = (some, others) => some.some((id) => others.includes(id));

  function follow(axis) {
    at = axis;
    root.classList.toggle("following", axis !== null);
    const ids = axis ? words(axis, "ids") : [];
    const kin = axis ? words(axis, "kin") : [];
    for (const other of axes) {
      const own = words(other, "ids");
      const same = axis !== null && (other === axis || shared(ids, own));
      const near = !same && axis !== null && (shared(kin, own) || shared(ids, words(other, "kin")));
      other.classList.toggle("is-same", same);
      other.classList.toggle("is-kin", near);
    }
    for (const line of root.querySelectorAll(".line")) {
      line.classList.toggle("has-axis", line.querySelector(".is-same") !== null);
    }
    tell(axis, ids);
  }

  function tell(axis, ids) {
    bar.hidden = axis === null;
    if (axis === null) return;
    const said = bar.querySelector(".bar-story");
    const program = axis.closest(".program");
    const stories = ids.map((id) => program.querySelector(`.story[data-id="${id}"]`)).filter(Boolean);
    said.replaceChildren(...stories.map((story) => {
      const copy = story.cloneNode(true);
      copy.hidden = false;
      return copy;
    }));
    if (!stories.length) said.textContent = axis.getAttribute("aria-label");
    const places = same(axis);
    bar.querySelector(".count").textContent = `${places.indexOf(axis) + 1} of ${places.length}`;
  }

  const same = (axis) => axes.filter((other) => other === axis || shared(words(axis, "ids"), words(other, "ids")));

  function keep(axis) {
    kept?.setAttribute("aria-pressed", "false");
    kept = axis;
    kept?.setAttribute("aria-pressed", "true");
    follow(axis);
  }

  function go(axis) {
    if (!axis) return;
    for (const other of axes) other.tabIndex = -1;
    axis.tabIndex = 0;
    axis.focus({ preventScroll: true });
    axis.closest("details")?.setAttribute("open", "");
    axis.closest(".line").scrollIntoView({ block: "nearest" });
  }

  function step(axis, by) {
    const places = same(axis);
    const next = places[(places.indexOf(axis) + by + places.length) % places.length];
    go(next);
    keep(next);
  }

  function otherLine(axis, by) {
    const line = axis.closest(".line");
    const beyond = axes.filter((other) => {
      const order = line.compareDocumentPosition(other.closest(".line"));
      return order & (by > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING);
    });
    const nearest = by > 0 ? beyond[0] : beyond[beyond.length - 1];
    return nearest && axes.find((other) => other.closest(".line") === nearest.closest(".line"));
  }

  root.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch" || kept) return;
    follow(event.target.closest(".axis"));
  });
  root.addEventListener("pointerleave", () => { if (!kept) follow(null); });
  root.addEventListener("focusin", (event) => {
    const axis = event.target.closest(".axis");
    if (axis && !kept) follow(axis);
  });
  root.addEventListener("click", (event) => {
    const axis = event.target.closest(".axis");
    if (axis) {
      go(axis);
      keep(kept === axis ? null : axis);
    } else if (event.target.closest(".next") && at) step(at, 1);
    else if (event.target.closest(".previous") && at) step(at, -1);
    else if (event.target.closest(".close")) keep(null);
  });
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && at) { keep(null); return; }
    const axis = event.target.closest(".axis");
    if (!axis) return;
    const index = axes.indexOf(axis);
    const moves = {
      ArrowRight: () => go(axes[index + 1]),
      ArrowLeft: () => go(axes[index - 1]),
      ArrowDown: () => go(otherLine(axis, 1)),
      ArrowUp: () => go(otherLine(axis, -1)),
      n: () => step(axis, 1),
      p: () => step(axis, -1),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  });
  if (axes.length) axes[0].tabIndex = 0;
}
