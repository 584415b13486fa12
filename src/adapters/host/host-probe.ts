// What the node tells of its host. A part that cannot be found out is an honest nothing, never a guess.
import type { HardwareProfile } from '../../protocol/hardware.js';

export interface HostProbe {
  /**
   * Never rejects: a part that fails or is too slow has its fallback. Within three seconds, unless a GPU's tool
   * hangs: its driver may take long to wake, and gets 25.
   */
  probe(): Promise<HardwareProfile>;
  /**
   * What changes by itself: GPUs, memory and disk. As cheap as asking the vendors' tools once; the rest is as it was.
   * Never rejects either.
   * @param last what this probe told before
   */
  refresh(last: HardwareProfile): Promise<HardwareProfile>;
}
