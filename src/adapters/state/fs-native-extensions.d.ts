// The package ships no types; this is the part of its README the node uses.
declare module 'fs-native-extensions' {
  /** Whole-file advisory lock of the kernel, held by the open file. False: another open file holds it. */
  export const tryLock: (fd: number) => boolean;
  export const unlock: (fd: number) => void;
}
