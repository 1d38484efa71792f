import type { StatusReport } from "../resources/status-report.ts";

/** What `larder status` and `larder down` ask for. */
export interface Admin {
  status(): Promise<StatusReport>;
  /** Stops every node, its data saved. */
  down(): Promise<void>;
}
