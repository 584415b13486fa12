// What XState 4 calls the events that XState itself sends.

const renamed: readonly (readonly [RegExp, string])[] = [
  [/^xstate\.done\.actor\.(.+)$/s, 'done.invoke.$1'],
  [/^xstate\.error\.actor\.(.+)$/s, 'error.platform.$1'],
  [/^xstate\.done\.state\.(.+)$/s, 'done.state.$1'],
  [/^xstate\.after\.([^.]+)\.(.+)$/s, 'xstate.after($1)#$2'],
];

export const classicEventType = (type: string): string => {
  const found = renamed.find(([pattern]) => pattern.test(type));
  return found === undefined ? type : type.replace(...found);
};
