import { jsonText } from './json.ts'

/** Gathers from a request what its input may cost; text is only touched when somebody counts it. */
export interface Gatherer {
  text(text: unknown): void
  /** Something that is passed on as JSON: a tool's schema, an item that we do not know. */
  json(value: unknown): void
  /** Tokens that stand in no text. */
  tokens(count: number): void
  /** Input that lies elsewhere. */
  open(): void
  audio(base64: unknown): void
  inputText(): string[]
  readonly otherTokens: number
  readonly isOpen: boolean
  readonly hasAudio: boolean
}

/** Speech of the lowest quality is 6 kbit a second, and ten tokens: a hundred characters each. Half of that, for safety. */
const BASE64_CHARACTERS_FOR_AN_AUDIO_TOKEN = 50

export function createGatherer(): Gatherer {
  const texts: (string | { readonly json: unknown })[] = []
  let otherTokens = 0
  let isOpen = false
  let hasAudio = false
  return {
    text(text) {
      if (typeof text === 'string' && text !== '') texts.push(text)
    },
    json(value) {
      if (value !== undefined && value !== null) texts.push({ json: value })
    },
    tokens(count) {
      otherTokens += count
    },
    open() {
      isOpen = true
    },
    audio(base64) {
      hasAudio = true
      if (typeof base64 === 'string') otherTokens += Math.ceil(base64.length / BASE64_CHARACTERS_FOR_AN_AUDIO_TOKEN)
      else isOpen = true
    },
    inputText: () => texts.map((text) => (typeof text === 'string' ? text : jsonText(text.json))),
    get otherTokens() {
      return otherTokens
    },
    get isOpen() {
      return isOpen
    },
    get hasAudio() {
      return hasAudio
    },
  }
}
