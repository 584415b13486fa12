// Text as the node and the command line write it: what stands between backticks is code.

/** `Run \`resultity-node status\`.` */
export const Words = ({ text }: { readonly text: string }) => (
  <>
    {text.split('`').map((part, index) =>
      // The parts have no names of their own, and no part ever moves.
      index % 2 === 1 ? <code key={`${index} ${part}`}>{part}</code> : part,
    )}
  </>
);
