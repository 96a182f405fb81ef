import type { Conversation, Gist, ToolOffer } from './conversation.ts'
import { significantWords } from './subject.ts'

const MOST_AT_ONCE = 4
const STEM = 5

/** The tools that a model would call now; none where it would speak instead. */
export function pickTools({ tools, toolChoice, isParallel }: Conversation, gist: Gist): readonly ToolOffer[] {
  if (tools.length === 0 || toolChoice.kind === 'none') return []
  if (toolChoice.kind === 'forced') return tools.filter(({ name }) => name === toolChoice.name).slice(0, 1)
  // Whoever has answers from its tools speaks, unless it may not.
  if (toolChoice.kind === 'auto' && gist.results.length > 0) return []

  const asked = stemsOf(gist.request)
  const ranked = tools
    .map((tool) => ({
      tool,
      named: hits(stemsOf(spelled(tool.name)), asked),
      described: hits(stemsOf(tool.description.slice(0, 500)), asked),
    }))
    .sort((a, b) => b.named * 3 + b.described - (a.named * 3 + a.described))
  const best = ranked[0]
  if (!best) return []
  if (best.named + best.described === 0) return toolChoice.kind === 'required' ? [best.tool] : []
  const others = isParallel ? ranked.slice(1).filter(({ named }) => named > 0) : []
  return [best, ...others].slice(0, MOST_AT_ONCE).map(({ tool }) => tool)
}

/** `getWeather_now` → `get Weather now` */
const spelled = (name: string): string => name.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/[_.-]+/g, ' ')

const stemsOf = (text: string): ReadonlySet<string> => new Set(significantWords(text).map((word) => word.slice(0, STEM)))

function hits(of: ReadonlySet<string>, asked: ReadonlySet<string>): number {
  return [...of].filter((stem) => asked.has(stem)).length
}
