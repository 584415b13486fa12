// Addresses of the console's views, and the token in what people paste.
import { describe, expect, test } from 'vitest';
import { hrefOf, parseRoute } from '../../../web/console/shell/route.js';
import { tokenIn } from '../../../web/console/shell/token-text.js';

describe('an address', () => {
  test.each(['', '#', '#/', '/'])('%j leads to the start', (hash) => {
    expect(parseRoute(hash)).toMatchObject({ view: '', rest: [] });
  });

  test('says view, place in it and filters, and is made from them again', () => {
    const href = hrefOf('inspector', ['x:3', 'a/b'], { type: 'job.offered', text: '' });
    expect(href).toBe('#/inspector/x%3A3/a%2Fb?type=job.offered');
    const { view, rest, query } = parseRoute(href);
    expect({ view, rest, query: [...query] }).toEqual({
      view: 'inspector',
      rest: ['x:3', 'a/b'],
      query: [['type', 'job.offered']],
    });
  });

  test('that somebody typed wrong is taken as it is', () => {
    expect(parseRoute('#/jobs/100%')).toMatchObject({ view: 'jobs', rest: ['100%'] });
  });
});

describe('the token', () => {
  const token = 'aZ09_-'.repeat(7).padEnd(43, 'x');

  test.each([
    token,
    `  ${token}\n`,
    `#token=${token}`,
    `http://127.0.0.1:7540/#token=${token}`,
    `http://127.0.0.1:7540/#a=b&token=${token}`,
  ])('is found in %j', (text) => {
    expect(tokenIn(text)).toBe(token);
  });

  test.each(['', 'hello', token.slice(1), `${token}x`, `http://127.0.0.1:7540/#${token}`, '#token='])(
    'is not found in %j',
    (text) => {
      expect(tokenIn(text)).toBeNull();
    },
  );
});
