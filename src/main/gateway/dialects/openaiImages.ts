/** An image is scaled down before it is cut up, so its kind of model bounds its tokens, wherever it lies and however large it is. */
const MOST_TOKENS_OF_AN_IMAGE: readonly (readonly [RegExp, number])[] = [
  // Eight tiles of 5,667 and a base of 2,833.
  [/^gpt-4o-mini/, 48_169],
  // 1,536 patches at the dearest multiplier, 2.46.
  [/^(?:gpt-4\.1-(?:mini|nano)|gpt-5-(?:mini|nano)|o4-mini)/, 3_779],
  // Eight tiles of 170 and a base of 85.
  [/^(?:gpt-4o|gpt-4-turbo|gpt-4\.1|gpt-4\.5|gpt-5|o1|o3|chatgpt-4o)(?:$|-)/, 1_445],
]
/** Ten thousand patches, the most that any model takes in full size, at the dearest multiplier. */
const OF_ANY_OTHER = 24_600

export function mostTokensOfAnImage(model: string): number {
  return MOST_TOKENS_OF_AN_IMAGE.find(([names]) => names.test(model))?.[1] ?? OF_ANY_OTHER
}
