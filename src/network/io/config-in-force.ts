// Which configuration the network names to its nodes.
import type { MessageBody } from '../../protocol/messages/catalogue.js';
import type { ConfigPublisher } from '../publishing/config-publisher.js';

export const configInForce = (publisher: ConfigPublisher): MessageBody<'greeting'>['config'] => {
  const current = publisher.current();
  return current === undefined ? null : { version: current.version, digest: current.digest };
};
