/** A reader of the text format 0.0.4 that takes nothing for granted: what a collector might forgive, it refuses. */

export interface ReadSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** As it was written. */
  readonly text: string
}

export interface ReadFamily {
  readonly type: string
  readonly help: string
  readonly samples: readonly ReadSample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? ([+-]?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN)$`)
const PAIR = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] }

export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('It does not end with the end of a line.')
  const families = new Map<string, { type: string; help: string; samples: ReadSample[] }>()
  const lines = text.slice(0, -1).split('\n')
  let current: { name: string; type: string; samples: ReadSample[] } | null = null
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index]!
    const help = new RegExp(`^# HELP (${NAME}) ((?:[^\\\\]|\\\\[\\\\n])+)$`).exec(line)
    if (help) {
      const [, name = '', sentence = ''] = help
      const type = new RegExp(`^# TYPE ${name} (counter|gauge|histogram)$`).exec(lines[++index] ?? '')?.[1]
      if (type === undefined) throw new Error(`${name} has no type behind its help.`)
      if (families.has(name)) throw new Error(`${name} stands there twice.`)
      if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}.`)
      const samples: ReadSample[] = []
      families.set(name, { type, help: sentence, samples })
      current = { name, type, samples }
      continue
    }
    const sample = readSample(line)
    const suffix = current && sample.name.startsWith(current.name) ? sample.name.slice(current.name.length) : null
    if (!current || suffix === null || !SUFFIXES[current.type]?.includes(suffix)) throw new Error(`"${line}" stands under a foreign heading.`)
    current.samples.push(sample)
  }
  for (const [name, family] of families) examine(name, family)
  return families
}

function readSample(line: string): ReadSample {
  const match = SAMPLE.exec(line)
  if (!match) throw new Error(`"${line}" is no sample.`)
  const [, name = '', pairs, text = ''] = match
  return { name, labels: pairs === undefined ? {} : readLabels(pairs), value: text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text), text }
}

function readLabels(pairs: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let rest = pairs
  do {
    const match = PAIR.exec(rest)
    if (!match) throw new Error(`"${rest}" is no label.`)
    const [whole, name = '', value = '', comma] = match
    if (Object.hasOwn(labels, name)) throw new Error(`The label ${name} is given twice.`)
    labels[name] = value.replace(/\\(.)/g, (_all, one: string) => (one === 'n' ? '\n' : one))
    rest = rest.slice(whole.length)
    if (comma === ',' && rest === '') throw new Error(`"${pairs}" ends with a comma.`)
  } while (rest !== '')
  return labels
}

function examine(name: string, { type, samples }: ReadFamily): void {
  const keys = samples.map((sample) => `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`)
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has the same series twice.`)
  if (samples.length === 0) throw new Error(`${name} has no samples.`)
  if (type === 'counter' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} has counted below zero.`)
  if (type === 'histogram') examineHistogram(name, samples)
}

function examineHistogram(name: string, samples: readonly ReadSample[]): void {
  const groups = new Map<string, ReadSample[]>()
  for (const sample of samples) {
    const key = JSON.stringify(Object.entries(sample.labels).filter(([label]) => label !== 'le'))
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  for (const group of groups.values()) {
    const buckets = group.filter((sample) => sample.name.endsWith('_bucket'))
    const bounds = buckets.map(({ labels }) => (labels['le'] === '+Inf' ? Infinity : Number(labels['le'])))
    const [sums, counts] = ['_sum', '_count'].map((suffix) => group.filter((sample) => sample.name === `${name}${suffix}`))
    if (bounds.at(-1) !== Infinity || bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? -Infinity)))) throw new Error(`${name} has bounds that do not grow up to +Inf.`)
    if (buckets.some(({ value }, index) => value < (buckets[index - 1]?.value ?? 0))) throw new Error(`${name} counts less below a higher bound.`)
    if (sums?.length !== 1 || counts?.length !== 1 || counts[0]?.value !== buckets.at(-1)?.value) throw new Error(`${name} does not add up.`)
  }
}
