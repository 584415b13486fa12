// The console's token out of what people paste: the token itself, or the whole address that `resultity-node console` prints.

/** 32 bytes in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** @returns null where there is none in it */
export const tokenIn = (text: string): string | null => {
  const trimmed = text.trim();
  const named = /(?:^|[#&])token=([^&\s]+)/.exec(trimmed)?.[1] ?? trimmed;
  return TOKEN.test(named) ? named : null;
};
