// Finds a half-open connection: asks for a sign of life now and again, and counts what stays silent as dead.

export interface SilenceWatch {
  /** Begins, or goes on with other times; milliseconds. */
  watch(pingMs: number, deadMs: number): void;
  /** The far end gave a sign of life. */
  heard(): void;
  end(): void;
}

export const watchSilence = (parts: {
  readonly ping: () => void;
  readonly dead: () => void;
}): SilenceWatch => {
  let pinging: NodeJS.Timeout | undefined;
  let dying: NodeJS.Timeout | undefined;
  let isOver = false;
  let signs = 0;

  const suspect = (): void => {
    const before = signs;
    // A process that was stopped has its timers first and what came meanwhile after: it is read before it is judged.
    setImmediate(() => {
      if (signs === before && !isOver) parts.dead();
    });
  };

  const end = (): void => {
    clearInterval(pinging);
    clearTimeout(dying);
  };

  return {
    watch: (pingMs, deadMs) => {
      end();
      pinging = setInterval(parts.ping, pingMs);
      dying = setTimeout(suspect, deadMs);
    },
    heard: () => {
      signs++;
      dying?.refresh();
    },
    end: () => {
      isOver = true;
      end();
    },
  };
};
