// A network may be given by its HTTP or its WebSocket address; both lead to the same place.

/** `wss://host/` → `https://host` */
export const httpBase = (url: string): string => url.replace(/^ws(s?):/, 'http$1:').replace(/\/+$/, '');
