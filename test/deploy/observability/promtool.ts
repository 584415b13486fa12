// Prometheus' own tool, where it is installed: Debian has it in the package `prometheus`.
import { spawn, spawnSync } from 'node:child_process';

export const HAS_PROMTOOL = spawnSync('promtool', ['--version']).status === 0;

/** @returns everything it said, and whether it was content */
export const promtool = (
  args: readonly string[],
  input = '',
): Promise<{ readonly ok: boolean; readonly said: string }> =>
  new Promise((resolve, reject) => {
    const child = spawn('promtool', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    const hear = (text: Buffer): void => {
      said += text.toString();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => resolve({ ok: code === 0, said }));
    child.stdin.end(input);
  });
