import type {
  CacheReport,
  NodeReport,
  StatusReport,
} from "@larder/server/resources/status-report.ts";
import Table from "cli-table3";
import { counted, humanSize, shorten } from "./human.ts";
import type { Colors } from "./terminal.ts";

/** How a report is laid out. */
export interface Layout {
  readonly colors: Colors;
  /** Ids are cut to fit this width; null leaves every line as long as it is, for pipes. */
  readonly columns: number | null;
}

const headings = "Shard Node Role Zone Memory Ops/s Address PID State".split(" ");
const rightAligned: ReadonlySet<string> = new Set(["Memory", "Ops/s", "PID"]);
type Row = readonly string[];
const nodeColumn = headings.indexOf("Node");
const nodeIdLengthMin = 8;
const gap = "  ";

/** What `larder status` prints. */
export function statusText(report: StatusReport, layout: Layout): string {
  const { colors } = layout;
  if (report.caches.length === 0) {
    return [
      "No caches yet. Create one:",
      "",
      "  aws elasticache create-replication-group --replication-group-id shop \\",
      "    --replication-group-description demo --engine redis \\",
      "    --cache-node-type cache.t4g.small --num-cache-clusters 3 --automatic-failover-enabled",
    ].join("\n");
  }
  const fitted = fitNodeIds(report, layout.columns);
  const widths = columnWidths(fitted.flatMap((cache) => cache.rows));
  const blocks = fitted.map(({ cache, rows }) =>
    [...cacheLines(cache, colors), table(rows, widths, colors)].join("\n"),
  );
  return [...blocks, colors.dim(summary(report))].join("\n\n");
}

/** The rows of every cache, with node ids cut when the widest row would not fit `columns`. */
function fitNodeIds(report: StatusReport, columns: number | null) {
  const caches = report.caches.map((cache) => ({ cache, rows: cacheRows(cache) }));
  const widths = columnWidths(caches.flatMap(({ rows }) => rows));
  const total = widths.reduce((sum, width) => sum + width + gap.length, 0);
  const excess = columns === null ? 0 : total - columns;
  if (excess <= 0) return caches;
  const room = Math.max(nodeIdLengthMin, (widths[nodeColumn] ?? 0) - excess);
  return caches.map(({ cache, rows }) => ({
    cache,
    rows: rows.map((row) => row.with(nodeColumn, shorten(row[nodeColumn] ?? "", room))),
  }));
}

function cacheRows(cache: CacheReport): readonly Row[] {
  return cache.shards.flatMap((shard) =>
    shard.nodes.map((node) => [
      shard.id,
      node.id,
      node.role,
      node.zone,
      memoryOf(node),
      node.opsPerSecond === null ? "-" : Math.round(node.opsPerSecond).toLocaleString("en-US"),
      node.address ?? "-",
      node.pid === null ? "-" : String(node.pid),
      node.state,
    ]),
  );
}

function memoryOf(node: NodeReport): string {
  if (node.usedMemoryBytes === null) return "-";
  const used = humanSize(node.usedMemoryBytes);
  // Engines without a limit say 0.
  return node.maxMemoryBytes ? `${used} / ${humanSize(node.maxMemoryBytes)}` : used;
}

function columnWidths(rows: readonly Row[]): number[] {
  return headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
}

function cacheLines(cache: CacheReport, colors: Colors): readonly string[] {
  const facts = [cache.engine, cache.region].join(" · ");
  const state = stateColor(cache.state, colors)(`● ${cache.state}`);
  const lines = [`${colors.bold(cache.id)}${gap}${colors.dim(facts)}${gap}${state}`];
  // An available cache needs no explanation; every other state does.
  if (cache.state !== "available" && cache.because !== "") lines.push(`${gap}${cache.because}`);
  for (const [kind, address] of Object.entries(cache.endpoints)) {
    lines.push(`${gap}${colors.dim(`${kind} endpoint`)} ${address}`);
  }
  return lines;
}

function table(rows: readonly Row[], widths: readonly number[], colors: Colors): string {
  if (rows.length === 0) return `${gap}${colors.dim("no nodes yet")}`;
  const grid = new Table({
    chars: noBorders,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colWidths: [...widths],
    colAligns: headings.map((name) => (rightAligned.has(name) ? "right" : "left")),
  });
  grid.push(headings.map((name) => colors.dim(name)));
  for (const row of rows) {
    const state = row.at(-1) ?? "";
    grid.push([...row.slice(0, -1), stateColor(state, colors)(state)]);
  }
  return grid
    .toString()
    .split("\n")
    .map((line) => `${gap}${line.trimEnd()}`)
    .join("\n");
}

const noBorders = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "" },
  ...{ right: "", "right-mid": "", middle: gap },
};

const good: readonly string[] = ["available", "running"];
const bad: readonly string[] = ["down", "failed", "create-failed"];

/** Everything else is on its way. */
function stateColor(state: string, colors: Colors): (text: string) => string {
  if (good.includes(state)) return colors.green;
  return bad.includes(state) ? colors.red : colors.yellow;
}

function summary({ caches, version }: StatusReport): string {
  const nodes = caches.flatMap((cache) => cache.shards.flatMap((shard) => shard.nodes));
  const sum = (read: (node: NodeReport) => number | null) =>
    nodes.reduce((total, node) => total + (read(node) ?? 0), 0);
  const used = humanSize(sum((node) => node.usedMemoryBytes));
  const limit = humanSize(sum((node) => node.maxMemoryBytes));
  const ops = Math.round(sum((node) => node.opsPerSecond)).toLocaleString("en-US");
  return [
    counted(caches.length, "cache"),
    counted(nodes.length, "node"),
    `${used} of ${limit} used`,
    `${ops} ops/s`,
    `Larder ${version}`,
  ].join(" · ");
}
