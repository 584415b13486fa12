// Estimates how wide a text is drawn, without a font: the picture must come out the same on every machine, and still
// fit whatever sans-serif face the reader has. Shares of the font size, on the generous side (DejaVu Sans is widest).

const NARROW = /[iljtfrI.,:;|!'()[\]/ ]/;
const WIDE = /[mwMW@→…]/;
const UPPER = /[A-Z]/;

const shareOf = (character: string): number => {
  if (NARROW.test(character)) return 0.37;
  if (WIDE.test(character)) return 0.93;
  return UPPER.test(character) ? 0.7 : 0.6;
};

/** Width in pixels of one line of text at a font size in pixels. */
export const textWidth = (text: string, fontSize: number, bold = false): number =>
  [...text].reduce((width, character) => width + shareOf(character), 0) * fontSize * (bold ? 1.16 : 1);

/** Breaks a text into lines of at most so many characters, at spaces. */
export const wrapText = (text: string, columns: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};
