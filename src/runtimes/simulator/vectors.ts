// Embeddings that behave: unit length, the same for the same text, and near each other for texts that share tokens.
import { randomFrom } from './random.js';

export class Vectors {
  private readonly ofToken = new Map<number, Float32Array>();

  constructor(
    private readonly model: string,
    readonly dimensions: number,
  ) {}

  /** @param dimensions at most the model's own: the first ones, scaled to unit length again */
  embed(ids: readonly number[], dimensions: number): Float32Array {
    const sum = new Float32Array(dimensions);
    for (const id of ids) {
      const token = this.token(id);
      for (let at = 0; at < dimensions; at += 1) sum[at] = (sum[at] ?? 0) + (token[at] ?? 0);
    }
    let squares = 0;
    for (const value of sum) squares += value * value;
    if (squares === 0) {
      sum[0] = 1;
      return sum;
    }
    const scale = 1 / Math.sqrt(squares);
    for (let at = 0; at < dimensions; at += 1) sum[at] = (sum[at] ?? 0) * scale;
    return sum;
  }

  private token(id: number): Float32Array {
    const known = this.ofToken.get(id);
    if (known !== undefined) return known;
    const random = randomFrom('vector', this.model, id);
    const made = Float32Array.from({ length: this.dimensions }, () => random() - 0.5);
    this.ofToken.set(id, made);
    return made;
  }
}

/** Little-endian 32-bit floats, as OpenAI's base64 form has them. */
export const toBase64 = (vector: Float32Array): string => {
  const bytes = Buffer.alloc(vector.length * 4);
  for (let at = 0; at < vector.length; at += 1) bytes.writeFloatLE(vector[at] ?? 0, at * 4);
  return bytes.toString('base64');
};
