import { crashEverywhere, everyStepTwice } from "./crash-points.ts";
import { crashScenarios } from "./crash-scenarios.ts";
const names = process.argv.slice(2);
for (const s of crashScenarios.filter(x => names.length === 0 || names.some(n => x.name.includes(n)))) {
  const t = performance.now();
  try {
    console.log(s.name, "TWICE", await everyStepTwice(s), Math.round(performance.now() - t));
    const o = await crashEverywhere(s, (x) => console.log(x.point.moment, x.point.step, x.step, Math.round(x.settledMs), x.violations.join(";")));
    console.log(s.name, o.length, "points", Math.round(performance.now() - t), "ms");
  } catch (e) { console.log(s.name, e); }
}
