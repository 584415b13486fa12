// What a PromQL expression asks for: the metrics it names and the labels it uses. A strict reader of words, not a parser:
// promtool checks the grammar, this finds names that nothing exposes.

export interface PromqlNames {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
}

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'inf', 'nan'],
  ...['by', 'without', 'on', 'ignoring', 'group_left', 'group_right'],
]);
/** Followed by labels in parentheses. */
const GROUPING: ReadonlySet<string> = new Set([
  'by',
  'without',
  'on',
  'ignoring',
  'group_left',
  'group_right',
]);

const TOKEN =
  /\s+|"(?:[^"\\]|\\.)*"|\$?[A-Za-z_:][\w:]*|\[[^\]]*\]|(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?:ms|[smhdwy])?|[{}(),]|[=!<>]=|=~|!~|[-+*/%^<>=]/gy;

const tokensOf = (expression: string): readonly string[] => {
  const tokens: string[] = [];
  let at = 0;
  for (const match of expression.matchAll(TOKEN)) {
    if (match.index !== at) break;
    at += match[0].length;
    if (match[0].trim() !== '') tokens.push(match[0]);
  }
  if (at !== expression.length) throw new Error(`cannot read PromQL from ‘${expression.slice(at)}’`);
  return tokens;
};

const isWord = (token: string | undefined): token is string => /^[A-Za-z_:]/.test(token ?? '');

/** @throws Error where there is something it cannot read */
export const promqlNames = (expression: string): PromqlNames => {
  const metrics = new Set<string>();
  const labels = new Set<string>();
  const tokens = tokensOf(expression);
  let isGrouping = false;
  let isMatching = false;
  for (const [at, token] of tokens.entries()) {
    if (token === '{') isMatching = true;
    else if (token === '}') isMatching = false;
    else if (token === ')') isGrouping = false;
    if (!isWord(token)) continue;
    if (isGrouping || isMatching) labels.add(token);
    else if (KEYWORDS.has(token.toLowerCase()))
      isGrouping = GROUPING.has(token.toLowerCase()) && tokens[at + 1] === '(';
    else if (tokens[at + 1] !== '(' && !GROUPING.has(tokens[at + 1] ?? '')) metrics.add(token);
  }
  return { metrics: [...metrics], labels: [...labels] };
};
