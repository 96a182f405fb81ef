/** What a request says and wants, in words of neither provider. */
export interface Turn {
  readonly role: 'system' | 'user' | 'assistant' | 'tool'
  readonly text: string
}

export interface ToolOffer {
  readonly name: string
  readonly description: string
  /** The JSON schema of its arguments, as it came. Null: it takes free text. */
  readonly schema: unknown
}

export type ToolChoice = { readonly kind: 'auto' | 'required' | 'none' } | { readonly kind: 'forced'; readonly name: string }

export type Format = { readonly kind: 'text' | 'json-object' } | { readonly kind: 'json-schema'; readonly schema: unknown }

export interface Conversation {
  readonly model: string
  readonly turns: readonly Turn[]
  /** All text of the input that a tokeniser counts. */
  readonly inputTexts: readonly string[]
  /** Tokens of the input that stand in no text: frames around messages, images. */
  readonly frameTokens: number
  readonly tools: readonly ToolOffer[]
  readonly toolChoice: ToolChoice
  readonly isParallel: boolean
  readonly format: Format
  readonly stops: readonly string[]
  readonly mostTokens: number | null
}

/** The end of the request and the beginning of the instructions are enough to answer by, however long they are. */
const MOST_CHARACTERS = 4_000

export interface Gist {
  readonly instructions: string
  readonly request: string
  /** What tools have answered since somebody last asked for something. */
  readonly results: readonly string[]
}

export function gistOf(turns: readonly Turn[]): Gist {
  const asked = turns.findLastIndex(({ role }) => role === 'user')
  return {
    instructions: turns.find(({ role }) => role === 'system')?.text.slice(0, MOST_CHARACTERS) ?? '',
    request: turns[asked]?.text.slice(-MOST_CHARACTERS) ?? '',
    results: turns
      .slice(asked + 1)
      .filter(({ role }) => role === 'tool')
      .map(({ text }) => text.slice(0, MOST_CHARACTERS)),
  }
}
