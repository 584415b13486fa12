// Runs a GPU vendor's tool: no shell, no inherited environment, a limit even where the tool cannot be killed.
import { execFile } from 'node:child_process';

/** What became of one run. A tool that fails may still have said something worth reading. */
export type ToolAnswer =
  | { readonly kind: 'answered'; readonly succeeded: boolean; readonly output: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'hung' };

export type VendorTool = (program: string, parameters: readonly string[]) => Promise<ToolAnswer>;

const LIMIT_MS = 10_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** What a vendor's tool needs of the environment; the node's own settings are none of its business. */
const INHERITED = ['PATH', 'LD_LIBRARY_PATH', 'SystemRoot', 'HOME'] as const;

/**
 * @param options.searchPath where programs are looked up; `PATH` unless told
 * @param options.limitMs 10 s unless told: without its persistence daemon the NVIDIA driver takes seconds to wake
 */
export const createVendorTool =
  (options: { readonly searchPath?: string; readonly limitMs?: number } = {}): VendorTool =>
  (program, parameters) =>
    new Promise((resolve) => {
      const env: NodeJS.ProcessEnv = { LC_ALL: 'C' };
      for (const name of INHERITED) if (process.env[name] !== undefined) env[name] = process.env[name];
      if (options.searchPath !== undefined) env.PATH = options.searchPath;

      const child = execFile(
        program,
        [...parameters],
        { env, maxBuffer: MAX_OUTPUT_BYTES, windowsHide: true },
        (error, stdout, stderr) => {
          clearTimeout(timer);
          if (error?.code === 'ENOENT' || error?.code === 'EACCES') resolve({ kind: 'missing' });
          else resolve({ kind: 'answered', succeeded: error === null, output: `${stdout}\n${stderr}` });
        },
      );
      // A process asleep in the driver outlives SIGKILL, and would hold execFile's own time limit: let go of it.
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        child.stdout?.destroy();
        child.stderr?.destroy();
        child.unref();
        resolve({ kind: 'hung' });
      }, options.limitMs ?? LIMIT_MS);
    });
