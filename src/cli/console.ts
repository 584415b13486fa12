// `console`: the link to the running node's page. It carries the token that opens the page's API.
import { Command } from 'commander';
import { dataPaths } from '../adapters/state/data-paths.js';
import { NodeError } from '../errors.js';
import { readPageToken } from '../pages/page-token.js';
import { answer, daemonOf, type NodeOptions, settingsOf, withPlace } from './node-options.js';
import type { CommandIo } from './output.js';

/** The node runs, and has no console. */
class NoConsoleError extends NodeError {
  readonly code = 'NO_CONSOLE';
  readonly retryable = false;
}

export const consoleCommand = (io: CommandIo): Command =>
  withPlace(
    new Command('console').description(
      "print the link to the running node's console, a page in your browser",
    ),
    ['console', 'console --json | jq -r .url'],
  ).action(async (options: NodeOptions) => {
    const { url, failure } = await daemonOf(options, io).console();
    if (url === null) throw noConsole(failure);
    const { config } = settingsOf(options, io);
    const token = await readPageToken(dataPaths(config.dataDir).consoleToken);
    answer(io, options, { url: `${url}/#token=${token}` }, (link) => io.stdout.write(`${link.url}\n`));
  });

const noConsole = (
  failure: { readonly message: string; readonly advice?: string | undefined } | null,
): NoConsoleError =>
  failure === null
    ? new NoConsoleError('the node was started without a console', {
        advice: 'Start it without --no-console, and with console.enabled not set to false.',
      })
    : new NoConsoleError(
        `the node has no console: ${failure.message}`,
        failure.advice === undefined ? {} : { advice: failure.advice },
      );
