import manifest from "../package.json" with { type: "json" };

/** The version of this Larder. */
export const version: string = manifest.version;
