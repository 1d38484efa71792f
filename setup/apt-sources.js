// @ts-check

/**
 * One configured source of packages. Field names are those of apt's deb822 format, in lower case.
 * @typedef {object} Source
 * @property {readonly string[]} suites
 * @property {readonly string[]} components
 * @property {ReadonlyMap<string, string>} fields everything else: URIs, Signed-By, …
 */

/** Options of the one-line format whose deb822 field has another name. */
const renamedOptions = new Map([
  ["arch", "architectures"],
  ["lang", "languages"],
  ["target", "targets"],
]);

/**
 * Reads the older format, a `deb [options] uri suite component…` a line (sources.list(5)).
 * @param {string} text
 * @returns {readonly Source[]}
 */
export function parseOneLineSources(text) {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = "", uri = "", suite = "", components = ""] = match;
    const fields = new Map([["uris", uri]]);
    for (const option of words(options)) {
      const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(option) ?? [];
      if (name === "") continue;
      fields.set(renamedOptions.get(name) ?? name.toLowerCase(), value.replaceAll(",", " "));
    }
    return [{ suites: [suite], components: words(components), fields }];
  });
}

/**
 * Reads the newer format, paragraphs of `Name: value` with continuation lines (sources.list(5)).
 * @param {string} text
 * @returns {readonly Source[]}
 */
export function parseDeb822Sources(text) {
  const withoutComments = text.split("\n").filter((line) => !line.startsWith("#"));
  return withoutComments
    .join("\n")
    .split(/\n\s*\n/)
    .map(parseParagraph)
    .filter((fields) => words(fields.get("types") ?? "").includes("deb"))
    .filter((fields) => !/^(no|false|0|off|without|disable)$/i.test(fields.get("enabled") ?? "yes"))
    .map((fields) => {
      const { suites, components, rest } = split(fields);
      return { suites: words(suites), components: words(components), fields: rest };
    });
}

/**
 * The paragraph of a source for the release's backports, at the place and with the key of the
 * machine's own source for the release; null if it has none.
 * @param {readonly Source[]} sources
 * @param {string} codename of the release, e.g. "bookworm"
 */
export function backportsSource(sources, codename) {
  const own = sources.find(
    (source) => source.suites.includes(codename) && source.components.includes("main"),
  );
  if (own === undefined) return null;
  const fields = [
    ["types", "deb"],
    ["suites", `${codename}-backports`],
    ["components", "main"],
    ...own.fields,
  ];
  return fields.map(([name, value]) => `${name}: ${value}\n`).join("");
}

/**
 * VERSION_CODENAME of /etc/os-release, or null.
 * @param {string} osRelease
 */
export function releaseCodename(osRelease) {
  return /^VERSION_CODENAME="?([a-z0-9-]+)"?\s*$/m.exec(osRelease)?.[1] ?? null;
}

/** @param {string} paragraph */
function parseParagraph(paragraph) {
  /** @type {Map<string, string>} */
  const fields = new Map();
  let last = "";
  for (const line of paragraph.split("\n")) {
    const match = /^([^\s:]+):\s*(.*?)\s*$/.exec(line);
    if (match !== null) {
      last = (match[1] ?? "").toLowerCase();
      fields.set(last, match[2] ?? "");
    } else if (/^\s+\S/.test(line) && last !== "") {
      // A value that goes on: a list, or a key that is written out in place.
      fields.set(last, `${fields.get(last)}\n${line.trimEnd()}`);
    }
  }
  return fields;
}

/** @param {Map<string, string>} fields */
function split(fields) {
  const rest = new Map(fields);
  for (const own of ["types", "suites", "components", "enabled"]) rest.delete(own);
  return {
    suites: fields.get("suites") ?? "",
    components: fields.get("components") ?? "",
    rest,
  };
}

/** @param {string} text */
function words(text) {
  return text.split(/\s+/).filter((word) => word !== "");
}
