// Bytes as an owner reads them.

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.5 GiB`; three digits tell enough. */
export const showBytes = (bytes: number): string => {
  let left = bytes;
  let unit = 0;
  while (left >= 1024 && unit < UNITS.length - 1) {
    left /= 1024;
    unit += 1;
  }
  return `${left >= 100 || unit === 0 ? Math.round(left) : Math.round(left * 10) / 10} ${UNITS[unit]}`;
};
