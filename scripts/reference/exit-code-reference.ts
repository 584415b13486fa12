// The table of exit codes, read off the code.

/** Markdown: one row per code, with the errors that end in it. */
export const exitCodeReference = <Name extends string>(
  codes: Readonly<Record<Name, number>>,
  meanings: Readonly<Record<Name, string>>,
  byError: Readonly<Record<string, number>>,
): string =>
  `${[
    '# Exit codes',
    'Written by `npm run reference` from the code. The numbers never change their meaning. An error that is not listed here ends in 75 if the same may succeed later, else in 1; `healthcheck` knows only 0 and 1.',
    [
      '| code | means | errors |',
      '| ---: | --- | --- |',
      ...(Object.entries(codes) as [Name, number][]).map(([name, code]) => {
        const errors = Object.entries(byError).filter(([, one]) => one === code);
        return `| ${code} | ${meanings[name]} | ${errors.map(([error]) => `\`${error}\``).join(' ') || '–'} |`;
      }),
    ].join('\n'),
    '## Signals',
    [
      '`start` takes SIGTERM and SIGINT alike, in any state, and counts them:',
      '1. The first drains: no new jobs, running ones may finish within `shutdownGraceMs`, results still go out. Exit code 0.\n2. The second interrupts what still runs; each such job is signed as `interrupted` and handed back. Exit code 0.\n3. The third leaves at once with exit code 9. The journal is whole: the next start goes on from it.',
      'An order to drain or pause outlasts all of them: it is in force again at the next start.',
    ].join('\n\n'),
  ].join('\n\n')}\n`;
