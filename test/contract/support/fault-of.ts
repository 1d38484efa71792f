import { Fault } from "@larder/server/aws/fault.ts";

/** The error that a call ends with, as its caller sees it; null if it does not. */
export function faultOf(work: () => unknown): { code: string; message: string } | null {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { code: error.code, message: error.message };
  }
}
