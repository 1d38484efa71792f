/** Name without its prefix, vCPUs, maxmemory in bytes, maxclients, memcached MB and threads. */
export type NodeTypeRow = readonly [
  name: string,
  vcpus: number,
  maxMemoryBytes: number,
  maxClients: number,
  memcachedMb: number | null,
  memcachedThreads: number | null,
];

/**
 * The node types that can be asked for (AWS user guide: "Supported node types", "Redis-specific
 * parameters", "Memcached node-type specific parameters"). One figure differs from the guide:
 * memcached on c7gn.12xlarge, where it prints 325400 MB, four times the node's memory.
 */
export const nodeTypeRows: readonly NodeTypeRow[] = [
  ["t2.micro", 1, 581_959_680, 20_000, 555, 1],
  ["t2.small", 1, 1_665_138_688, 20_000, 1_588, 1],
  ["t2.medium", 2, 3_461_349_376, 20_000, 3_301, 2],
  ["t3.micro", 2, 536_870_912, 20_000, 512, 2],
  ["t3.small", 2, 1_471_026_299, 46_000, 1_402, 2],
  ["t3.medium", 2, 3_317_862_236, 46_000, 3_364, 2],
  ["t4g.micro", 2, 536_870_912, 20_000, 512, 2],
  ["t4g.small", 2, 1_471_026_299, 46_000, 1_402, 2],
  ["t4g.medium", 2, 3_317_862_236, 46_000, 3_164, 2],
  ["m4.large", 2, 6_892_593_152, 65_000, 6_573, 2],
  ["m4.xlarge", 4, 15_328_501_760, 65_000, 11_496, 4],
  ["m4.2xlarge", 8, 31_889_126_359, 65_000, 30_412, 8],
  ["m4.4xlarge", 16, 65_257_290_629, 65_000, 62_234, 16],
  ["m4.10xlarge", 40, 166_047_614_239, 65_000, 158_355, 40],
  ["m5.large", 2, 6_854_542_746, 65_000, 6_537, 2],
  ["m5.xlarge", 4, 13_891_921_715, 65_000, 13_248, 4],
  ["m5.2xlarge", 8, 27_966_669_210, 65_000, 26_671, 8],
  ["m5.4xlarge", 16, 56_116_178_125, 65_000, 53_516, 16],
  ["m5.12xlarge", 48, 168_715_971_994, 65_000, 160_900, 48],
  ["m5.24xlarge", 96, 337_500_562_842, 65_000, 321_865, 96],
  ["m6g.large", 2, 6_854_542_746, 65_000, 6_537, 2],
  ["m6g.xlarge", 4, 13_891_921_715, 65_000, 13_248, 4],
  ["m6g.2xlarge", 8, 27_966_669_210, 65_000, 26_671, 8],
  ["m6g.4xlarge", 16, 56_116_178_125, 65_000, 53_516, 16],
  ["m6g.8xlarge", 32, 111_325_552_312, 65_000, 107_000, 32],
  ["m6g.12xlarge", 48, 168_715_971_994, 65_000, 160_900, 48],
  ["m6g.16xlarge", 64, 225_000_375_228, 65_000, 214_577, 64],
  ["m7g.large", 2, 6_854_542_746, 65_000, 6_537, 2],
  ["m7g.xlarge", 4, 13_891_921_715, 65_000, 13_248, 4],
  ["m7g.2xlarge", 8, 27_966_669_210, 65_000, 26_671, 8],
  ["m7g.4xlarge", 16, 56_116_178_125, 65_000, 53_516, 16],
  ["m7g.8xlarge", 32, 111_325_552_312, 65_000, 107_000, 32],
  ["m7g.12xlarge", 48, 168_715_971_994, 65_000, 160_900, 48],
  ["m7g.16xlarge", 64, 225_000_375_228, 65_000, 214_577, 64],
  ["r4.large", 2, 13_201_781_556, 65_000, 12_590, 2],
  ["r4.xlarge", 4, 26_898_228_839, 65_000, 25_652, 4],
  ["r4.2xlarge", 8, 54_197_537_997, 65_000, 51_686, 8],
  ["r4.4xlarge", 16, 108_858_546_586, 65_000, 103_815, 16],
  ["r4.8xlarge", 32, 218_255_432_090, 65_000, 208_144, 32],
  ["r4.16xlarge", 64, 437_021_573_120, 65_000, 416_776, 64],
  ["r5.large", 2, 14_037_181_030, 65_000, 13_387, 2],
  ["r5.xlarge", 4, 28_261_849_702, 65_000, 26_953, 4],
  ["r5.2xlarge", 8, 56_711_183_565, 65_000, 54_084, 8],
  ["r5.4xlarge", 16, 113_609_865_216, 65_000, 108_347, 16],
  ["r5.12xlarge", 48, 341_206_346_547, 65_000, 325_400, 48],
  ["r5.24xlarge", 96, 682_485_973_811, 65_000, 650_869, 96],
  ["r6g.large", 2, 14_037_181_030, 65_000, 13_387, 2],
  ["r6g.xlarge", 4, 28_261_849_702, 65_000, 26_953, 4],
  ["r6g.2xlarge", 8, 56_711_183_565, 65_000, 54_084, 8],
  ["r6g.4xlarge", 16, 113_609_865_216, 65_000, 108_347, 16],
  ["r6g.8xlarge", 32, 225_000_375_228, 65_000, 214_577, 32],
  ["r6g.12xlarge", 48, 341_206_346_547, 65_000, 325_400, 48],
  ["r6g.16xlarge", 64, 450_000_750_456, 65_000, 429_154, 64],
  ["r7g.large", 2, 14_037_181_030, 65_000, 13_387, 2],
  ["r7g.xlarge", 4, 28_261_849_702, 65_000, 26_953, 4],
  ["r7g.2xlarge", 8, 56_711_183_565, 65_000, 54_084, 8],
  ["r7g.4xlarge", 16, 113_609_865_216, 65_000, 108_347, 16],
  ["r7g.8xlarge", 32, 225_000_375_228, 65_000, 214_577, 32],
  ["r7g.12xlarge", 48, 341_206_346_547, 65_000, 325_400, 48],
  ["r7g.16xlarge", 64, 450_000_750_456, 65_000, 429_154, 64],
  ["r6gd.xlarge", 4, 28_261_849_702, 65_000, null, null],
  ["r6gd.2xlarge", 8, 56_711_183_565, 65_000, null, null],
  ["r6gd.4xlarge", 16, 113_609_865_216, 65_000, null, null],
  ["r6gd.8xlarge", 32, 225_000_375_228, 65_000, null, null],
  ["r6gd.12xlarge", 48, 341_206_346_547, 65_000, null, null],
  ["r6gd.16xlarge", 64, 450_000_750_456, 65_000, null, null],
  ["c7gn.large", 2, 3_317_862_236, 65_000, 3_164, 2],
  ["c7gn.xlarge", 4, 6_854_542_746, 65_000, 6_537, 4],
  ["c7gn.2xlarge", 8, 13_891_921_715, 65_000, 13_248, 8],
  ["c7gn.4xlarge", 16, 27_966_669_210, 65_000, 26_671, 16],
  ["c7gn.8xlarge", 32, 56_116_178_125, 65_000, 53_516, 32],
  ["c7gn.12xlarge", 48, 84_357_985_997, 65_000, 80_450, 48],
  ["c7gn.16xlarge", 64, 113_609_865_216, 65_000, 108_347, 64],
];

/** The oldest engine versions that run on a family; null where the engine does not. */
export interface FamilyMinimums {
  readonly redis: string;
  readonly valkey: string;
  readonly memcached: string | null;
}

const anyVersion = "0";
const intel = { redis: anyVersion, valkey: "7.2", memcached: anyVersion };
const graviton2 = { redis: "5.0.6", valkey: "7.2", memcached: "1.5.16" };
const graviton3 = { redis: "6.2", valkey: "7.2", memcached: "1.5.16" };

/** By family, e.g. "m7g" (AWS user guide, "Supported node types"). */
export const familyMinimums: Readonly<Record<string, FamilyMinimums>> = {
  t2: intel,
  t3: intel,
  m4: intel,
  m5: intel,
  r4: intel,
  r5: intel,
  t4g: graviton2,
  m6g: graviton2,
  r6g: graviton2,
  m7g: graviton3,
  r7g: graviton3,
  c7gn: { redis: "6.2", valkey: "7.2", memcached: "1.6.6" },
  r6gd: { redis: "6.2", valkey: "7.2", memcached: null },
};
