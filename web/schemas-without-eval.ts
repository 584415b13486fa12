// zod compiles its faster parsers by `new Function`, which the pages' security policy forbids. It looks when a schema is
// made: a page imports this before anything with schemas.
import { z } from 'zod';

z.config({ jitless: true });
