// Asks a person for the passphrase. The only file of the node's state that knows a terminal.
import { stderr, stdin } from 'node:process';

export interface PassphrasePrompt {
  /** @returns what was typed, not shown; undefined when the person gave up */
  ask(message: string): Promise<string | undefined>;
  /** Tells the person why it is asked again. */
  tell(message: string): void;
}

/** @returns undefined where nobody can be asked: no terminal, or a pipe */
export const terminalPrompt = (): PassphrasePrompt | undefined => {
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return {
    async ask(message) {
      const { isCancel, password } = await import('@clack/prompts');
      // On stderr: stdout is for data.
      const answer = await password({ message, output: stderr });
      return isCancel(answer) ? undefined : answer;
    },
    tell: (message) => void stderr.write(`${message}\n`),
  };
};
