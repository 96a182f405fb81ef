export type Encoding = 'o200k_base' | 'cl100k_base' | 'p50k_base' | 'r50k_base'

const ENCODINGS: readonly (readonly [RegExp, Encoding])[] = [
  [/^(?:gpt-4o|gpt-4\.[15]|gpt-5|chatgpt-4o|gpt-audio|gpt-realtime|o[134])(?:$|[-.])/, 'o200k_base'],
  [/^(?:gpt-4|gpt-3\.5|text-embedding-(?:ada-002|3-small|3-large)|davinci-002|babbage-002)(?:$|-)/, 'cl100k_base'],
  [/^(?:text-davinci-00[23]$|code-(?:davinci|cushman)-00\d$)/, 'p50k_base'],
  [/^(?:text-(?:davinci|curie|babbage|ada)-001|davinci|curie|babbage|ada)$/, 'r50k_base'],
]

/** How OpenAI's model cuts text into tokens; null where that is not published. */
export function encodingOf(model: string): Encoding | null {
  const name =
    model
      .replace(/^openai\//, '')
      .replace(/^ft:/, '')
      .split(':')[0] ?? ''
  return ENCODINGS.find(([names]) => names.test(name))?.[1] ?? null
}

/** For a model that nobody knows: that of OpenAI's newest ones. */
export const USUAL_ENCODING: Encoding = 'o200k_base'
