// What a bundled program may ask of its launcher.
declare global {
  var keepCompiledCode: (() => void) | undefined;
}

/** Keeps the code compiled so far for those that start later. At a program's end that is done anyway. */
export const keepCode = (): void => globalThis.keepCompiledCode?.();
