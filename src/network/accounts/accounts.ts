// Who pays: accounts, their namespaces (the billing scopes), and the API keys that spend from one namespace.
import { ulid as newUlid } from 'ulid';
import { z } from 'zod';
import { millis, ulid } from '../../protocol/primitives.js';
import type { Clock } from '../scheduler/timing.js';
import type { NetworkStore } from '../store/store.js';
import {
  AccountNameError,
  UnknownAccountError,
  UnknownKeyError,
  UnknownNamespaceError,
} from './account-errors.js';
import { fingerprintOf, fits, keyIdOf, newApiKey } from './api-key.js';

/** An account's name and the part of a namespace after the slash. */
const slug = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/);
const namespaceId = z.string().regex(/^[a-z][a-z0-9-]{0,30}\/[a-z][a-z0-9-]{0,30}$/);

const account = z.object({
  account: ulid,
  name: slug,
  created_ms: millis,
  /** `name/part`, the first one `name/default`. */
  namespaces: z.array(namespaceId).min(1),
});
export type Account = z.infer<typeof account>;

const apiKey = z.object({
  /** `rk-xxxxxxxx-xxxxxxxx` */
  keyId: z.string(),
  namespace: namespaceId,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  last4: z.string().length(4),
  created_ms: millis,
  revoked_ms: millis.nullable(),
});
/** What may be shown of a key. */
export type ApiKey = Omit<z.infer<typeof apiKey>, 'sha256'>;

export interface Accounts {
  /**
   * Makes an account with one namespace, `<name>/default`.
   * @throws AccountNameError when the name is taken or not 1 to 31 of `a-z 0-9 -`, a letter first
   */
  createAccount(name: string): Promise<Account>;
  /** @param part after the slash. @returns the namespace. @throws UnknownAccountError, AccountNameError */
  createNamespace(account: string, part: string): Promise<string>;
  /** Oldest first. */
  accounts(): readonly Account[];
  hasNamespace(namespace: string): boolean;
  /** @returns the key with its secret, which is shown this once. @throws UnknownNamespaceError */
  createKey(namespace: string): Promise<ApiKey & { readonly secret: string }>;
  /**
   * @param bearer the whole key, without the word `Bearer`; anything a stranger sends
   * @returns undefined when the key is malformed, unknown, wrong or revoked: a caller cannot tell which
   */
  authenticate(bearer: string): { readonly namespace: string; readonly keyId: string } | undefined;
  /** Oldest first; of one namespace, or of all. */
  listKeys(namespace?: string): readonly ApiKey[];
  /** In force with the next request. Again: no change. @throws UnknownKeyError */
  revokeKey(keyId: string): Promise<ApiKey>;
}

export const createAccounts = (store: NetworkStore, clock: Clock): Accounts => {
  const byId = store.table('accounts', account);
  /** Name or namespace → account. */
  const names = store.table('account_names', z.object({ account: ulid }));
  const keys = store.table('api_keys', apiKey);

  const take = (name: string, owner: string): void => {
    if (names.get(name) !== undefined) {
      throw new AccountNameError(`'${name}' is taken`, { advice: 'Choose another name.' });
    }
    names.put(name, { account: owner });
  };

  return {
    createAccount: async (name) => {
      checkSlug(name);
      const nowMs = clock.nowMs();
      const made: Account = {
        account: newUlid(nowMs),
        name,
        created_ms: nowMs,
        namespaces: [`${name}/default`],
      };
      await store.transaction(() => {
        take(name, made.account);
        for (const namespace of made.namespaces) take(namespace, made.account);
        byId.put(made.account, made);
      });
      return made;
    },
    createNamespace: (id, part) => {
      checkSlug(part);
      return store.transaction(() => {
        const held = ulid.safeParse(id).success ? byId.get(id) : undefined;
        if (held === undefined) {
          throw new UnknownAccountError(`there is no account '${id}'`, { advice: 'List the accounts.' });
        }
        const namespace = `${held.name}/${part}`;
        take(namespace, id);
        byId.put(id, { ...held, namespaces: [...held.namespaces, namespace] });
        return namespace;
      });
    },
    accounts: () => [...byId.range()].map(({ value }) => value),
    hasNamespace: (namespace) =>
      namespaceId.safeParse(namespace).success && names.get(namespace) !== undefined,
    createKey: async (namespace) => {
      const { keyId, secret } = newApiKey();
      const shown: ApiKey = {
        keyId,
        namespace,
        last4: secret.slice(-4),
        created_ms: clock.nowMs(),
        revoked_ms: null,
      };
      await store.transaction(() => {
        if (!namespaceId.safeParse(namespace).success || names.get(namespace) === undefined) {
          throw new UnknownNamespaceError(`there is no namespace '${namespace}'`, {
            advice: 'List the accounts for their namespaces, or create an account first.',
          });
        }
        keys.put(keyId, { ...shown, sha256: fingerprintOf(secret) });
      });
      return { ...shown, secret };
    },
    authenticate: (bearer) => {
      const keyId = keyIdOf(bearer);
      if (keyId === undefined) return undefined;
      const held = keys.get(keyId);
      if (!fits(bearer, held?.sha256) || held === undefined || held.revoked_ms !== null) return undefined;
      return { namespace: held.namespace, keyId };
    },
    listKeys: (namespace) =>
      [...keys.range()]
        .map(({ value }) => shownOf(value))
        .filter((key) => namespace === undefined || key.namespace === namespace)
        .sort((one, other) => one.created_ms - other.created_ms),
    revokeKey: (keyId) =>
      store.transaction(() => {
        const held = keyId.length <= 64 && keyId !== '' ? keys.get(keyId) : undefined;
        if (held === undefined) {
          throw new UnknownKeyError(`there is no such key`, {
            advice: 'Name it by its public part, rk-xxxxxxxx-xxxxxxxx; list the keys to see it.',
          });
        }
        const revoked = { ...held, revoked_ms: held.revoked_ms ?? clock.nowMs() };
        keys.put(keyId, revoked);
        return shownOf(revoked);
      }),
  };
};

const shownOf = ({ sha256: _, ...shown }: z.infer<typeof apiKey>): ApiKey => shown;

const checkSlug = (name: string): void => {
  if (slug.safeParse(name).success) return;
  throw new AccountNameError(`'${name.slice(0, 64)}' cannot be a name`, {
    advice: 'Use 1 to 31 lower-case letters, digits and dashes, a letter first.',
  });
};
