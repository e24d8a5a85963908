/* The distance of two masked users, Theorem 2.6: `fourmasks.pia.theory.masking` in JavaScript, beside records. */
"use strict";
(() => {
  /** Probabilities of 0, ..., n. */
  function binomial(n, p) {
    let choose = 1;
    return Array.from({ length: n + 1 }, (_, k) => {
      if (k) choose *= (n - k + 1) / k;
      return choose * p ** k * (1 - p) ** (n - k);
    });
  }
  const split = (keep) => 2 * keep * (1 - keep);
  const sum = (values) => values.reduce((a, b) => a + b, 0);

  function law(h, s, keep) {
    const found = Array(h + s + 1).fill(0);
    binomial(h, keep).forEach((p, i) => binomial(s, split(keep)).forEach((q, j) => (found[i + j] += p * q)));
    return found;
  }
  const mean = (h, s, keep) => keep * h + split(keep) * s;
  const closer = (h, s, keep) => sum(law(h, s, keep).slice(0, h)); // Pr[D' < h]
  const promised = (h, s, keep) => (1 - split(keep)) ** s * sum(binomial(h, keep).slice(0, h)); // Eq. (24)
  const cosine = (a, b, s) => s / Math.sqrt((a + s) * (b + s));
  function expectedCosine(a, b, s, keep) {
    const root = (n) => sum(binomial(n, keep).map((p, k) => p * Math.sqrt(k)));
    return (s * root(a + s) * root(b + s)) / ((a + s) * (b + s));
  }

  const networks = () => fourmasks.data.distance ?? [];
  const chosen = (state) => networks()[Number(state.network)];
  /** The rate among those measured that is nearest to a given one. */
  const nearest = (network, keep) =>
    network.keep.reduce((best, each, k) => (Math.abs(each - keep) < Math.abs(network.keep[best] - keep) - 1e-9 ? k : best), 0);

  fourmasks.distance = { law, mean, closer, promised, expectedCosine };
  fourmasks.widget("distance", {
    label: "The law of the distance of two masked users, and mean distances against the share of items kept",
    controls: [
      { id: "keep", kind: "range", label: "share of items kept, ρ", value: 0.5, limits: () => [0.05, 1, 0.05] },
      { id: "a", kind: "range", label: "items that only u has", value: 10, limits: () => [0, 30, 1] },
      { id: "b", kind: "range", label: "items that only v has", value: 10, limits: () => [0, 30, 1] },
      { id: "s", kind: "range", label: "items that both have, s", value: 10, limits: () => [0, 30, 1] },
      {
        id: "network", kind: "select", label: "measured on", value: "0",
        options: () => networks().map((each, k) => [k, each.name]),
      },
    ],
    draw(state, width) {
      const { a, b, s, keep } = state;
      const h = a + b;
      const found = law(h, s, keep);
      const most = Math.max(...found);
      const top = new fourmasks.Plot({ x: [-0.7, h + s + 0.7], y: [0, Math.min(1, most * 1.1)], width, height: 205 });
      const step = Math.max(1, Math.ceil((h + s) / 60)) * (h + s > 24 ? 10 : h + s > 12 ? 4 : 2);
      top.axes({
        xticks: found.map((_, d) => d).filter((d) => d % step === 0).map((d) => [d, d]),
        yticks: [0, most / 2, most].map((v) => [v, fourmasks.short(v, 2)]),
        xlabel: "distance D′ of the masked users", ylabel: "probability",
      });
      found.forEach((p, d) => top.bar(d, p, 0.8, d < h ? "fm-a" : "fm-b"));
      top.vertical(h, "fm-dash").vertical(mean(h, s, keep), "fm-ink");
      const above = fourmasks.legend(
        [
          ["fm-a", "closer than without masks", "bar"], ["fm-b", "not closer", "bar"],
          ["fm-dash", "without masks, h"], ["fm-ink", "mean"],
        ],
        width, 207,
      );
      const offset = 207 + above.height + 8;
      const rates = Array.from({ length: 96 }, (_, n) => 0.05 + n / 100);
      const plot = new fourmasks.Plot({ x: [0, 1], y: [0, 2.5], width, height: 240, offset });
      plot.axes({
        xticks: [0, 0.25, 0.5, 0.75, 1].map((v) => [v, v]), yticks: [0, 0.5, 1, 1.5, 2, 2.5].map((v) => [v, v]),
        xlabel: "share of items kept, ρ", ylabel: "relative to no mask",
      });
      plot.vertical(keep, "fm-ink");
      if (h) plot.line(rates.map((r) => [r, mean(h, s, r) / h]), "fm-a");
      if (h && a + s && b + s) {
        const apart = 1 - cosine(a, b, s);
        plot.line(rates.map((r) => [r, (1 - expectedCosine(a, b, s, r)) / apart]), "fm-b fm-dash");
      }
      const network = chosen(state);
      if (network) network.keep.forEach((r, k) => plot.dot(r, network.ratio[k], "fm-c", 4.5));
      const under = fourmasks.legend(
        [
          ["fm-a", "mean of D′"], ["fm-b fm-dash", "mean of 1 − cosine"],
          ...(network ? [["fm-c", "measured in a trained network", "dot"]] : []),
        ],
        width, offset + 242,
      );
      return fourmasks.svg(width, offset + 242 + under.height, top + above.text + plot + under.text);
    },
    say(state) {
      const { a, b, s, keep } = state;
      const h = a + b;
      const { short } = fourmasks;
      const lines = [];
      if (h) {
        lines.push(
          `Without masks the users differ in h = ${h} items, with them in ${short(mean(h, s, keep))} on average.`,
          `They come closer with probability ${short(closer(h, s, keep))}; Theorem 2.6 promises ${short(promised(h, s, keep))}.`,
        );
      } else lines.push(`Two views of one user: ${short(mean(h, s, keep))} of ${s} items apart on average.`);
      if (a + s && b + s) {
        lines.push(`Their cosine goes from ${short(cosine(a, b, s))} to ${short(expectedCosine(a, b, s, keep))} on average.`);
      }
      const network = chosen(state);
      if (network) {
        const k = nearest(network, keep);
        lines.push(
          `Measured on ${network.name}: at ρ = ${network.keep[k]} the users’ places are ${short(network.ratio[k])} times ` +
            `as far apart as without masks (mean of ${network.seeds} seeds).` +
            (network.drift === null
              ? ""
              : ` Drift of their ${network.neighbours} nearest neighbours at ρ = ${network.drift_keep}: ${short(network.drift)}.`),
        );
      }
      return lines;
    },
  });
})();
