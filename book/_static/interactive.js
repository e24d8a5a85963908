/* What the interactive figures share: controls, a plot, and the figure that holds both.

   A page has <figure class="fm-figure fm-interactive" data-widget="masks"> with a static picture and a caption.
   The script of the widget calls `fourmasks.widget("masks", {...})`, which puts controls, a drawing and a
   sentence in place of the picture. Without JavaScript the picture stays. Nothing is loaded from elsewhere. */
"use strict";
window.fourmasks = (() => {
  const WIDTHS = [300, 680]; // of a drawing in pixels: one pixel is one unit, so that text keeps its size
  const STATIC = 440;
  const widgets = {};

  const escape = (text) =>
    String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
  const place = (value) => String(Math.round(value * 10) / 10);

  /** Return a number in words of a page: `digits` significant ones, no exponent where it can be avoided. */
  function short(value, digits = 3) {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e-4 && size < 1e5) return String(Number(value.toPrecision(digits))).replace("-", "−");
    return value.toExponential(digits - 1).replace("e+", "e").replace(/-/g, "−");
  }

  const diamond = (x, y, kind, half) =>
    `<path class="fm-dot ${kind}" d="M${place(x - half)} ${place(y)}l${half} ${-half}l${half} ${half}l${-half} ${half}z"/>`;

  /** A plot as SVG text: a box with scales, in which lines and marks are placed by their values. */
  class Plot {
    constructor({ x, y, width, height, left = 60, right = 8, top = 10, bottom = 42, offset = 0 }) {
      Object.assign(this, { xs: x, ys: y, left, right, top: top + offset, width, height, bottom });
      this.low = offset + height - bottom;
      this.parts = [];
    }
    x(value) {
      return this.left + ((value - this.xs[0]) / (this.xs[1] - this.xs[0])) * (this.width - this.left - this.right);
    }
    y(value) {
      return this.low - ((value - this.ys[0]) / (this.ys[1] - this.ys[0])) * (this.low - this.top);
    }
    add(text) {
      this.parts.push(text);
      return this;
    }
    text(x, y, words, kind = "", anchor = "middle") {
      const at = `x="${place(x)}" y="${place(y)}" text-anchor="${anchor}"`;
      return this.add(`<text ${at} class="fm-text ${kind}">${escape(words)}</text>`);
    }
    axes({ xticks, yticks, xlabel, ylabel }) {
      const end = this.width - this.right;
      for (const [value, words] of yticks) {
        const y = place(this.y(value));
        this.add(`<path class="fm-grid" d="M${this.left} ${y}H${place(end)}"/>`);
        this.text(this.left - 6, this.y(value) + 4, words, "", "end");
      }
      for (const [value, words] of xticks) {
        const x = place(this.x(value));
        this.add(`<path class="fm-axis" d="M${x} ${place(this.low)}v4"/>`);
        this.text(this.x(value), this.low + 17, words);
      }
      this.add(`<path class="fm-axis" d="M${this.left} ${place(this.low)}H${place(end)}"/>`);
      this.text((this.left + end) / 2, this.low + 35, xlabel);
      const middle = (this.top + this.low) / 2;
      return this.add(
        `<text transform="translate(11 ${place(middle)}) rotate(-90)" text-anchor="middle" class="fm-text">` +
          `${escape(ylabel)}</text>`,
      );
    }
    /** A line through [x, y] pairs; it breaks where a value is missing or outside of the box. */
    line(points, kind) {
      let path = "";
      let pen = false;
      for (const [x, y] of points) {
        const inside = Number.isFinite(y) && y >= this.ys[0] - 1e-9 && y <= this.ys[1] + 1e-9;
        if (inside) path += `${pen ? "L" : "M"}${place(this.x(x))} ${place(this.y(y))}`;
        pen = inside;
      }
      return this.add(`<path class="fm-line ${kind}" d="${path}"/>`);
    }
    vertical(x, kind) {
      return this.add(`<path class="fm-line ${kind}" d="M${place(this.x(x))} ${place(this.top)}V${place(this.low)}"/>`);
    }
    dot(x, y, kind, radius = 4) {
      return this.add(`<circle class="fm-dot ${kind}" cx="${place(this.x(x))}" cy="${place(this.y(y))}" r="${radius}"/>`);
    }
    square(x, y, kind, half = 3.5) {
      const corner = `x="${place(this.x(x) - half)}" y="${place(this.y(y) - half)}"`;
      return this.add(`<rect class="fm-dot ${kind}" ${corner} width="${2 * half}" height="${2 * half}"/>`);
    }
    diamond(x, y, kind, half = 5) {
      return this.add(diamond(this.x(x), this.y(y), kind, half));
    }
    bar(x, y, width, kind) {
      const [left, right] = [this.x(x - width / 2), this.x(x + width / 2)];
      const top = this.y(Math.min(y, this.ys[1]));
      const box = `x="${place(left)}" y="${place(top)}" width="${place(right - left)}" height="${place(this.low - top)}"`;
      return this.add(`<rect class="fm-bar ${kind}" ${box}/>`);
    }
    toString() {
      return this.parts.join("");
    }
  }

  const svg = (width, height, content) =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"` +
    ` class="fm-svg" role="img">${content}</svg>`;

  /** Marks and words in rows, under a plot, as wide as allowed. */
  function legend(entries, width, top) {
    const parts = [];
    let [x, y] = [4, top + 12];
    for (const [kind, words, shape] of entries) {
      const wide = 44 + 7 * words.length;
      if (x > 4 && x + wide > width) [x, y] = [4, y + 19];
      if (shape === "dot") parts.push(`<circle class="fm-dot ${kind}" cx="${place(x + 9)}" cy="${y - 4}" r="4"/>`);
      else if (shape === "square") {
        parts.push(`<rect class="fm-dot ${kind}" x="${place(x + 5.5)}" y="${place(y - 7.5)}" width="7" height="7"/>`);
      } else if (shape === "diamond") parts.push(diamond(x + 9, y - 4, kind, 5));
      else if (shape === "bar") {
        parts.push(`<rect class="fm-bar ${kind}" x="${place(x + 3)}" y="${y - 10}" width="12" height="12"/>`);
      } else parts.push(`<path class="fm-line ${kind}" d="M${place(x)} ${y - 4}h18"/>`);
      parts.push(`<text class="fm-text" x="${place(x + 24)}" y="${y}">${escape(words)}</text>`);
      x += wide;
    }
    return { text: parts.join(""), height: y - top + 8 };
  }

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  const initial = (widget) => Object.fromEntries(widget.controls.map((c) => [c.id, structuredClone(c.value)]));

  /** Make a control; return its elements and a function that shows a value in it. */
  function control(spec, id, state, changed) {
    if (spec.kind === "grid") return grid(spec, id, state, changed);
    const input = element(spec.kind === "select" ? "select" : "input", { id });
    const shown = element("span", { class: "fm-value", "aria-hidden": "true" });
    if (spec.kind === "select") {
      for (const [value, words] of spec.options()) input.append(element("option", { value }, words));
    } else input.type = "range";
    input.addEventListener(spec.kind === "select" ? "change" : "input", () => {
      state[spec.id] = spec.kind === "select" ? input.value : Number(input.value);
      changed(spec.id);
    });
    const show = () => {
      if (spec.kind === "range") {
        const [least, most, step] = spec.limits(state);
        Object.assign(input, { min: least, max: most, step });
        state[spec.id] = Math.min(most, Math.max(least, state[spec.id]));
        const words = spec.words ? spec.words(state) : short(state[spec.id]);
        shown.textContent = words;
        input.setAttribute("aria-valuetext", words);
      }
      input.value = state[spec.id];
    };
    const label = element("label", { for: id }, spec.label);
    const parts = spec.kind === "select" ? [label, input] : [label, input, shown];
    return { node: element("div", { class: `fm-control${spec.wide ? " fm-wide" : ""}` }, ...parts), show };
  }

  /** A small table of checkboxes; its value is rows of booleans. */
  function grid(spec, id, state, changed) {
    const boxes = state[spec.id].map((row, k) =>
      row.map((_, i) => {
        const box = element("input", { type: "checkbox", id: `${id}-${k}-${i}`, "aria-label": spec.name(k, i) });
        box.addEventListener("input", () => {
          state[spec.id][k][i] = box.checked;
          changed(spec.id);
        });
        return box;
      }),
    );
    const head = element("tr", {}, element("td"));
    spec.columns.forEach((words) => head.append(element("th", { scope: "col" }, words)));
    const table = element("table", { class: "fm-grid-table" }, head);
    boxes.forEach((row, k) => {
      const line = element("tr", {}, element("th", { scope: "row" }, spec.rows[k]));
      row.forEach((box) => line.append(element("td", {}, box)));
      table.append(line);
    });
    const node = element("fieldset", { class: "fm-fieldset" }, element("legend", {}, spec.label), table);
    return { node, show: () => boxes.forEach((row, k) => row.forEach((b, i) => (b.checked = state[spec.id][k][i]))) };
  }

  function mount(figure, name) {
    const widget = widgets[name];
    const state = initial(widget);
    const drawing = element("div", { class: "fm-drawing" });
    const says = element("output", { class: "fm-says" });
    let width = 0;
    const draw = () => {
      drawing.innerHTML = widget.draw(state, width);
      drawing.firstChild.setAttribute("aria-label", widget.label);
    };
    const changed = (id) => {
      widget.changed?.(state, id);
      made.forEach((each) => each.show());
      draw();
      says.replaceChildren(...widget.say(state).flatMap((line) => [element("span", {}, line), " "]));
    };
    const made = widget.controls.map((spec) => control(spec, `fm-${name}-${spec.id}`, state, changed));
    const controls = element("div", { class: "fm-controls" }, ...made.map((each) => each.node));
    figure.querySelector("img").replaceWith(controls, drawing, says);
    const measure = () => {
      const found = Math.round(Math.min(WIDTHS[1], Math.max(WIDTHS[0], drawing.clientWidth)));
      if (found !== width) {
        width = found;
        draw();
      }
    };
    measure();
    new ResizeObserver(measure).observe(drawing);
    changed(null);
    figure.dataset.ready = "yes";
  }

  function widget(name, made) {
    widgets[name] = made;
    const start = () => document.querySelectorAll(`figure[data-widget="${name}"]`).forEach((f) => mount(f, name));
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
    else start();
  }

  /** Return what a widget draws first, as the static picture has it. */
  const picture = (name) => widgets[name].draw(initial(widgets[name]), STATIC, true);

  return { Plot, data: {}, escape, legend, picture, short, svg, widget };
})();
