import type { Endpoint, Usage } from '../../../shared/domain/llm.ts'

/** What a request may cost at most, as far as the request tells. */
export interface Demand {
  readonly model: string
  readonly isStreamed: boolean
  /** Whether the client itself asked for usage in its stream; where that takes asking. */
  readonly asksForUsage: boolean
  /** As limited by the client; null where the model's own limit holds. */
  readonly mostOutputTokens: number | null
  /** Answers asked for at once. */
  readonly choices: number
  /** Inputs that are worked on one by one, each in a context of its own. */
  readonly prompts: number
  /** Text that a tokeniser would count, in order. Made when it is asked for. */
  readonly inputText: () => string[]
  /** Tokens that stand in no text: images, audio, overhead; an upper bound. */
  readonly otherInputTokens: number
  /** Of the body as it came. A token is a byte at least, so the text in it cannot have more tokens. */
  readonly bodyBytes: number
  /** Whether the model's tokeniser is known, so that a count of its text may be relied upon. */
  readonly isTokeniserKnown: boolean
  /** Input that lies elsewhere (an earlier answer, a file, a URL): only the model's context bounds it. */
  readonly isInputOpen: boolean
  /** The longest-lived cache that the request has its input written into; `unasked` where the provider may do so by itself. */
  readonly cacheWrite: 'unasked' | '5m' | '1h' | null
  /** Whether sound may go in or come out. */
  readonly hasAudio: boolean
  /** Searches of the web that may be charged for. */
  readonly mostWebSearches: number
  readonly serviceTier: string | null
}

/** What an answer said of itself. */
export interface Metered {
  /** Null where the provider said nothing of it. An explicit zero is a zero. */
  readonly usage: Usage | null
  /** The answer broke off before anybody said how long it is: what was reported of its output may be too little. */
  readonly isOutputPartial: boolean
  /** Searches that were seen; they stand in the usage as well, where there is one. */
  readonly webSearches: number
  readonly model: string | null
  readonly serviceTier: string | null
}

/** Reads one answer as it passes. */
export interface Meter {
  /** The whole body of an answer that is no stream. */
  body(json: unknown): void
  /** One event of a stream: its `data`, joined. Tells whether the client asked for it, or only we did. */
  event(data: string): { readonly isOursAlone: boolean }
  /** Characters of output so far, for an estimate while it runs. */
  readonly outputCharacters: number
  /** Text of the output so far, for counting where usage is missing. */
  outputText(): string
  metered(): Metered
  /** Why the answer ended where it did, in the provider's own words. */
  finishReasons(): readonly string[]
}

/** How one provider's requests and answers are read. Pure: it changes nothing and forwards nothing. */
export interface Dialect {
  /** Null where the endpoint costs nothing; a sentence where the request cannot be held to a budget. */
  readDemand(endpoint: Endpoint, json: unknown, bodyBytes: number): Demand | { readonly invalid: string } | null
  createMeter(endpoint: Endpoint, demand: Demand): Meter
}
