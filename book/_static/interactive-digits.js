/* Condition numbers and digits lost by inverting LU layers: Proposition on rounding, beside records. */
"use strict";
(() => {
  const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 };
  const digits = (precision) => -Math.log10(EPSILON[precision]);
  /** What rounding can do in one layer, relative to the input: (d + 1) ε κ(U) (1 + κ(L)). */
  const bound = (d, precision, lower, upper) => (d + 1) * EPSILON[precision] * upper * (1 + lower);
  const lost = (error, precision) => Math.max(0, Math.log10(error / EPSILON[precision]));
  const clipped = (value, precision) => Math.min(value, digits(precision));

  /** Digits that the bound allows to lose where both triangles have the condition number √κ. */
  function allowed(d, logarithm, precision) {
    const root = 10 ** (logarithm / 2);
    return lost(bound(d, precision, root, root), precision);
  }
  const GROUPS = [["trained", "fm-a", "dot"], ["untrained", "fm-b", "square"], ["layers", "fm-c", "diamond"]];
  const measured = (group, precision) =>
    (fourmasks.data.digits?.[group] ?? []).map((each) => [each.log10_condition, lost(each[precision], precision)]);

  fourmasks.digits = { bound, lost, allowed, measured };
  fourmasks.widget("digits", {
    label: "Decimal digits lost against the condition number, with measured points",
    controls: [
      {
        id: "logarithm", kind: "range", label: "condition number κ", value: 6, limits: () => [0, 18, 0.5],
        words: (state) => `10^${fourmasks.short(state.logarithm)}`,
      },
      {
        id: "precision", kind: "select", label: "computed in", value: "float32",
        options: () => [["float32", "single precision (float32)"], ["float64", "double precision (float64)"]],
      },
      {
        id: "size", kind: "range", label: "dimension d", value: 5, limits: () => [1, 11, 1],
        words: (state) => String(2 ** state.size),
      },
    ],
    draw(state, width) {
      const { precision, logarithm } = state;
      const d = 2 ** state.size;
      const all = digits(precision);
      const plot = new fourmasks.Plot({ x: [-0.4, 18.4], y: [-0.3, all + 1], width, height: 300 });
      const step = precision === "float32" ? 2 : 4;
      plot.axes({
        xticks: [0, 3, 6, 9, 12, 15, 18].map((v) => [v, v]),
        yticks: Array.from({ length: Math.floor(all / step) + 1 }, (_, n) => [n * step, n * step]),
        xlabel: "log₁₀ of the condition number κ", ylabel: "decimal digits lost",
      });
      plot.line([[-0.4, all], [18.4, all]], "fm-ink fm-dash");
      plot.text(plot.x(0), plot.y(all) - 6, `all ${fourmasks.short(all)} digits of ${precision}`, "", "start");
      plot.vertical(logarithm, "fm-faint");
      const range = Array.from({ length: 181 }, (_, n) => n / 10);
      plot.line(range.map((x) => [x, clipped(x, precision)]), "fm-ink");
      plot.line(range.map((x) => [x, allowed(d, x, precision)]).filter(([, y]) => y <= all), "fm-dash fm-b");
      for (const [group, colour, shape] of GROUPS.toReversed()) {
        for (const [x, y] of measured(group, precision)) plot[shape](x, clipped(y, precision), `${colour} fm-open`);
      }
      plot.dot(logarithm, clipped(logarithm, precision), "fm-here", 6);
      const under = fourmasks.legend(
        [
          ["fm-ink", "rule: log₁₀ κ digits"], ["fm-dash fm-b", `bound for one layer, d = ${d}`],
          ["fm-a fm-open", "trained networks", "dot"], ["fm-b fm-open", "untrained networks", "square"],
          ["fm-c fm-open", "single layers", "diamond"],
        ],
        width, 302,
      );
      return fourmasks.svg(width, 302 + under.height, plot + under.text);
    },
    say(state) {
      const { precision, logarithm } = state;
      const d = 2 ** state.size;
      const all = digits(precision);
      const { short } = fourmasks;
      const left = (value) => (all - value < 0.05 ? "none" : short(all - value, 2));
      const most = allowed(d, logarithm, precision);
      const near = GROUPS.slice(0, 2).flatMap(([group]) => measured(group, precision))
        .filter(([x]) => Math.abs(x - logarithm) <= 0.5).map(([, y]) => clipped(y, precision));
      const found = near.length
        ? `Measured: ${near.length} networks with a κ within half a power of ten lost ` +
          `${short(Math.min(...near), 2)} to ${short(Math.max(...near), 2)}.`
        : "No network with about this κ has been measured.";
      return [
        `κ = 10^${short(logarithm)}, of ${short(all)} digits: the rule of thumb leaves ${left(logarithm)}, ` +
          `the bound for one layer of dimension ${d} leaves ${left(most)}.`,
        found,
      ];
    },
  });
})();
