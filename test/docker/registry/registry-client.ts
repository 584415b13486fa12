// What a test asks a registry itself: to read a manifest, and to take one that no engine would push.
import { z } from 'zod';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const MANIFEST_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

const manifest = z.object({
  layers: z.array(z.object({ digest: z.string(), size: z.number() })),
});

export interface StoredManifest {
  readonly bytes: Buffer;
  /** Lowest first. */
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
}

/** `127.0.0.1:port/name` to the URL of one of its manifests. */
const manifestUrl = (repository: string, name: string): string => {
  const at = repository.indexOf('/');
  return `http://${repository.slice(0, at)}/v2/${repository.slice(at + 1)}/manifests/${name}`;
};

export const readManifest = async (repository: string, digest: string): Promise<StoredManifest> => {
  const answer = await fetch(manifestUrl(repository, digest), { headers: { accept: MANIFEST } });
  if (!answer.ok) throw new Error(`no manifest: ${answer.status} ${await answer.text()}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return { bytes, layers: manifest.parse(JSON.parse(bytes.toString())).layers };
};

export interface ListedPlatform {
  readonly digest: string;
  readonly architecture: string;
}

/** Puts one name over images for several processors. @returns the list's own digest */
export const publishList = async (
  repository: string,
  platforms: readonly ListedPlatform[],
): Promise<string> => {
  const manifests = [];
  for (const { digest, architecture } of platforms) {
    const { bytes } = await readManifest(repository, digest);
    manifests.push({
      mediaType: MANIFEST,
      size: bytes.length,
      digest,
      platform: { architecture, os: 'linux' },
    });
  }
  const answer = await fetch(manifestUrl(repository, 'list'), {
    method: 'PUT',
    headers: { 'content-type': MANIFEST_LIST },
    body: JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_LIST, manifests }),
  });
  const digest = answer.headers.get('docker-content-digest');
  if (!answer.ok || digest === null) throw new Error(`the list was refused: ${await answer.text()}`);
  return digest;
};
