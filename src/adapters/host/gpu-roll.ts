// The GPUs this process has seen: one that its vendor's tool no longer tells of is lost, not forgotten.
import type { GpuSurvey } from './survey-gpus.js';

const SILENT = "its driver's tool no longer tells of it";

export interface GpuRoll {
  /** Calls the roll: the survey, and what is missing from it. */
  call(survey: GpuSurvey): GpuSurvey;
}

export const createGpuRoll = (): GpuRoll => {
  const seen = new Set<string>();
  return {
    call({ gpus, lost }) {
      const told = new Set([...gpus.map(({ uuid }) => uuid), ...lost.map(({ place }) => place)]);
      const missing = [...seen].filter((uuid) => !told.has(uuid));
      // Only a vendor's tool names a GPU in the same way each time.
      for (const { uuid, vendor } of gpus) if (vendor !== undefined) seen.add(uuid);
      // A tool may name a lost GPU by its place on the bus: it is one of the missing then.
      const placed = lost.filter(({ place }) => place === undefined || !seen.has(place)).length;
      const unexplained = missing.length > placed ? missing : [];
      return {
        gpus,
        lost: [...lost, ...unexplained.map((place) => ({ place, reason: SILENT }))].slice(0, 64),
      };
    },
  };
};
