import type { Provider } from '../../shared/domain/provider.ts'

/** Counts tokens where nobody else did; off the event loop, however long the text is. */
export interface TokenCounter {
  count(provider: Provider, model: string, texts: readonly string[]): Promise<number>
  close(): Promise<void>
}
