// Questions for blind jobs: what people ask, with answers that a greedy model repeats. Chat and completion only; an
// embedding is compared after rounding, see blind-answer.ts.

export const BLIND_PROMPTS: readonly string[] = [
  'What is the capital of Portugal? Answer in one word.',
  'List the first five prime numbers, separated by commas.',
  'Translate to French: "The library opens at nine."',
  'In one sentence, what does a compiler do?',
  'Write the days of the week in order, separated by commas.',
  'What is 17 times 23? Answer with the number only.',
  'Name three gases found in the air we breathe.',
  'Rewrite in the past tense: "She walks to the station and buys a ticket."',
  'Which planet is closest to the sun?',
  'Explain in two sentences why the sky is blue.',
  'Give a synonym for "rapid".',
  'What comes next: 2, 4, 8, 16?',
  'Summarise in five words: "The meeting was moved to Thursday because the room was taken."',
  'Write a haiku about rain.',
  'What is the chemical symbol for sodium?',
  'Turn this into a question: "The train leaves at seven."',
];
