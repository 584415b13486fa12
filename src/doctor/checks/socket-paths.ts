// Unix sockets have short names: beyond some hundred bytes the system cuts them off or refuses.
import { basename, join } from 'node:path';
import { dataPaths } from '../../adapters/state/data-paths.js';
import { controlSocketOf } from '../../console/control-socket.js';
import type { Check } from '../check.js';
import { failure, ok } from '../finding.js';
import { configOf } from '../subject.js';

/** sun_path of Linux, less the terminating NUL; what the control socket is held to. */
const SYSTEM_BYTES = 107;
/** What an engine in a container is held to: some engines' libraries take less than the system. */
const ENGINE_BYTES = 90;
/** As long as the names the drivers choose. */
const ENGINE_SOCKET = 'c0123456789ab/engine.sock';

export const socketPaths: Check = {
  id: 'runtime.socket-path',
  about: 'The paths of the Unix sockets are short enough to be listened on.',
  look(subject) {
    const { dataDir, runtime } = configOf(subject);
    const control = Buffer.byteLength(controlSocketOf(dataDir));
    if (control > SYSTEM_BYTES) {
      return failure(
        `the control socket's path has ${control} bytes of ${SYSTEM_BYTES}: ${controlSocketOf(dataDir)}`,
        'Choose a shorter data directory (--data-dir).',
      );
    }
    const seen = `control socket ${control} of ${SYSTEM_BYTES} bytes`;
    if (runtime.driver === 'external') {
      const bytes = Buffer.byteLength(runtime.socket ?? '');
      return bytes > SYSTEM_BYTES
        ? failure(
            `the engine's socket has ${bytes} bytes of ${SYSTEM_BYTES}`,
            'Let the engine listen on a shorter path.',
          )
        : ok(seen);
    }
    // A process's socket moves to the system's temporary directory where the path is too long.
    if (runtime.driver === 'process') return ok(seen);
    // A volume is mounted whole and holds the one socket; a directory holds one for each spec.
    const path = join(
      runtime.socketDirectory ?? dataPaths(dataDir).runtime,
      runtime.socketVolume === undefined ? ENGINE_SOCKET : basename(ENGINE_SOCKET),
    );
    const engine = Buffer.byteLength(path);
    return engine > ENGINE_BYTES
      ? failure(
          `the engine's socket has ${engine} bytes of ${ENGINE_BYTES}: ${path}`,
          'Choose a shorter data directory (--data-dir), or set runtime.socketDirectory.',
        )
      : ok(`${seen}, engine's ${engine} of ${ENGINE_BYTES}`);
  },
};
