// What the node tells of its host. A part that cannot be found out is an honest nothing, never a guess.
import type { HardwareProfile } from '../../protocol/hardware.js';

export interface HostProbe {
  /** Within three seconds, and never rejects: a part that fails or is too slow has its fallback. */
  probe(): Promise<HardwareProfile>;
}
