/** The text format of Prometheus, version 0.0.4. */

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  /** Of a histogram's lines. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
  readonly labels: Labels
  /** A decimal where a number would lose something of it. */
  readonly value: number | string
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly Sample[]
}

/** A family without samples is left out: nothing was measured yet. */
export function writeExposition(families: readonly Family[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(writeFamily).join('')
}

export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples }
}

export function single(value: number | string): Sample[] {
  return [{ labels: {}, value }]
}

function writeFamily({ name, help, type, samples }: Family): string {
  const lines = samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${writeLabels(labels)} ${writeValue(value)}\n`)
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function writeLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.toWellFormed().replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function writeValue(value: number | string): string {
  if (value === Infinity) return '+Inf'
  return value === -Infinity ? '-Inf' : String(value)
}
