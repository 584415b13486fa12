// The diagram grows with the page's type, as text does.

/** @param units of the drawing, of which 16 are as wide as the page's basic type size */
export const remOf = (units: number): string => `${units / 16}rem`;
