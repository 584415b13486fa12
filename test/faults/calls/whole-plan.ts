// What the short life of everything and its judges agree on.

/** Every document is written so often: the second time there is a copy before it to keep. */
export const ROUNDS = 2;
/** Exit code of a life that was refused something in words. */
export const REFUSED = 3;
